import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differingHosts } from '#analysis/check/differing-hosts.ts';
import { raw } from '#model/content.ts';
import type { FilterChain } from '#model/listener.ts';
import { answeringClusters } from '#model/route.ts';
import { cluster } from '../../support/builders/cluster.ts';
import { chainMatch, filterChain, httpHandler, listener } from '../../support/builders/listener.ts';
import { route, routeConfiguration, virtualHost } from '../../support/builders/route.ts';

const configuration = (...virtualHosts: ReturnType<typeof virtualHost>[]) => ({
  listeners: [],
  clusters: [],
  routes: virtualHosts.map((one, index) => routeConfiguration({ name: `${index}`, virtualHosts: [one] })),
});
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

test("istiod's blackhole for every other name is no host", () => {
  assert.equal(differingHosts([configuration(virtualHost({ domains: ['*'], routes: [] })), configuration()]), []);
});

test.run();
