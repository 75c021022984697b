import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differingDestinations, differingHosts } from '#analysis/check/differing-hosts.ts';
import { routedClusters } from '#analysis/select/routed-clusters.ts';
import { raw } from '#model/content.ts';
import type { FilterChain } from '#model/listener.ts';
import { answeringClusters } from '#model/route.ts';
import { cluster } from '../../support/builders/cluster.ts';
import { chainMatch, filterChain, httpHandler, listener } from '../../support/builders/listener.ts';
import { route, routeConfiguration, virtualHost } from '../../support/builders/route.ts';

const configuration = (...virtualHosts: ReturnType<typeof virtualHost>[]) => {
  const routes = virtualHosts.map((one, index) => routeConfiguration({ name: `${index}`, virtualHosts: [one] }));
  return { listeners: [], clusters: [], routes, routed: routedClusters([], routes) };
};
const a = virtualHost({ domains: ['a.example', 'a.example:*'], routes: [route()] });
const b = virtualHost({ domains: ['b.example'], routes: [route()] });

test('hosts whose routes differ, or that one pod does not serve; the order of a dump says nothing', () => {
  assert.equal(differingHosts([configuration(a, b), configuration(b, a)]), []);
  assert.equal(differingHosts([configuration(a, b), configuration(a)]), ['b.example']);
  const other = virtualHost({ ...a, routes: [route(), route({ position: 2 })] });
  assert.equal(differingHosts([configuration(a, b), configuration(other, b)]), ['a.example']);
});

test('a host without its filter chain on one pod, whatever its routes are; a chain for all names is for the hosts of its routes', () => {
  const chainOf = (...serverNames: readonly string[]) => filterChain({ match: chainMatch({ serverNames }) });
  const served = (...filterChains: readonly FilterChain[]) => ({
    ...configuration(a, b),
    listeners: [listener({ filterChains })],
  });
  const [one, two] = [chainOf('a.example'), chainOf('b.example')];
  assert.equal(differingHosts([served(one, two), served(two, one)]), []);
  assert.equal(differingHosts([served(one, two), served(one)]), ['b.example']);
  const plain = filterChain({ match: chainMatch(), handler: httpHandler({ routeConfiguration: '1' }) });
  assert.equal(differingHosts([served(one, plain), served(one)]), ['b.example']);
});

test('what only the content of a route or of its cluster has', () => {
  const withHeader = { ...route(), [raw]: { response_headers_to_remove: ['server'] } };
  const other = virtualHost({ ...a, routes: [withHeader] });
  assert.equal(differingHosts([configuration(a, b), configuration(other, b)]), ['a.example']);
  const [{ action }] = [route()];
  const [name = ''] = answeringClusters(action);
  const clusters = (weight: number) => [cluster({ name, [raw]: { per_connection_buffer_limit_bytes: weight } })];
  const [first, second] = [1, 2].map((weight) => ({ ...configuration(a), clusters: clusters(weight) }));
  assert.equal(differingHosts([first, second].flatMap((one) => one ?? [])), ['a.example']);
});

test('hosts whose routes lead to endpoints that not every pod has', () => {
  const [{ action }] = [route()];
  assert.equal(differingHosts([configuration(a)], answeringClusters(action)), ['a.example']);
  assert.equal(differingHosts([configuration(a)], ['outbound|1||other']), []);
});

test('destinations of connections that name no host, by their chains, clusters and endpoints', () => {
  const db = 'outbound|5432||db.shop.svc.cluster.local';
  const chain = filterChain({
    match: chainMatch(),
    handler: { kind: 'tcp', clusters: [{ cluster: db, weight: 1 }], accessLogs: [] },
  });
  const served = (filterChains: readonly FilterChain[], idle = 1) => ({
    ...configuration(),
    listeners: [listener({ filterChains })],
    clusters: [cluster({ name: db, [raw]: { per_connection_buffer_limit_bytes: idle } })],
  });
  assert.equal(differingDestinations([served([chain]), served([chain])]), []);
  assert.equal(differingDestinations([served([chain]), served([])]), [db]);
  assert.equal(differingDestinations([served([chain]), served([chain], 2)]), [db]);
  assert.equal(differingDestinations([served([chain])], ['b']), ['b']);
});

test("istiod's blackhole for every other name is no host", () => {
  assert.equal(differingHosts([configuration(virtualHost({ domains: ['*'], routes: [] })), configuration()]), []);
});

test.run();
