import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRoutes } from '#dump/routes.ts';
import type { ForwardAction, RouteConfiguration } from '#model/route.ts';
import { any, asked, camelCased, section } from '../support/dump.ts';

const element = (config: object, over: object = {}): object => ({
  route_config: any('config.route.v3.RouteConfiguration', config),
  last_updated: '2026-11-23T12:00:00Z',
  ...over,
});
const dynamic = (...elements: object[]): object => section('Routes', { dynamic_route_configs: elements });
const readOne = (config: object): RouteConfiguration => readRoutes(dynamic(element(config)))[0] as RouteConfiguration;
const hostOf = (host: object): RouteConfiguration['virtualHosts'][number] =>
  readOne({ virtual_hosts: [host] }).virtualHosts[0] as never;

test('reads a route configuration', () => {
  const route = {
    name: 'two',
    match: { prefix: '/two' },
    direct_response: { status: 204 },
    metadata: {
      filter_metadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/ns/virtual-service/vs' } },
    },
  };
  assert.equal(
    readOne({
      name: 'http.8080',
      ignore_port_in_host_matching: true,
      virtual_hosts: [{ name: 'a:80', domains: ['a', 'a:*'], routes: [route] }],
    }),
    {
      name: 'http.8080',
      ignorePortInHostMatching: true,
      virtualHosts: [
        {
          name: 'a:80',
          domains: ['a', 'a:*'],
          requireTls: 'none',
          hasMatcherTree: false,
          routes: [
            {
              position: 1,
              name: 'two',
              match: {
                path: { kind: 'prefix', value: '/two', caseSensitive: true },
                headers: [],
                query: [],
                grpc: false,
                fraction: undefined,
                others: [],
              },
              action: { kind: 'direct-response', code: 204, body: undefined },
              from: { kind: 'VirtualService', namespace: 'ns', name: 'vs' },
            },
          ],
        },
      ],
      state: 'active',
      lastUpdated: '2026-11-23T12:00:00Z',
      rejected: undefined,
    },
  );
});

test('keeps the order of routes and counts it from 1', () => {
  const { routes } = hostOf({ routes: [{ name: 'first', match: { path: '/' } }, {}] });
  assert.equal(
    routes.map(({ position, name, match, from }) => [position, name, match.path.kind, from]),
    [
      [1, 'first', 'exact', undefined],
      [2, '', 'unknown', undefined],
    ],
  );
});

test('reads a configuration and a virtual host that say nothing', () => {
  assert.is(readOne({}).ignorePortInHostMatching, false);
  assert.equal(hostOf({}), { name: '', domains: [], requireTls: 'none', routes: [], hasMatcherTree: false });
});

for (const [name, expected] of [
  ['NONE', 'none'],
  ['EXTERNAL_ONLY', 'external-only'],
  ['ALL', 'all'],
  ['NEWER', 'none'],
] as const) {
  test(`reads require_tls ${name}`, () => assert.is(hostOf({ require_tls: name }).requireTls, expected));
}

test('sees a matcher tree', () => assert.is(hostOf({ matcher: { matcher_tree: {} } }).hasMatcherTree, true));

test('gives routes what the virtual host says, or else the route configuration', () => {
  const routes = [{ route: { cluster: 'c' } }];
  const above = {
    request_mirror_policies: [{ cluster: 'config' }],
    typed_per_filter_config: { 'envoy.filters.http.cors': { max_age: 'config' } },
  };
  const own = {
    retry_policy: { num_retries: 7 },
    request_mirror_policies: [{ cluster: 'host' }],
    cors: { max_age: 'host' },
    routes,
  };
  const actions = readOne({ ...above, virtual_hosts: [own, { routes }] }).virtualHosts.map(
    (host) => host.routes[0]?.action as ForwardAction,
  );
  assert.equal(
    actions.map(({ retry, mirrors, cors }) => [retry?.attempts, mirrors.map(({ cluster }) => cluster), cors?.maxAge]),
    [
      [7, ['host'], 'host'],
      [undefined, ['config'], 'config'],
    ],
  );
  const plain = readOne({ virtual_hosts: [{ routes }] }).virtualHosts[0]?.routes[0]?.action as ForwardAction;
  assert.equal(plain.mirrors, []);
});

test('tells static from dynamic, and what was rejected', () => {
  const dump = section('Routes', {
    static_route_configs: [element({ name: 's' })],
    dynamic_route_configs: [element({ name: 'd' }, { error_state: { details: 'no' } })],
  });
  assert.equal(
    readRoutes(dump).map(({ name, state, rejected }) => [name, state, rejected?.details]),
    [
      ['s', 'static', undefined],
      ['d', 'active', 'no'],
    ],
  );
});

test('reads an element without its configuration', () => {
  assert.equal(
    readRoutes(
      asked('RoutesConfigDump.DynamicRouteConfig', {
        error_state: { details: 'no', last_update_attempt: 't', version_info: '' },
      }),
    ),
    [
      {
        name: '',
        ignorePortInHostMatching: false,
        virtualHosts: [],
        state: 'active',
        lastUpdated: undefined,
        rejected: { details: 'no', at: 't', version: undefined },
      },
    ],
  );
});

test('does not read scoped routes', () => {
  const dump = section('ScopedRoutes', { inline_scoped_route_configs: [{}], dynamic_scoped_route_configs: [{}, {}] });
  assert.equal(readRoutes(dump), []);
});

test('reads the spelling of istioctl', () => {
  const dump = dynamic(
    element({
      name: 'r',
      ignore_port_in_host_matching: true,
      virtual_hosts: [
        {
          name: 'a',
          require_tls: 'ALL',
          routes: [{ match: { safe_regex: { regex: '.*' } }, direct_response: { status: 200 } }],
        },
      ],
    }),
  );
  assert.equal(readRoutes(camelCased(dump)), readRoutes(dump));
});

test('names the path of what cannot be read', () => {
  assert.throws(
    () => hostOf({ domains: 'a' }),
    (error: { code: string; message: string }) =>
      error.code === 'bad-answer' &&
      error.message ===
        'cannot read the config dump: configs[0].dynamic_route_configs[0].route_config.virtual_hosts[0].domains is "a", not a list',
  );
});

test('fields that may change the answer and are not evaluated are named where they stand', () => {
  const json = asked('RoutesConfigDump.DynamicRouteConfig', {
    route_config: {
      name: 'r',
      vhost_header: 'x-host',
      virtual_hosts: [
        {
          name: 'v',
          domains: ['*'],
          newer: 1,
          routes: [
            { match: { prefix: '/' }, route: { cluster: 'a', metadata_match: {}, timeout: '1s' } },
            { match: { prefix: '/' }, route: { weighted_clusters: { clusters: [{ name: 'a', metadata_match: {} }] } } },
            { match: { prefix: '/' }, route: { cluster: 'a' } },
          ],
        },
      ],
    },
  });
  const [configuration] = readRoutes(json);
  const [host] = configuration?.virtualHosts ?? [];
  assert.equal(
    [configuration?.unevaluated, host?.unevaluated, ...(host?.routes ?? []).map(({ unevaluated }) => unevaluated)],
    [['vhost_header'], ['newer'], ['metadata_match'], ['metadata_match'], undefined],
  );
});

test.run();
