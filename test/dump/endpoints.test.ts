import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clustersDumpOf, readClusterNames, readEndpoints } from '#dump/endpoints.ts';
import type { Endpoint } from '#model/cluster.ts';
import { camelCased } from '../support/dump.ts';

const clusters = (...hosts: object[]): object => ({
  cluster_statuses: [{ name: 'outbound|80||a', host_statuses: hosts }],
});
const readOne = (host: object): Endpoint => readEndpoints(clusters(host))[0] as Endpoint;
const health = (status: object): unknown[] => {
  const { health: found, reasons } = readOne({ health_status: status });
  return [found, reasons];
};

test('counters are read where they are asked for: one that cannot be read is no matter elsewhere', () => {
  const json = clusters({ stats: [{ name: 'rq_total', value: 'many' }] });
  assert.is(readEndpoints(json, { withCounters: false })[0]?.stats, undefined);
  assert.throws(() => readEndpoints(json), /cluster_statuses\[0\]\.host_statuses\[0\]\.stats\[0\]\.value is "many"/);
});

test('reads a host', () => {
  const host = {
    address: { socket_address: { address: '10.64.0.7', port_value: 4000 } },
    stats: [
      { name: 'rq_total', value: '12' },
      { type: 'GAUGE', name: 'cx_active' },
    ],
    health_status: { eds_health_status: 'HEALTHY' },
    weight: 3,
    priority: 1,
    locality: { region: 'eqiad', zone: 'row-a', sub_zone: 'rack-1' },
    success_rate: { value: 98.5 },
    hostname: 'pod.example',
  };
  assert.equal(readOne(host), {
    cluster: 'outbound|80||a',
    address: '10.64.0.7:4000',
    health: 'HEALTHY',
    reasons: [],
    weight: 3,
    priority: 1,
    locality: 'eqiad/row-a/rack-1',
    successRate: 98.5,
    hostname: 'pod.example',
    stats: { rq_total: 12, cx_active: 0 },
  });
  assert.equal(readEndpoints(camelCased(clusters(host))), readEndpoints(clusters(host)));
});

test('has defaults for what a host does not say', () => {
  const { cluster: _, ...host } = readOne({});
  assert.equal(host, {
    address: '',
    health: 'HEALTHY',
    reasons: [],
    weight: 1,
    priority: 0,
    locality: '',
    successRate: undefined,
    hostname: undefined,
    stats: {},
  });
});

test('keeps every host with its cluster; a cluster without hosts has none', () => {
  const at = (port: number): object => ({ address: { socket_address: { address: '::1', port_value: port } } });
  const statuses = [
    { name: 'a', host_statuses: [at(1), at(2)] },
    { name: 'empty' },
    { name: 'b', host_statuses: [{ address: { pipe: { path: '/run/x' } } }] },
  ];
  assert.equal(
    readEndpoints({ cluster_statuses: statuses }).map(({ cluster, address }) => [cluster, address]),
    [
      ['a', '[::1]:1'],
      ['a', '[::1]:2'],
      ['b', '/run/x'],
    ],
  );
  assert.equal(readEndpoints({}), []);
});

for (const [status, found, reasons] of [
  [{}, 'HEALTHY', []],
  [{ eds_health_status: 'UNKNOWN' }, 'HEALTHY', []],
  [{ eds_health_status: 'HEALTHY', pending_dynamic_removal: true }, 'HEALTHY', []],
  [{ failed_outlier_check: false }, 'HEALTHY', []],
  [{ failed_outlier_check: true, eds_health_status: 'HEALTHY' }, 'UNHEALTHY', ['failed_outlier_check']],
  [
    { failed_active_health_check: true, pending_active_hc: true },
    'UNHEALTHY',
    ['failed_active_health_check', 'pending_active_hc'],
  ],
  [{ eds_health_status: 'UNHEALTHY' }, 'UNHEALTHY', ['eds: UNHEALTHY']],
  [{ eds_health_status: 'TIMEOUT' }, 'UNHEALTHY', ['eds: TIMEOUT']],
  [{ eds_health_status: 'DRAINING' }, 'DRAINING', ['eds: DRAINING']],
  [
    { eds_health_status: 'DRAINING', failed_outlier_check: true },
    'UNHEALTHY',
    ['failed_outlier_check', 'eds: DRAINING'],
  ],
  [{ eds_health_status: 'DEGRADED' }, 'DEGRADED', ['eds: DEGRADED']],
  [{ failed_active_degraded_check: true }, 'DEGRADED', ['failed_active_degraded_check']],
  [
    { failed_active_degraded_check: true, failed_active_health_check: true },
    'UNHEALTHY',
    ['failed_active_degraded_check', 'failed_active_health_check'],
  ],
  [{ failedOutlierCheck: true, edsHealthStatus: 'UNHEALTHY' }, 'UNHEALTHY', ['failed_outlier_check', 'eds: UNHEALTHY']],
] as const) {
  test(`takes ${JSON.stringify(status)} for ${found}`, () => assert.equal(health(status), [found, reasons]));
}

test('tells a success rate of zero from none and from too few requests', () => {
  assert.equal(
    [
      readOne({ success_rate: {} }).successRate,
      readOne({ success_rate: { value: -1 } }).successRate,
      readOne({}).successRate,
    ],
    [0, -1, undefined],
  );
});

test('leaves out what a locality lacks at its end', () => {
  const at = (locality: object): string => readOne({ locality }).locality;
  assert.equal(
    [at({ region: 'r' }), at({ region: 'r', zone: 'z' }), at({ zone: 'z' }), at({})],
    ['r', 'r/z', '/z', ''],
  );
});

test('names the path of what cannot be read', () => {
  assert.throws(
    () => readOne({ weight: 'much' }),
    (error: { code: string; message: string }) =>
      error.code === 'bad-answer' &&
      error.message === 'cannot read the clusters: cluster_statuses[0].host_statuses[0].weight is "much", not a number',
  );
});

test('names every cluster in use, with and without hosts', () => {
  assert.equal(readClusterNames({ cluster_statuses: [{ name: 'a', host_statuses: [{}] }, { name: 'empty' }] }), [
    'a',
    'empty',
  ]);
  assert.equal(readClusterNames({}), []);
});

test('a dump of some clusters keeps them as they are', () => {
  const statuses = ['a', 'b'].map((name) => ({ name, host_statuses: [] }));
  assert.equal(
    clustersDumpOf({ cluster_statuses: statuses }, (name) => name === 'b'),
    { cluster_statuses: [statuses[1]] },
  );
});

test.run();
