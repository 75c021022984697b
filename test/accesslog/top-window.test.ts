import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TopWindow, topKeyReader } from '#accesslog/top-window.ts';
import type { AccessEntry } from '#model/access-log.ts';

const entry: AccessEntry = {
  method: 'GET',
  authority: 'svc1.test:8443',
  serverName: 'svc1.test',
  responseCode: 503,
  durationMs: 100,
  routeName: 'named',
  upstreamHost: '10.64.0.1:4000',
  upstreamCluster: 'outbound|4001||svc1-tls.svc1.svc.cluster.local',
};

test('the busiest comes first, with its rate, its errors and its latency', () => {
  const window = new TopWindow();
  for (let n = 0; n < 10; n++) window.add('a', { ...entry, responseCode: n < 2 ? 500 : 200, durationMs: n * 10 });
  window.add('b', { responseCode: 0, responseFlags: ['NR'], durationMs: 3_600_000 });
  const [a, b] = window.rows(5000);
  assert.equal([a?.key, a?.requests, a?.errors, a?.perSecond, a?.latency?.max], ['a', 10, 2, 2, 90]);
  assert.equal(b, { key: 'b', requests: 1, errors: 1, perSecond: 0.2, latency: undefined });
  assert.equal([window.total(5000).requests, window.total(5000).errors], [11, 3]);
});

test('more keys than can be kept are counted together', () => {
  const window = new TopWindow();
  for (let n = 0; n < 6000; n++) window.add(`host${n}`, entry);
  const rows = window.rows(1000);
  assert.equal([rows.length, rows[0]?.key, rows[0]?.requests], [5001, '(others)', 1000]);
});

test('a request is counted under its host, route, pod, upstream or code', () => {
  const of = (by: Parameters<typeof topKeyReader>[0], route?: string): string =>
    topKeyReader(by, () => route)(entry, 'gw-1');
  assert.equal(
    [of('host'), of('route', 'svc1/main #1'), of('route'), of('pod'), of('upstream'), of('code')],
    ['svc1.test', 'svc1/main #1', 'named', 'gw-1', 'svc1/svc1-tls', '503'],
  );
  for (const by of ['host', 'route', 'upstream', 'code'] as const)
    assert.is(topKeyReader(by, () => undefined)({}, 'gw-1'), '-', by);
});

test.run();
