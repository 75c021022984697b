import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { routedClusters } from '#analysis/select/routed-clusters.ts';
import type { Route, RouteAction, RouteConfiguration } from '#model/route.ts';
import { filterChain, httpHandler, listener, tcpChain } from '../../support/builders/listener.ts';
import { forward, route, routeConfiguration, virtualHost } from '../../support/builders/route.ts';

const configuration = (changes: Partial<RouteConfiguration>, ...routes: readonly Route[]): RouteConfiguration =>
  routeConfiguration({
    virtualHosts: [virtualHost({ name: 'a.example:443', domains: ['a.example'], routes })],
    ...changes,
  });

const to = (...actions: readonly RouteAction[]): RouteConfiguration =>
  configuration({}, ...actions.map((action) => route({ action })));
const routedBy = (configurations: readonly RouteConfiguration[]): readonly string[] =>
  [...routedClusters([], configurations).leads.keys()].sort();

test('takes destinations, shares and mirrors', () => {
  const weighted = {
    kind: 'weighted',
    clusters: [
      { cluster: 'a', weight: 90 },
      { cluster: 'b', weight: 0 },
    ],
    totalWeight: 90,
  } as const;
  assert.equal(
    routedBy([
      to(
        forward({ to: weighted, mirrors: [{ cluster: 'm', percent: 1 }] }),
        forward({ to: { kind: 'cluster', cluster: 'c' } }),
      ),
    ]),
    ['a', 'b', 'c', 'm'],
  );
});

test('redirects and direct responses lead nowhere', () => {
  assert.equal(routedBy([to({ kind: 'direct-response', code: 200, body: undefined })]), []);
});

test('takes TCP and passthrough chains, and routes that stand in a listener', () => {
  const inlineRoutes = to(forward({ to: { kind: 'cluster', cluster: 'inline' } }));
  const listeners = [
    listener({
      filterChains: [
        tcpChain('a', 'x', 'y'),
        filterChain({ handler: httpHandler({ routeConfiguration: undefined, inlineRoutes }) }),
      ],
    }),
    listener({ filterChains: [], defaultFilterChain: tcpChain('', 'default') }),
  ];
  assert.equal([...routedClusters(listeners, []).leads.keys()].sort(), ['default', 'inline', 'x', 'y']);
});

test("leaves out the proxy's own doors", () => {
  const doors = listener({ state: 'static', filterChains: [tcpChain('', 'agent')] });
  assert.is(routedClusters([doors], [configuration({ state: 'static' }, route())]).leads.size, 0);
});

test('keeps everything that leads to a cluster, once where a route names it twice', () => {
  const twice = {
    kind: 'weighted',
    clusters: [
      { cluster: 'a', weight: 1 },
      { cluster: 'a', weight: 1 },
    ],
    totalWeight: 2,
  } as const;
  const { leads } = routedClusters(
    [listener({ filterChains: [tcpChain('b.example', 'a')] })],
    [to(forward({ to: twice }))],
  );
  assert.equal(
    leads.get('a')?.map((lead) => (lead.kind === 'route' ? lead.row.domains : lead.row.chain?.match.serverNames)),
    [['a.example'], ['b.example']],
  );
});

test('says why it cannot know all of them', () => {
  const matcherTree = { name: 'tree', domains: ['*'], requireTls: 'none', routes: [], hasMatcherTree: true } as const;
  const routes = to(
    forward({ to: { kind: 'header', header: 'x-cluster' } }),
    forward({ to: { kind: 'header', header: 'x-cluster' } }),
    forward({ to: { kind: 'unknown', type: 'cluster_specifier_plugin' } }),
    { kind: 'unknown', type: 'filter_action' },
  );
  const chains = [
    filterChain({ handler: { kind: 'unknown', type: 'envoy.filters.network.redis_proxy' } }),
    tcpChain('sni'),
  ];
  assert.equal(
    routedClusters([listener({ filterChains: chains })], [routes, configuration({ virtualHosts: [matcherTree] })])
      .unknown,
    [
      'a filter chain ends in envoy.filters.network.redis_proxy',
      'a filter chain takes a cluster that it does not name',
      'a route chooses its cluster by cluster_specifier_plugin',
      'a route does filter_action',
      'a route takes the cluster named by header x-cluster',
      'virtual host tree routes by a matcher tree',
    ],
  );
});

test.run();
