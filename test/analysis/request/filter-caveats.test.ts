import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askedBy, refusalOfAll } from '#analysis/request/access-rules.ts';
import { answeringHttpFilters, answeringNetworkFilters, listenerCaveats } from '#analysis/request/filter-caveats.ts';
import { behaviourOf } from '#analysis/request/route-match.ts';
import type { AccessCondition } from '#model/access-rule.ts';
import type { HttpFilter } from '#model/listener.ts';
import type { RouteFilters } from '#model/route.ts';
import { policies, rbac } from '../../support/builders/listener.ts';
import { chain, handler, listener, request } from '../../support/builders/way.ts';

const asked = askedBy(request({ path: '/admin?x' }), 8443, behaviourOf('1.40.0'), []);

test('a local rate limit is named where it is told how, by the connection manager or by the route', () => {
  const says = (filter: Partial<HttpFilter>, ...routes: readonly RouteFilters[]): number => {
    const limit = { name: 'limit', type: 'LocalRateLimit', disabled: false, isConfigured: false, ...filter };
    return answeringHttpFilters(handler({ httpFilters: [limit] }), routes, asked).length;
  };
  const [on, off] = [{ configuredFilters: ['limit'] }, { disabledFilters: ['limit'] }];
  assert.equal([says({}, {}), says({}, on), says({}, {}, on), says({}, off)], [0, 1, 1, 0]);
  assert.equal([says({ isConfigured: true }, {}), says({ isConfigured: true }, off)], [1, 0]);
  assert.equal([says({ isConfigured: true, disabled: true }, {}), says({ disabled: true }, on)], [0, 1]);
});

test('a global rate limit is named where a route that sends on has limits of its stage, or it has its own', () => {
  const says = (filter: Partial<HttpFilter>, route: RouteFilters, forwards = true): boolean => {
    const limit = { name: 'limit', type: 'RateLimit', disabled: false, isConfigured: false, ...filter };
    return answeringHttpFilters(handler({ httpFilters: [limit] }), [{ ...route, forwards }], asked).length > 0;
  };
  const asks = { limitStage: 1 };
  assert.equal(
    [{}, { limitStages: [0] }, { limitStages: [0, 1] }].map((route) => says(asks, route)),
    [false, false, true],
  );
  assert.not(says({}, { limitStages: [1] }));
  assert.not(says(asks, { limitStages: [1] }, false), 'a redirect');
  const own = { ...asks, isConfigured: true };
  assert.ok(says(own, {}));
  const told = (limit: readonly number[] | boolean) => ({ limitStages: [1], limitStagesOf: { limit } });
  assert.equal(
    [told([]), told([1]), told(false), told(true)].map((route) => says(asks, route)),
    [false, true, false, true],
  );
  assert.not(says(own, told(false)), 'limits of the route come before those of the filter');
});

test('network filters are named that may close a connection, by whatever name, and those that nobody knows', () => {
  const named = (name: string): string => answeringNetworkFilters(chain({ networkFilters: [name] }))[0]?.says ?? '';
  assert.is(named('corp (rbac)'), 'network filter corp (rbac) may close the connection');
  assert.is(named('corp (local_ratelimit)'), 'network filter corp (local_ratelimit) may close the connection');
  assert.match(named('envoy.filters.network.connection_limit'), 'may close the connection');
  assert.match(named('corp (dynamic_modules)'), 'or decide where it goes: this tool does not evaluate it');
  assert.equal([named('istio.metadata_exchange'), named('istio.stats'), named('a (sni_cluster)')], ['', '', '']);
});

test('listener filters are named that may close a connection', () => {
  const named = (listenerFilters: readonly string[], takesWithoutProxyHeader?: true): readonly string[] =>
    listenerCaveats(listener({ listenerFilters, takesWithoutProxyHeader }));
  assert.equal(named(['envoy.filters.listener.tls_inspector', 'a (HttpInspector)', 'b (OriginalDst)']), []);
  assert.equal(named(['a (LocalRateLimit)']), [
    'listener filter a (LocalRateLimit) may close the connection: this tool does not evaluate it',
  ]);
  assert.match(named(['a (ProxyProtocol)'])[0] ?? '', 'closes connections without a PROXY header');
  assert.equal(named(['a (ProxyProtocol)'], true), []);
});

const says = (filter: HttpFilter, route: RouteFilters = {}): readonly string[] =>
  answeringHttpFilters(handler({ httpFilters: [filter] }), [route], asked).map((one) => one.says);

const path = (value: string): AccessCondition => ({ kind: 'path', match: { kind: 'exact', value, ignoreCase: false } });
const address: AccessCondition = { kind: 'unknown', says: "the client's address", isOfClient: true };

test('behind a filter that refuses the request nothing may answer; of what it may refuse, everything', () => {
  const lua = { name: 'lua', type: 'Lua', disabled: false, isConfigured: true };
  const names = (filter: HttpFilter, ...routes: readonly RouteFilters[]): readonly string[] =>
    answeringHttpFilters(handler({ httpFilters: [{ ...lua, name: 'first' }, filter, lua] }), routes, asked).map(
      (one) => one.name,
    );
  const refusing = rbac(policies('DENY', { deny: [path('/admin')] }));
  assert.equal(names(refusing, {}), ['first']);
  assert.equal(names(refusing, {}, { disabledFilters: ['rbac'] }), ['first', 'lua']);
  assert.equal(names(refusing, {}, { configuredFilters: ['rbac'] }), ['first', 'rbac', 'lua']);
  assert.equal(names(rbac(policies('DENY', { deny: [address] })), {}), ['first', 'rbac', 'lua']);
});

test('a filter of AuthorizationPolicies names those that may refuse this request, and no others', () => {
  const deny = 'AuthorizationPolicy istio-system/deny';
  assert.equal(says(rbac(policies('DENY', { deny: [address], other: [path('/')] }))), [
    `filter rbac refuses (403) what ${deny} denies`,
  ]);
  assert.equal(says(rbac(policies('DENY', { other: [path('/')] }))), []);
  assert.equal(says(rbac(policies('ALLOW', { deny: [address], other: [path('/')] }))), [
    `filter rbac refuses (403) what ${deny} does not allow`,
  ]);
  assert.equal(says(rbac(policies('ALLOW', { deny: [path('/admin')] }))), []);
  assert.equal(says(rbac(policies('LOG', { deny: [path('/admin')] }))), []);
  const custom = rbac(policies('CUSTOM', { deny: [path('/admin')] }));
  assert.equal(says({ ...custom, type: 'ExtAuthz' }), [
    `filter rbac asks an authorization service, which may refuse (401, 403), by ${deny}`,
  ]);
});

test('a host is asked for as it was sent', () => {
  const host = (value: string, ignoreCase: boolean): AccessCondition => ({
    kind: 'header',
    match: {
      name: ':authority',
      value: { kind: 'exact', value, ignoreCase },
      invert: false,
      treatMissingAsEmpty: false,
    },
  });
  const refused = (condition: AccessCondition): boolean => {
    const upper = askedBy(request({ authority: 'A.Example.org' }), 8443, behaviourOf('1.40.0'), []);
    return refusalOfAll(rbac(policies('DENY', { deny: [condition] })), upper) !== undefined;
  };
  assert.equal([host('A.Example.org', false), host('a.example.org', false), host('a.example.org', true)].map(refused), [
    true,
    false,
    true,
  ]);
});

test('of rules that a route has of its own nothing is said, nor of those that are only tried', () => {
  const filter = rbac(policies('DENY', { other: [path('/')] }));
  assert.equal(says(filter, { configuredFilters: ['rbac'] }), [
    'filter rbac may refuse (403) by rules that no AuthorizationPolicy has brought',
  ]);
  const { policies: _, ...shadow } = { ...filter, isConfigured: false };
  assert.equal(says(shadow), []);
});

test('a filter that this tool does not know is named, those that change no answer are not', () => {
  const saysOf = (name: string, type?: string) => says({ name, type, disabled: false, isConfigured: true });
  const unknown = 'may answer or change the request: this tool does not evaluate it';
  assert.equal(saysOf('acme', 'Custom'), [`filter acme ${unknown}`]);
  // By ECDS, without a type.
  assert.equal(saysOf('acme'), [`filter acme ${unknown}`]);
  assert.equal(saysOf('login', 'BasicAuth'), ['filter login may refuse (401) by the password']);
  for (const [name, type] of [
    ['a', 'Router'],
    ['gzip', 'Compressor'],
    ['istio.alpn', 'FilterConfig'],
    ['istio.stats', 'Wasm'],
    ['envoy.filters.http.router', undefined],
  ] as const)
    assert.equal(saysOf(name, type), [], name);
});

test.run();
