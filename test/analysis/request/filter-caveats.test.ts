import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answeringHttpFilters } from '#analysis/request/filter-caveats.ts';
import type { HttpFilter } from '#model/listener.ts';
import type { RouteFilters } from '#model/route.ts';
import { handler } from '../../support/builders/way.ts';

test('a local rate limit is named where it is told how, by the connection manager or by the route', () => {
  const says = (filter: Partial<HttpFilter>, ...routes: readonly RouteFilters[]): number => {
    const limit = { name: 'limit', type: 'LocalRateLimit', disabled: false, isConfigured: false, ...filter };
    return answeringHttpFilters(handler({ httpFilters: [limit] }), routes).length;
  };
  const [on, off] = [{ configuredFilters: ['limit'] }, { disabledFilters: ['limit'] }];
  assert.equal([says({}, {}), says({}, on), says({}, {}, on), says({}, off)], [0, 1, 1, 0]);
  assert.equal([says({ isConfigured: true }, {}), says({ isConfigured: true }, off)], [1, 0]);
  assert.equal([says({ isConfigured: true, disabled: true }, {}), says({ disabled: true }, on)], [0, 1]);
});

test('a global rate limit is named where a route that sends on has limits of its stage, or it has its own', () => {
  const says = (filter: Partial<HttpFilter>, route: RouteFilters, forwards = true): boolean => {
    const limit = { name: 'limit', type: 'RateLimit', disabled: false, isConfigured: false, ...filter };
    return answeringHttpFilters(handler({ httpFilters: [limit] }), [{ ...route, forwards }]).length > 0;
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

test('a filter of AuthorizationPolicies names them, and what it refuses', () => {
  const says = (action: string): string | undefined => {
    const policies = { action, names: ['istio-system/deny'] };
    const rbac = { name: 'rbac', type: 'RBAC', disabled: false, isConfigured: true, policies };
    return answeringHttpFilters(handler({ httpFilters: [rbac] }), [{}])[0]?.says;
  };
  assert.is(says('DENY'), 'filter rbac refuses (403) what AuthorizationPolicy istio-system/deny denies');
  assert.is(says('ALLOW'), 'filter rbac refuses (403) what AuthorizationPolicy istio-system/deny does not allow');
  assert.is(says('LOG'), 'filter rbac may refuse (403) by an AuthorizationPolicy');
});

test('a filter that this tool does not know is named, those that change no answer are not', () => {
  const says = (name: string, type?: string) =>
    answeringHttpFilters(handler({ httpFilters: [{ name, type, disabled: false, isConfigured: true }] }), [{}]).map(
      (one) => one.says,
    );
  const unknown = 'may answer or change the request: this tool does not evaluate it';
  assert.equal(says('acme', 'Custom'), [`filter acme ${unknown}`]);
  // By ECDS, without a type.
  assert.equal(says('acme'), [`filter acme ${unknown}`]);
  assert.equal(says('login', 'BasicAuth'), ['filter login may refuse (401) by the password']);
  for (const [name, type] of [
    ['a', 'Router'],
    ['gzip', 'Compressor'],
    ['istio.alpn', 'FilterConfig'],
    ['istio.stats', 'Wasm'],
    ['envoy.filters.http.router', undefined],
  ] as const)
    assert.equal(says(name, type), [], name);
});

test.run();
