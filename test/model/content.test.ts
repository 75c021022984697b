import { test } from 'uvu';
import * as assert from 'uvu/assert';
import protos from '#dump/proto-fields.json' with { type: 'json' };
import { canonical, freeNames, isPlainlySameContent, keyOfContent, raw } from '#model/content.ts';

const route = {
  match: { prefix: '/' },
  request_headers_to_add: [{ header: { key: 'a', value: '1' } }, { header: { key: 'b', value: '2' } }],
  metadata: { filter_metadata: { istio: { configName: 'x', config_name: 'y' } } },
};

const key = (content: object): string => keyOfContent('route', { [raw]: content });

test('istioctl spells fields otherwise, in another order, and writes null for what is absent', () => {
  const { request_headers_to_add: requestHeadersToAdd, metadata, match } = route;
  const other = { requestHeadersToAdd, metadata: { filterMetadata: metadata.filter_metadata }, match, name: null };
  assert.is(key(other), key(route));
});

test('names in a Struct are no fields: each has one spelling', () => {
  assert.equal((canonical('route', route) as typeof route).metadata, route.metadata);
});

test('the order of headers counts, that of domains does not', () => {
  assert.is.not(key({ ...route, request_headers_to_add: route.request_headers_to_add.toReversed() }), key(route));
  const host = (domains: readonly string[]): string => keyOfContent('virtual host', { [raw]: { domains } });
  assert.is(host(['a', 'b']), host(['b', 'a']));
  assert.is.not(host(['a', 'b']), host(['a', 'c']));
});

test("the order of a cluster's own endpoints is none, as that of what EDS gives it; their weights count", () => {
  const cluster = (...endpoints: object[]): string =>
    keyOfContent('cluster', { [raw]: { load_assignment: { endpoints } } });
  const [a, b] = [{ locality: { region: 'a' }, lb_endpoints: [{ x: 1 }, { x: 2 }] }, { lb_endpoints: [{ x: 3 }] }];
  assert.is(cluster(a, b), cluster(b, { ...a, lb_endpoints: a.lb_endpoints.toReversed() }));
  assert.is.not(cluster(a, b), cluster(a, { ...b, load_balancing_weight: 2 }));
});

test('the zone and region that Kubernetes writes onto pods are those of their nodes; other labels count', () => {
  const bootstrap = (labels: object): string =>
    keyOfContent('bootstrap', { [raw]: { node: { metadata: { LABELS: { app: 'x', ...labels } } } } });
  const own = { 'topology.kubernetes.io/region': 'r1', 'topology.kubernetes.io/zone': 'z1' };
  assert.is(bootstrap(own), bootstrap({ ...own, 'topology.kubernetes.io/zone': 'z2' }));
  assert.is(bootstrap(own), bootstrap({}));
  assert.is.not(bootstrap(own), bootstrap({ ...own, topology: 'z2' }));
});

test('what is plainly the same has the same key, and where the key leaves something out, so does the comparison', () => {
  const endpoint = {
    address: { pipe: { path: '/x' } },
    locality: { priority: 1 },
    priority: 1,
    stats: [{ name: 'a' }],
  };
  const others: readonly (readonly [object, boolean])[] = [
    [{ ...endpoint, priority: 2, stats: undefined, success_rate: { value: 1 } }, true],
    [{ stats: [], locality: { priority: 1 }, address: { pipe: { path: '/x' } } }, true],
    [{ ...endpoint, locality: { priority: 2 } }, false],
    [{ ...endpoint, weight: 1 }, false],
    [{ ...endpoint, address: [endpoint.address] }, false],
    [{ ...endpoint, address: undefined, weight: { pipe: { path: '/x' } } }, false],
  ];
  for (const [other, isSame] of others) {
    assert.is(isPlainlySameContent('endpoint', { [raw]: endpoint }, { [raw]: other }), isSame, JSON.stringify(other));
    assert.is(isPlainlySameContent('endpoint', { [raw]: other }, { [raw]: endpoint }), isSame, JSON.stringify(other));
    const keyOf = (value: object): string => keyOfContent('endpoint', { [raw]: value });
    assert.is(keyOf(JSON.parse(JSON.stringify(other))) === keyOf(endpoint), isSame, JSON.stringify(other));
  }
  assert.not(isPlainlySameContent('endpoint', {}, {}), 'nothing is known of what was made by hand');
});

test('what is nested too deeply is refused', () => {
  let deep: object = {};
  for (let depth = 0; depth < 600; depth++) deep = { deep };
  assert.throws(() => key(deep), /nested deeper than 500 levels/);
});

test("names that are free are Structs or maps in all of Envoy's messages", () => {
  const fields = Object.values(protos.packages).flatMap((messages) =>
    Object.values(messages).flatMap((text) => text.split(',')),
  );
  for (const name of freeNames) {
    const own = fields.filter((field) => field.startsWith(`${name}=`));
    assert.ok(own.length > 0, name);
    for (const field of own) assert.match(field, /\{\w+\}|@Struct/, field);
  }
});

test('conditions of a route that all have to be met are the same in any order; routes and operations on headers are not', () => {
  const [a, b] = [{ name: 'a' }, { name: 'b' }];
  const same = (one: object, other: object): boolean => keyed(one) === keyed(other);
  const keyed = (one: object): string => JSON.stringify(canonical('route', one));
  for (const field of ['query_parameters', 'dynamic_metadata', 'headers'])
    assert.ok(same({ match: { [field]: [a, b] } }, { match: { [field]: [b, a] } }), field);
  assert.not.ok(same({ request_headers_to_add: [a, b] }, { request_headers_to_add: [b, a] }));
  assert.not.ok(same({ match: { headers: [a, b] } }, { match: { headers: [a, a] } }));
});

test.run();
