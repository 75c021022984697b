import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogLevel } from '#core/admin.ts';
import { levelRequests, levelsBack, notTaken, singleRequests } from '#envoy/log-level-requests.ts';

type Named = Readonly<Record<string, string>>;
const levels = (all: Named): LogLevel[] => Object.entries(all).map(([logger, level]) => ({ logger, level }));
const wanted = (all: Named): ReadonlyMap<string, string> => new Map(Object.entries(all));

const component = { http: 'warning', pool: 'warning', misc: 'error' };
const files = { 'a/b.cc': 'info', 'a/c.cc': 'info', 'd.h': 'error' };

const cases: readonly (readonly [string, Named, Named, readonly unknown[]])[] = [
  ['nothing where all is so already', component, { http: 'warning' }, []],
  ['one list of what changes', component, { http: 'debug', pool: 'warning' }, [{ paths: levels({ http: 'debug' }) }]],
  [
    'one level where all are the same then',
    component,
    { http: 'debug', pool: 'debug', misc: 'debug' },
    [{ level: 'debug' }],
  ],
  [
    'fine-grain: the whole list, which replaces the one before',
    files,
    { 'a/b.cc': 'debug' },
    [{ paths: levels({ ...files, 'a/b.cc': 'debug' }) }],
  ],
  [
    'fine-grain, every logger: the level of those to come, then the whole list',
    { 'a/b.cc': 'debug', 'a/c.cc': 'debug', 'd.h': 'debug' },
    files,
    [{ level: 'info' }, { paths: levels(files) }],
  ],
];

for (const [title, current, after, requests] of cases) {
  test(`requests: ${title}`, () => assert.equal(levelRequests(levels(current), wanted(after)), requests));
}

test('one logger at a time, for an Envoy that has no lists', () => {
  assert.equal(
    singleRequests(levels(component), wanted({ http: 'debug', misc: 'trace' })),
    levels({ http: 'debug', misc: 'trace' }),
  );
});

test('many loggers at a time: all to what most shall have, then the others', () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`l${i}`, 'debug']));
  const back = { ...Object.fromEntries(Object.keys(many).map((name) => [name, 'warning'])), l3: 'error' };
  assert.equal(singleRequests(levels(many), wanted(back)), [{ level: 'warning' }, { logger: 'l3', level: 'error' }]);
});

test('a level that Envoy did not take is found', () => {
  assert.is(notTaken(levels(component), wanted({ http: 'warning' })), undefined);
  assert.equal(notTaken(levels(component), wanted({ http: 'debug' })), { logger: 'http', level: 'warning' });
});

test('files that were first logged from in the meantime get what most had, where all had been changed', () => {
  const now = levels({ 'a/b.cc': 'debug', 'a/c.cc': 'debug', 'd.h': 'debug', 'new.cc': 'debug' });
  assert.equal([...levelsBack(now, levels(files), true)], [...Object.entries({ ...files, 'new.cc': 'info' })]);
  assert.equal([...levelsBack(now, levels(files), false)], [...Object.entries(files)]);
  assert.equal(
    [...levelsBack(levels({ http: 'debug', new: 'debug' }), levels({ http: 'info' }), true)],
    [['http', 'info']],
    'components do not come and go',
  );
});

test.run();
