import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partingOf } from '#analysis/request/disagreement.ts';
import { explain } from '#analysis/request/explain.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import { redirect, routeMatch } from '../../support/builders/route.ts';
import {
  cluster,
  configuration,
  endpoint,
  entry,
  forward,
  listener,
  request,
  route,
  routeConfiguration,
  secret,
  routedBy as to,
} from '../../support/builders/way.ts';

const explained = (over: Partial<PodConfiguration>) => explain(configuration(over), request(), entry);
const base = to(route());
const parting = (...others: readonly Partial<PodConfiguration>[]) => partingOf([base, ...others].map(explained));

for (const [name, other, where] of [
  ['the same', base, undefined],
  ['counters', { ...base, endpoints: [endpoint({ stats: { rq_total: 7 } })] }, undefined],
  ['no listener', { ...base, listeners: [] }, 'listener'],
  ['no filter chain', { ...base, listeners: [listener({ filterChains: [] })] }, 'filter chain'],
  ['another certificate', { ...base, secrets: [secret({ chain: [] })] }, 'certificate'],
  ['no virtual host', { routeConfigurations: [routeConfiguration({ virtualHosts: [] })] }, 'virtual host'],
  ['another route', to(route({ match: routeMatch({ path: { kind: 'regex', value: '/.*' } }) })), 'routes'],
  ['another action', to(route({ action: redirect() })), 'routes'],
  ['no cluster', { ...base, clusters: [] }, 'outcome'],
  ['another TLS', { ...base, clusters: [cluster({ tls: { mode: 'unknown', type: 'x' } })] }, 'outcome'],
  ['an endpoint more', { ...base, endpoints: [endpoint(), endpoint({ address: '10.0.0.2:80' })] }, 'endpoints'],
  ['no endpoint', { ...base, endpoints: [] }, 'endpoints'],
] as const) {
  test(`${name}: pods part at ${where ?? 'nothing'}`, () => assert.is(parting(other), where));
}

test('of several pods the first step counts at which any two part', () => {
  assert.is(
    parting({ ...base, endpoints: [] }, { ...to(route({ action: forward() })), secrets: [secret({ chain: [] })] }),
    'certificate',
  );
});

test.run();
