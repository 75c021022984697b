// Seen on an Envoy of 1.40: clusters with each of these settings, and one request to each.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import { type Coming, describeUnlisted, whyNotTaken } from '#analysis/request/upstream.ts';
import type { CircuitBreaker, Cluster } from '#model/cluster.ts';
import type { Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import {
  cluster,
  configuration,
  endpoint,
  entry,
  listener,
  request,
  route,
  routedBy,
} from '../../support/builders/way.ts';

const breaker = (over: Partial<CircuitBreaker>): CircuitBreaker => ({
  priority: 'DEFAULT',
  maxConnections: undefined,
  maxPendingRequests: undefined,
  maxRequests: undefined,
  maxRetries: undefined,
  ...over,
});
const flagOf = (over: Partial<Cluster>, coming: Coming = { request: request() }, endpoints = [endpoint()]) =>
  whyNotTaken(cluster(over), endpoints, coming)?.flag;

test('a circuit breaker of 0 lets nothing through, but for connections of HTTP, of which one is always allowed', () => {
  const limited = (over: Partial<CircuitBreaker>, coming?: Coming) =>
    flagOf({ circuitBreakers: [breaker(over)] }, coming);
  assert.is(limited({ maxPendingRequests: 0 }), 'UO');
  assert.is(limited({ maxRequests: 0 }), 'UO');
  assert.is(limited({ maxConnections: 0, maxRetries: 0 }), undefined);
  assert.is(limited({ maxConnections: 0 }, {}), 'UO');
  assert.is(limited({ maxPendingRequests: 0 }, {}), 'URX');
  assert.is(limited({ maxRequests: 0 }, {}), undefined);
});

test('the circuit breaker of the priority of the route counts', () => {
  const circuitBreakers = [breaker({}), breaker({ priority: 'HIGH', maxRequests: 0 })];
  assert.is(flagOf({ circuitBreakers }), undefined);
  assert.is(flagOf({ circuitBreakers }, { request: request(), priority: 'HIGH' }), 'UO');
});

test('in panic no request is taken where Envoy is told so', () => {
  const sick = [endpoint({ health: 'UNHEALTHY' })];
  assert.is(flagOf({ panicThreshold: 50 }, undefined, sick), undefined);
  assert.is(flagOf({ panicThreshold: 50, failsInPanic: true }, undefined, sick), 'UH');
  assert.is(flagOf({ panicThreshold: 50, failsInPanic: true }), undefined);
});

test('a cluster of ORIGINAL_DST needs the address that a connection was for', () => {
  assert.is(flagOf({ type: 'ORIGINAL_DST' }), 'UH');
  assert.is(flagOf({ type: 'ORIGINAL_DST' }, {}), 'UH');
  assert.is(flagOf({ type: 'ORIGINAL_DST' }, { request: request(), restoresDestination: true }), undefined);
  assert.is(flagOf({ type: 'ORIGINAL_DST', unevaluated: ['metadata_key'] }), undefined);
});

for (const [value, flag] of [
  ['127.0.0.1:80', undefined],
  ['[::1]:80', undefined],
  ['127.0.0.1', 'UH'],
  ['localhost:80', 'UH'],
  ['999.0.0.1:80', 'UH'],
  [undefined, 'UH'],
] as const) {
  test(`a cluster of ORIGINAL_DST by header ${value}`, () => {
    const headers: Request['headers'] = new Map(value === undefined ? [] : [['x-to', [value]]]);
    assert.is(flagOf({ type: 'ORIGINAL_DST', addressHeader: 'x-to' }, { request: request({ headers }) }), flag);
  });
}

test('whether another cluster has endpoints is not known', () => {
  assert.match(
    describeUnlisted(cluster({ name: 'a', type: 'x.Aggregate' })) ?? '',
    'cluster a is of type x.Aggregate: whether',
  );
  assert.match(describeUnlisted(cluster({ type: 'ORIGINAL_DST' })) ?? '', 'which is not known from outside');
  assert.is(describeUnlisted(cluster({ type: 'ORIGINAL_DST', addressHeader: 'x-to' })), undefined);
  const extension = { type: 'envoy.extensions.clusters.dns.v3.DnsCluster' };
  assert.equal(
    [{ type: 'EDS' }, extension].map((one) => describeUnlisted(cluster(one))),
    [undefined, undefined],
  );
  assert.is(flagOf(extension, undefined, []), 'UH');
});

test('what is not evaluated of a cluster is a caveat, and only a listener with the filter knows the address', () => {
  const explained = (over: Partial<Cluster>, of: Partial<Listener> = {}) =>
    explain(
      configuration({ ...routedBy(route()), clusters: [cluster(over)], listeners: [listener(of)] }),
      request(),
      entry,
    );
  const { caveats, outcomes } = explained({ unevaluated: ['lb_subset_config'] });
  assert.is(outcomes[0]?.kind, 'forward');
  assert.equal(caveats, [`cluster ${cluster().name} has lb_subset_config, which this tool does not evaluate`]);
  assert.is(explained({ type: 'ORIGINAL_DST' }).outcomes[0]?.kind, 'fail');
  const listenerFilters = ['tls_inspector', 'envoy.filters.listener.original_dst'];
  assert.is(explained({ type: 'ORIGINAL_DST' }, { listenerFilters }).outcomes[0]?.kind, 'forward');
});

test.run();
