import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isWholeDump, readAdminPath } from '#core/admin-path.ts';
import { hintText, ToolError } from '#core/error.ts';

test('reads path and query, with or without the slash', () => {
  assert.equal(readAdminPath('stats/prometheus'), { path: 'stats/prometheus' });
  assert.equal(readAdminPath('/stats?usedonly&filter=^a%2Eb?c'), {
    path: 'stats',
    query: { usedonly: '', filter: '^a.b?c' },
  });
});

const refused = [
  ['/quitquitquit', /it ends Envoy/],
  ['/healthcheck/fail?x', /health checks of this pod fail/],
  ['/reset_counters', /erases the counters/],
  ['/logging?level=debug', /it sets log levels/],
  ['/tap', /traffic/],
  ['//stats', /does not know whether it only reads/],
  ['/stats/', /does not know whether it only reads/],
  ['/stats/../quitquitquit', /does not know whether it only reads/],
  ['/%71uitquitquit', /does not know whether it only reads/],
  ['/stats;quitquitquit', /does not know whether it only reads/],
  ['/Stats', /does not know whether it only reads/],
  ['http://localhost:15000/stats', /does not know whether it only reads/],
  ['/constructor', /does not know whether it only reads/],
  ['', /does not know whether it only reads/],
] as const;

for (const [path, why] of refused) {
  test(`refuses "${path}" and says why`, () => {
    assert.throws(
      () => readAdminPath(path),
      (error: unknown) => error instanceof ToolError && error.code === 'usage' && why.test(error.message),
    );
  });
}

test('a misspelt path gets a suggestion, another one the list', () => {
  assert.throws(
    () => readAdminPath('server_inf'),
    (error: ToolError) => error.hint === 'did you mean server_info?',
  );
  assert.throws(
    () => readAdminPath('what_is_this'),
    (error: ToolError) => hintText(error)?.startsWith('the paths that read are certs, clusters, ') === true,
  );
});

test('only a config_dump without resource is a whole one', () => {
  assert.is(isWholeDump(readAdminPath('config_dump')), true);
  assert.is(isWholeDump(readAdminPath('config_dump?include_eds&resource=')), true);
  assert.is(isWholeDump(readAdminPath('config_dump?resource=dynamic_listeners')), false);
  assert.is(isWholeDump(readAdminPath('init_dump')), false);
});

test.run();
