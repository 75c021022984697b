import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { readCors } from '#dump/cors.ts';
import type { Cors } from '#model/route.ts';
import { any, camelCased } from '../support/dump.ts';

const read = (holder: unknown): Cors | undefined => readCors(rootObject(holder, 'the test'));
const policy = {
  allow_origin_string_match: [{ exact: 'https://a.example' }, { safe_regex: { regex: 'https://.*' } }],
  allow_methods: 'GET, POST',
  allow_headers: 'x-a,x-b',
  expose_headers: 'x-c',
  max_age: '86400',
  allow_credentials: true,
};
const expected: Cors = {
  allowOrigins: ['https://a.example', 'regex https://.*'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['x-a', 'x-b'],
  exposeHeaders: ['x-c'],
  maxAge: '86400',
  allowCredentials: true,
};
const perFilter = (config: object): object => ({ typed_per_filter_config: { 'envoy.filters.http.cors': config } });
const filterConfig = any('extensions.filters.http.cors.v3.CorsPolicy', policy);

for (const [where, holder] of [
  ['in the field of old versions', { cors: policy }],
  ["in the filter's configuration", perFilter(filterConfig)],
  ['with a level around it', perFilter(any('config.route.v3.FilterConfig', { config: filterConfig }))],
] as const) {
  test(`reads the policy ${where}`, () => {
    assert.equal(read(holder), expected);
    assert.equal(read(camelCased(holder)), expected);
  });
}

test("prefers the filter's configuration", () =>
  assert.is(read({ cors: { max_age: '1' }, ...perFilter({ max_age: '2' }) })?.maxAge, '2'));

test('has nothing where there is no policy', () => {
  assert.is(read({}), undefined);
  assert.is(read({ typed_per_filter_config: { 'envoy.filters.http.fault': {} } }), undefined);
  assert.is(read(perFilter(any('config.route.v3.FilterConfig', { disabled: true }))), undefined);
});

test('reads a policy that says nothing', () => {
  assert.equal(read({ cors: {} }), {
    allowOrigins: [],
    allowMethods: [],
    allowHeaders: [],
    exposeHeaders: [],
    maxAge: undefined,
    allowCredentials: undefined,
  });
});

test.run();
