import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LevelPlan, planLevels, previousLevels, readWantedLevels } from '#analysis/fleet/log-level.ts';
import type { LogLevel } from '#core/admin.ts';
import { hintText, ToolError } from '#core/error.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { podNamed as pod } from '../../support/builders/fleet.ts';

const levels = (all: Readonly<Record<string, string>>): LogLevel[] =>
  Object.entries(all).map(([logger, level]) => ({ logger, level }));
const proxy = { logLevel: 'warning', componentLogLevel: 'misc:error' } as ProxyInfo;

const refusal = (run: () => unknown): ToolError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error('expected an error');
};

const typed = [
  [['http:debug'], [['http', 'debug']]],
  [
    ['http:debug,router:trace', 'pool:info'],
    [
      ['http', 'debug'],
      ['router', 'trace'],
      ['pool', 'info'],
    ],
  ],
  [['all:warn'], [[undefined, 'warning']]],
  [['debug'], [[undefined, 'debug']]],
  [['http=Debug'], [['http', 'debug']]],
  [['ns::http:debug'], [['http', 'debug']]],
  [['source/server/server.cc:off'], [['source/server/server.cc', 'off']]],
] as const;

for (const [words, wanted] of typed) {
  test(`reads ${words.join(' ')}`, () => {
    assert.equal(
      readWantedLevels(words).map(({ logger, level }) => [logger, level]),
      wanted,
    );
  });
}

const wrong = [
  ['http', /e\.g\./],
  ['http:debgu', /^did you mean http:debug\?$/],
  ['all:none', /^did you mean all:off\?$/],
  ['http:', /e\.g\./],
  [':debug', undefined],
  ['', /e\.g\./],
] as const;

for (const [word, hint] of wrong) {
  test(`refuses "${word}"`, () => {
    const error = refusal(() => readWantedLevels([word]));
    assert.is(error.code, 'usage');
    if (hint) assert.match(hintText(error) ?? '', hint);
  });
}

const planned = (current: LogLevel[], words: string): LevelPlan =>
  planLevels([{ pod: pod('a'), current }], readWantedLevels([words]))[0] as LevelPlan;

test('a word for one logger counts more than one for all, wherever it stands; the last of two counts', () => {
  const { wanted, changed } = planned(
    levels({ http: 'debug', pool: 'info', misc: 'error' }),
    'http:trace,all:info,http:debug',
  );
  assert.equal(
    [...wanted],
    [
      ['http', 'debug'],
      ['pool', 'info'],
      ['misc', 'info'],
    ],
  );
  assert.equal(changed, levels({ misc: 'error' }));
});

test('a name that no pod has is refused, with the nearest one', () => {
  const error = refusal(() => planned(levels({ http: 'info', http2: 'info' }), 'pool:debug'));
  assert.is(error.message, 'cannot set pool: Envoy has no such logger, and nothing was changed');
  assert.is(error.hint, 'there are http, http2');
  assert.is(refusal(() => planned(levels({ router: 'info' }), 'ruoter:debug')).hint, 'did you mean router?');
});

test('a name that only some pods have names the others', () => {
  const pods = [
    { pod: pod('a'), current: levels({ http: 'info' }) },
    { pod: pod('b'), current: levels({ http: 'info', mcp: 'info' }) },
  ];
  assert.is(
    refusal(() => planLevels(pods, readWantedLevels(['mcp:debug']))).message,
    'cannot set mcp: a has no such logger, and nothing was changed',
  );
});

test('a file of fine-grain logging is found by a part of its name', () => {
  const current = levels({ 'source/common/http/conn_manager_impl.cc': 'info' });
  assert.is(
    refusal(() => planned(current, 'conn_manager_impl:debug')).hint,
    'did you mean source/common/http/conn_manager_impl.cc?',
  );
});

const none = (): undefined => undefined;
const current = levels({ http: 'warning', pool: 'debug', misc: 'error' });

test('what a pod had is put back, of the loggers that are changed only', () => {
  assert.equal(previousLevels(planned(current, 'http:debug,pool:debug'), proxy, none), {
    namespace: 'istio-system',
    pod: 'a',
    all: false,
    levels: levels({ http: 'warning' }),
  });
});

test('a raised level that goes back to what Envoy was started with is not raised again', () => {
  assert.is(previousLevels(planned(current, 'pool:warning'), proxy, none), undefined);
  // misc was started with error
  assert.equal(previousLevels(planned(current, 'all:warning'), proxy, none)?.levels, levels({ misc: 'error' }));
});

test('what an earlier change has still to put back counts more than what is there now', () => {
  const earliest = (logger: string): string | undefined => (logger === 'pool' ? 'info' : undefined);
  assert.equal(previousLevels(planned(current, 'all:trace'), proxy, earliest), {
    namespace: 'istio-system',
    pod: 'a',
    all: true,
    levels: levels({ http: 'warning', pool: 'info', misc: 'error' }),
  });
  assert.is(previousLevels(planned(current, 'pool:info'), proxy, earliest), undefined, 'this is putting it back');
});

test.run();
