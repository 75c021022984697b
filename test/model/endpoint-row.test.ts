import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Endpoint } from '#model/cluster.ts';
import { type EndpointMerge, endpointMerge, rowsOfEndpoints } from '#model/endpoint-row.ts';
import { endpoint } from '../support/builders/cluster.ts';

const at = (address: string, changes: Partial<Endpoint> = {}): Endpoint =>
  endpoint({ cluster: 'a', address, ...changes });
function merge(...pods: readonly (readonly Endpoint[])[]): ReturnType<EndpointMerge['merge']> {
  const merged = endpointMerge();
  return merged.merge(
    pods.map((endpoints, index) => ({
      pod: { name: `p${index}` },
      ok: merged.keep(rowsOfEndpoints(['a'], endpoints, new Set(['a']))),
    })),
  );
}

test('has a row for each endpoint, and one for a cluster without any, or that is not there', () => {
  const rows = rowsOfEndpoints(['a', 'empty'], [at('10.0.0.1:80'), at('10.0.0.2:80')], new Set(['a', 'gone']));
  assert.equal(
    rows.map(({ cluster, missing, endpoint: one }) => [cluster, missing, one?.address]),
    [
      ['a', undefined, '10.0.0.1:80'],
      ['a', undefined, '10.0.0.2:80'],
      ['empty', 'endpoints', undefined],
      ['gone', 'cluster', undefined],
    ],
  );
});

test('counters and success rates are no difference: summed up, and the lowest of those that can tell', () => {
  const items = merge(
    [at('10.0.0.1:80', { stats: { rq_total: 5, rq_error: 1 }, successRate: -1 })],
    [at('10.0.0.1:80', { stats: { rq_total: 7 }, successRate: 80 })],
    [at('10.0.0.1:80', { successRate: 95 })],
  );
  assert.equal(
    items.map(({ pods, stats, successRate }) => [pods, stats, successRate]),
    [[['p0', 'p1', 'p2'], { rq_total: 12, rq_error: 1 }, 80]],
  );
});

test('health, weight and priority are, each with its own counters', () => {
  const items = merge(
    [at('10.0.0.1:80', { stats: { rq_total: 5 } })],
    [at('10.0.0.1:80', { health: 'UNHEALTHY', reasons: ['failed_outlier_check'], stats: { rq_total: 1 } })],
  );
  assert.equal(
    items.map(({ value, pods, stats }) => [value.endpoint?.health, pods, stats]),
    [
      ['HEALTHY', ['p0'], { rq_total: 5 }],
      ['UNHEALTHY', ['p1'], { rq_total: 1 }],
    ],
  );
});

test('orders by priority, then by address as numbers', () => {
  const items = merge([at('10.0.0.10:80'), at('10.0.0.9:80'), at('10.0.0.1:80', { priority: 1 }), at('10.0.0.9:9')]);
  assert.equal(
    items.map(({ value }) => value.endpoint?.address),
    ['10.0.0.9:9', '10.0.0.9:80', '10.0.0.10:80', '10.0.0.1:80'],
  );
});

test('pods on which a cluster is empty are one row', () => {
  assert.equal(
    merge([], []).map(({ value, pods }) => [value.missing, pods]),
    [['endpoints', ['p0', 'p1']]],
  );
});

test('without counters there are none to sum up', () => {
  const [item] = merge([at('10.0.0.1:80', { stats: undefined, successRate: 80 })]);
  assert.equal([item?.stats, item?.successRate], [{}, undefined]);
});

test.run();
