import { test } from 'uvu';
import * as assert from 'uvu/assert';
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

test('a fault without a percentage concerns nobody, one with a gRPC status is a 200', () => {
  const [found] = read({
    typed_per_filter_config: {
      'envoy.filters.http.fault': any('extensions.filters.http.fault.v3.HTTPFault', { abort: { grpc_status: 14 } }),
    },
  });
  assert.equal(found?.fault, { abort: { code: 200, share: 0 }, delay: undefined, headers: [] });
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

test.run();
