import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import type { AccessCondition } from '#model/access-rule.ts';
import type { Explanation } from '#model/explanation.ts';
import type { HttpFilter } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { Route } from '#model/route.ts';
import { policies, rbac } from '../../support/builders/listener.ts';
import {
  chain,
  clusterName,
  configuration,
  entry,
  handler,
  listener,
  request,
  route,
  routedBy,
} from '../../support/builders/way.ts';

const path = (value: string): AccessCondition => ({ kind: 'path', match: { kind: 'exact', value, ignoreCase: false } });

const cors: HttpFilter = { name: 'envoy.filters.http.cors', type: 'Cors', disabled: false, isConfigured: false };
const denying = rbac(policies('DENY', { deny: [path('/other'), path('/admin')] }));
const preflight: Partial<Route> = {
  preflight: { origins: [{ kind: 'prefix', value: '', ignoreCase: false }], forwardsOthers: true },
};

function explained(
  filters: readonly HttpFilter[],
  routes: readonly Route[],
  changes: Partial<Request> = {},
): Explanation {
  const of = chain({ handler: handler({ httpFilters: filters }) });
  const pod = configuration({ listeners: [listener({ filterChains: [of] })], ...routedBy(...routes) });
  return explain(pod, request({ path: '/admin?x', ...changes }), entry);
}

const brief = ({ outcomes }: Explanation): readonly unknown[] =>
  outcomes.map((outcome) => [outcome.kind, outcome.share, 'code' in outcome ? outcome.code : undefined]);

test('what an AuthorizationPolicy refuses is answered with 403, by name of the policy, whatever the route does', () => {
  const redirect = route({ action: { kind: 'direct-response', code: 200, body: undefined } });
  for (const one of [route(), redirect]) {
    const { outcomes, mayAnswer, caveats } = explained([denying], [one]);
    const [outcome, ...others] = outcomes;
    assert.equal([others, mayAnswer, caveats], [[], [], []]);
    assert.is(outcome?.route, one);
    const [reason] = outcome?.reasons ?? [];
    assert.is(reason?.text, 'AuthorizationPolicy istio-system/deny denies it: spec.rules[1]');
    assert.match(JSON.stringify(reason?.next), 'authorizationpolicies');
    assert.equal(outcome?.kind === 'fail' && [outcome.at, outcome.code, outcome.flag], ['filter', 403, undefined]);
  }
  const allowing = rbac(policies('ALLOW', { a: [path('/x')], b: [path('/y')] }));
  const [refused] = explained([allowing], [route()]).outcomes;
  const both = 'AuthorizationPolicy istio-system/a and AuthorizationPolicy istio-system/b do not allow it';
  assert.is(refused?.reasons?.[0]?.text, both);
});

test('so is a request that no route takes', () => {
  assert.equal(brief(explained([denying], [])), [['fail', 1, 403]]);
  assert.equal(brief(explained([denying], [], { path: '/' })), [['fail', 1, 404]]);
});

test('the filter that comes first answers', () => {
  const asking = {
    method: 'OPTIONS',
    headers: new Map([
      ['origin', ['https://b']],
      ['access-control-request-method', ['PUT']],
    ]),
  };
  const corsRoute = route(preflight);
  assert.equal(brief(explained([denying, cors], [corsRoute], asking)), [['fail', 1, 403]]);
  assert.equal(brief(explained([cors, denying], [corsRoute], asking)), [['preflight', 1, 200]]);
});

test('who brings no token is refused where one is asked for, unless a filter may add it', () => {
  const claim: AccessCondition = { kind: 'unknown', says: 'the token', isOfClient: true, isOfToken: true };
  const needing = rbac(policies('DENY', { 'need-jwt': [{ kind: 'not', of: claim }] }));
  const allowing = rbac(policies('ALLOW', { 'with-jwt': [claim] }));
  const codeOf = (filters: readonly HttpFilter[], headers: readonly (readonly [string, string])[] = [], path = '/') =>
    explained(filters, [route()], { path, headers: new Map(headers.map(([name, value]) => [name, [value]])) })
      .outcomes.map((outcome) => ('code' in outcome ? outcome.code : outcome.kind))
      .join();
  const token = 'eyJhbGciOiJub25lIn0.e30.';
  for (const filter of [needing, allowing]) {
    assert.is(codeOf([filter]), '403');
    assert.is(codeOf([filter], [['x-client', 'a.b.c']]), '403');
    assert.is(codeOf([filter], [['authorization', 'Bearer x']]), 'forward');
    assert.is(codeOf([filter], [['x-jwt', token]]), 'forward');
    assert.is(codeOf([filter], [], `/?access_token=${token}`), 'forward');
    const login = { name: 'login', type: 'OAuth2', disabled: false, isConfigured: true };
    assert.is(codeOf([login, filter]), 'forward');
  }
});

test('a share of the route may switch the policies off', () => {
  const clusters = [
    { cluster: clusterName, weight: 1, filters: { disabledFilters: ['rbac'] } },
    { cluster: 'other', weight: 3, filters: {} },
  ];
  const weighted = route({
    action: {
      ...(route().action as Extract<Route['action'], { kind: 'forward' }>),
      to: { kind: 'weighted', clusters, totalWeight: 4 },
    },
  });
  assert.equal(brief(explained([denying], [weighted])), [
    ['fail', 0.75, 403],
    ['forward', 0.25, undefined],
  ]);
  assert.equal(brief(explained([denying], [route({ configuredFilters: ['rbac'] })])), [['forward', 1, undefined]]);
});

test.run();
