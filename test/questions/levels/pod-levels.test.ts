import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Admin, LoggingChange } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import { fetchLevels, setLevels } from '#questions/levels/pod-levels.ts';
import { rejection } from '../../support/rejection.ts';

interface Kind {
  /** Envoy before 1.22 takes `paths` for the name of a logger. */
  readonly hasLists: boolean;
  readonly obeys?: boolean;
}

/** As Envoy answers; its levels, and what was asked of it. */
function envoy(
  levels: Record<string, string>,
  { hasLists, obeys = true }: Kind,
): { admin: Admin; asked: LoggingChange[] } {
  const asked: LoggingChange[] = [];
  const apply = (change: LoggingChange): void => {
    const list =
      'paths' in change
        ? change.paths
        : 'logger' in change
          ? [change]
          : Object.keys(levels).map((logger) => ({ logger, level: change.level }));
    if (('paths' in change && !hasLists) || list.some(({ logger }) => levels[logger] === undefined)) {
      throw new ToolError('unsupported', 'cannot set log levels: Envoy answered 404');
    }
    if (obeys) for (const { logger, level } of list) levels[logger] = level;
  };
  const logging: Admin['logging'] = async (change) => {
    if (change) {
      asked.push(change);
      apply(change);
    }
    return `active loggers:\n${Object.entries(levels)
      .map(([logger, level]) => `  ${logger}: ${level}\n`)
      .join('')}\n`;
  };
  return {
    admin: { pod: { namespace: 'ns', name: 'gw' } as Pod, get: () => Promise.reject(new Error('not asked')), logging },
    asked,
  };
}

const wanted = new Map([
  ['http', 'debug'],
  ['pool', 'trace'],
]);

test('several loggers are one request, and the answer is what they are then', async () => {
  const { admin, asked } = envoy({ http: 'warning', pool: 'warning', misc: 'error' }, { hasLists: true });
  const after = await setLevels(admin, await fetchLevels(admin), wanted);
  assert.equal(
    after.map(({ logger, level }) => `${logger}:${level}`),
    ['http:debug', 'pool:trace', 'misc:error'],
  );
  assert.is(asked.length, 1);
});

test('an Envoy without lists gets one request for each', async () => {
  const { admin, asked } = envoy({ http: 'warning', pool: 'warning', misc: 'error' }, { hasLists: false });
  await setLevels(admin, await fetchLevels(admin), wanted);
  assert.equal(asked.slice(1), [
    { logger: 'http', level: 'debug' },
    { logger: 'pool', level: 'trace' },
  ]);
});

test('nothing is sent where nothing changes', async () => {
  const { admin, asked } = envoy({ http: 'debug', pool: 'trace' }, { hasLists: true });
  await setLevels(admin, await fetchLevels(admin), wanted);
  assert.equal(asked, []);
});

test('a proxy that says 200 and changes nothing is not believed', async () => {
  const { admin } = envoy({ http: 'warning', pool: 'warning' }, { hasLists: true, obeys: false });
  const error = await rejection(setLevels(admin, await fetchLevels(admin), wanted));
  assert.is(error.message, 'cannot set log levels of ns/gw: Envoy answered 200, and http is warning');
});

test('a connection that breaks is not taken for an Envoy without lists', async () => {
  const { admin, asked } = envoy({ http: 'warning', pool: 'warning' }, { hasLists: true });
  const broken = new ToolError('broken', 'lost');
  const logging: Admin['logging'] = async (change) => {
    if (change) {
      asked.push(change);
      throw broken;
    }
    return admin.logging();
  };
  assert.is(await rejection(setLevels({ ...admin, logging }, await fetchLevels(admin), wanted)), broken);
  assert.is(asked.length, 1);
});

test.run();
