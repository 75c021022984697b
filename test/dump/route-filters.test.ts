import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { filtersOf, noFilters, readFilterLevels } from '#dump/route-filters.ts';
import { readRoutes } from '#dump/routes.ts';
import { any, asked, camelCased } from '../support/dump.ts';

const fault = any('extensions.filters.http.fault.v3.HTTPFault', {
  abort: { http_status: 418, percentage: { numerator: 300_000, denominator: 'MILLION' } },
  delay: { fixed_delay: '0.010s', percentage: { numerator: 50 } },
  headers: [{ name: 'X-A', string_match: { exact: 'b' } }],
});
const cors = any('extensions.filters.http.cors.v3.CorsPolicy', {
  allow_origin_string_match: [{ prefix: 'https://' }],
  forward_not_matching_preflights: false,
});

const read = (route: object, host: object = {}) =>
  [(json: unknown) => json, camelCased].map((spelling) => {
    const config = {
      name: 'r',
      virtual_hosts: [
        { name: 'v', domains: ['*'], ...host, routes: [{ match: { prefix: '/' }, redirect: {}, ...route }] },
      ],
    };
    const [{ fault: read, preflight } = {} as never] =
      readRoutes(spelling(asked('RoutesConfigDump.DynamicRouteConfig', { route_config: config })))[0]?.virtualHosts[0]
        ?.routes ?? [];
    return { fault: read, preflight };
  });

const readFault = {
  abort: { code: 418, share: 0.3 },
  delay: { ms: 10, share: 0.5 },
  headers: [
    { name: 'x-a', value: { kind: 'exact', value: 'b', ignoreCase: false }, invert: false, treatMissingAsEmpty: false },
  ],
};

test('reads what a route tells the fault and CORS filters, in both spellings', () => {
  const perFilter = { 'envoy.filters.http.fault': fault, 'envoy.filters.http.cors': cors };
  const preflight = { origins: [{ kind: 'prefix', value: 'https://', ignoreCase: false }], forwardsOthers: false };
  for (const found of read({ typed_per_filter_config: perFilter }))
    assert.equal(found, { fault: readFault, preflight });
});

test('inherits from the virtual host what the route does not say', () => {
  const [found] = read(
    { typed_per_filter_config: { 'envoy.filters.http.cors': any('extensions.filters.http.cors.v3.CorsPolicy') } },
    { typed_per_filter_config: { 'envoy.filters.http.fault': fault } },
  );
  assert.equal(found, { fault: readFault, preflight: { origins: [], forwardsOthers: true } });
});

for (const [what, host, action, perRoute, expected] of [
  ['of the virtual host', [{ stage: 1 }], {}, undefined, { limitStages: [1] }],
  ['of the route alone', [{ stage: 1 }], { rate_limits: [{}, { stage: 2 }] }, undefined, { limitStages: [0, 2] }],
  ['of both', [{ stage: 1 }], { rate_limits: [{}], include_vh_rate_limits: true }, undefined, { limitStages: [0, 1] }],
  // A list of the route is there, if only for what is counted later.
  ['of neither', [{}], { rate_limits: [{ apply_on_stream_done: true }] }, undefined, {}],
  ['that a filter ignores', [{}], {}, { vh_rate_limits: 'IGNORE' }, { limitStages: [0], limitStagesOf: { limit: [] } }],
  ['for one filter', [], {}, { rate_limits: [{}] }, { limitStagesOf: { limit: true } }],
] as const) {
  test(`reads limits ${what}`, () => {
    const perFilter = { limit: any('extensions.filters.http.ratelimit.v3.RateLimitPerRoute', perRoute ?? {}) };
    const route = { match: { prefix: '/' }, route: { cluster: 'a', ...action } };
    const told = perRoute ? { ...route, typed_per_filter_config: perFilter } : route;
    const config = { virtual_hosts: [{ rate_limits: host, routes: [told] }] };
    const [read] = readRoutes(asked('RoutesConfigDump.DynamicRouteConfig', { route_config: config }));
    const { limitStages, limitStagesOf } = read?.virtualHosts[0]?.routes[0] ?? {};
    assert.equal(JSON.parse(JSON.stringify({ limitStages, limitStagesOf })), expected);
  });
}

test('a fault without a percentage concerns nobody, one with a gRPC status is a 200', () => {
  const [found] = read({
    typed_per_filter_config: {
      'envoy.filters.http.fault': any('extensions.filters.http.fault.v3.HTTPFault', { abort: { grpc_status: 14 } }),
    },
  });
  assert.equal(found?.fault, { abort: { code: 200, share: 0, grpcStatus: 14 }, delay: undefined, headers: [] });
});

test('a route that says nothing has neither', () =>
  assert.equal(read({})[0], { fault: undefined, preflight: undefined }));

test('the CORS policy of Envoy 1.17 stands in the action', () => {
  const [found] = read({
    redirect: undefined,
    route: { cluster: 'c', cors: { allow_origin_string_match: [{ exact: 'a' }] } },
  });
  assert.equal(found?.preflight, { origins: [{ kind: 'exact', value: 'a', ignoreCase: false }], forwardsOthers: true });
});

const corsOf = (settings: object) => any('extensions.filters.http.cors.v3.CorsPolicy', settings);
const wrapped = (settings: object) => any('config.route.v3.FilterConfig', settings);
const perFilter = (filters: object) => ({ typed_per_filter_config: filters });

test('of CORS policies each field is the nearest that has it, and whether they act is the nearest alone', () => {
  const enabled = { default_value: { numerator: 50 }, runtime_key: 'cors.on' };
  const [found] = read(
    perFilter({ 'envoy.filters.http.cors': corsOf({ filter_enabled: enabled }) }),
    perFilter({
      'envoy.filters.http.cors': corsOf({
        allow_origin_string_match: [{ exact: 'a' }],
        forward_not_matching_preflights: false,
        filter_enabled: { default_value: { numerator: 0 } },
      }),
    }),
  );
  assert.equal(found?.preflight, {
    origins: [{ kind: 'exact', value: 'a', ignoreCase: false }],
    forwardsOthers: false,
    enabled: { numerator: 50, denominator: 100, runtimeKey: 'cors.on' },
  });
});

test('filters of any name are known by the type of what they are told', () => {
  const [found] = read(perFilter({ mine: fault, others: cors }));
  assert.equal([found?.fault?.filter, found?.preflight?.filter], ['mine', 'others']);
});

test('a fault by headers, for a cluster and for nodes is read', () => {
  const settings = {
    abort: { header_abort: {}, percentage: { numerator: 5, denominator: 'TEN_THOUSAND' } },
    delay: { header_delay: {}, percentage: { numerator: 100 } },
    upstream_cluster: 'one',
    downstream_nodes: ['n1'],
  };
  const [found] = read(
    perFilter({ 'envoy.filters.http.fault': any('extensions.filters.http.fault.v3.HTTPFault', settings) }),
  );
  assert.equal(found?.fault, {
    abort: { code: 0, share: 0.0005, byHeader: 10_000 },
    delay: { ms: 0, share: 1, byHeader: 100 },
    headers: [],
    upstreamCluster: 'one',
    downstreamNodes: ['n1'],
  });
});

test('who switches a filter off, and who configures it again', () => {
  const of = (route: object, host: object = {}) => {
    const config = {
      name: 'r',
      virtual_hosts: [
        { name: 'v', domains: ['*'], ...host, routes: [{ match: { prefix: '/' }, redirect: {}, ...route }] },
      ],
    };
    const [one] =
      readRoutes(asked('RoutesConfigDump.DynamicRouteConfig', { route_config: config }))[0]?.virtualHosts[0]?.routes ??
      [];
    return [one?.disabledFilters, one?.configuredFilters, one?.fault?.abort?.code];
  };
  const off = perFilter({ 'envoy.filters.http.fault': wrapped({ disabled: true, config: fault }) });
  const on = perFilter({ 'envoy.filters.http.fault': wrapped({ config: fault }) });
  assert.equal(of(off), [['envoy.filters.http.fault'], undefined, undefined]);
  assert.equal(of(off, on), [['envoy.filters.http.fault'], undefined, 418]);
  assert.equal(of(on, off), [undefined, undefined, 418]);
  assert.equal(of(perFilter({ rbac: wrapped({ config: {} }) }), perFilter({ rbac: wrapped({ disabled: true }) })), [
    undefined,
    ['rbac'],
    undefined,
  ]);
});

test('filters that are older than FilterConfig are switched off in words of their own', () => {
  const switches = (type: string, fields: object): unknown => {
    const level = rootObject(
      perFilter({ f: { '@type': `type.googleapis.com/envoy.extensions.filters.http.${type}`, ...fields } }),
      'the test',
    );
    const { disabledFilters = [], configuredFilters = [] } = filtersOf(readFilterLevels(level, noFilters));
    return [disabledFilters.length, configuredFilters.length];
  };
  const types = ['ext_authz.v3.ExtAuthzPerRoute', 'lua.v3.LuaPerRoute', 'buffer.v3.BufferPerRoute'];
  for (const type of [...types, 'ext_proc.v3.ExtProcPerRoute', 'jwt_authn.v3.PerRouteConfig']) {
    assert.equal(switches(type, { disabled: true }), [1, 0], type);
    assert.equal(switches(type, { other: {} }), [0, 1], type);
  }
  const rbac = (fields: object): unknown => switches('rbac.v3.RBACPerRoute', fields);
  assert.equal([rbac({}), rbac({ rbac: { shadow_rules: {} } })].flat(), [1, 0, 1, 0]);
  assert.equal([rbac({ rbac: { rules: {} } }), rbac({ rbac: { matcher: {} } })].flat(), [0, 1, 0, 1]);
});

test.run();
