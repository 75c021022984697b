// Rejections that nobody remembers: what objects ask for, held against what is served.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { servicesOf } from '#analysis/translate/destinations.ts';
import { usualRetry } from '#analysis/translate/http-action.ts';
import { type Asked, notTaken, type Served } from '#analysis/translate/not-taken.ts';
import { predictedListeners } from '#analysis/translate/predicted-listeners.ts';
import { predictedRoutes } from '#analysis/translate/predicted-routes.ts';
import { hostsOf, type Translation, translate } from '#analysis/translate/translate.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { raw } from '#model/content.ts';
import type { Listener } from '#model/listener.ts';
import type { RouteConfiguration } from '#model/route.ts';

const [old, takenAt, change, now] = ['10:00:00', '10:00:02', '11:00:00', '11:05:00'].map(
  (time) => `2026-11-23T${time}Z`,
) as [string, string, string, string];

const object = (kind: string, name: string, spec: object, at = old, metadata: object = {}): KubeObject => ({
  kind,
  metadata: { namespace: 'a', name, creationTimestamp: at, ...metadata },
  spec,
});
const gateway = (hosts: readonly string[], at = old): KubeObject =>
  object(
    'Gateway',
    'g',
    {
      selector: { istio: 'ingressgateway' },
      servers: [
        {
          port: { number: 443, name: 'https', protocol: 'HTTPS' },
          hosts,
          tls: { mode: 'SIMPLE', credentialName: 'c' },
        },
      ],
    },
    at,
  );
const routed = (http: object, at = old, metadata: object = {}): KubeObject =>
  object('VirtualService', 'v', { hosts: ['h.example'], gateways: ['g'], http: [http] }, at, metadata);
const to = (host: string): object => ({ route: [{ destination: { host, port: { number: 80 } } }] });
const envoyFilter = (patch: object, at = change): KubeObject =>
  object('EnvoyFilter', 'e', { configPatches: [patch] }, at);

const translated = (gateways: readonly KubeObject[], virtualServices: readonly KubeObject[]): Translation =>
  translate({ gateways, virtualServices }, servicesOf([], []), {
    namespace: 'istio-system',
    labels: { istio: 'ingressgateway' },
    listenerPortOf: (port) => ({ 443: 8443 })[port] ?? port,
    defaultRetry: usualRetry,
    withoutSecrets: (text: string) => text,
  });

/** As Envoy took it from these objects. */
function servedOf(gateways: readonly KubeObject[], virtualServices: readonly KubeObject[]): Served {
  const translation = translated(gateways, virtualServices);
  const routes = predictedRoutes([], translation, new Set(hostsOf(translation).keys()));
  const listeners = predictedListeners(
    [],
    { translation: translated([], []), clusters: [] },
    { translation, clusters: [] },
  );
  return {
    routes: routes.map((one) => ({ ...one, lastUpdated: takenAt })),
    listeners: listeners.map((one) => ({ ...one, lastUpdated: takenAt })),
  };
}

const [own, main] = [gateway(['h.example']), routed(to('one'))];
const before = servedOf([own], [main]);

function found(
  gateways: readonly KubeObject[],
  virtualServices: readonly KubeObject[],
  { envoyFilters = [], served = before }: { envoyFilters?: readonly KubeObject[] | 'unknown'; served?: Served } = {},
  at = now,
): unknown[] {
  const translation = translated(gateways, virtualServices);
  const asked: Asked = {
    translation,
    gateways,
    virtualServices,
    envoyFilters: envoyFilters === 'unknown' ? undefined : envoyFilters,
  };
  return notTaken(asked, served, new Date(at)).map(({ kind, name, objects, hosts, difference }) => [
    kind,
    name,
    objects.map((one) => `${one.kind} ${one.name} ${one.changedAt}`),
    hosts,
    difference,
  ]);
}

const routes = 'https.443.https.g.a';
const otherRoute = [
  [
    'route configuration',
    routes,
    [`VirtualService v ${change}`],
    ['h.example'],
    'h.example: route 1 is served with another destination',
  ],
];

test('what is served as it is asked for is nothing', () => {
  assert.equal(found([own], [main]), []);
});

test('a VirtualService that was changed after the routes were taken and is not served', () => {
  assert.equal(found([own], [routed(to('two'), change)]), otherRoute);
});

test('an update may be on its way, or have come: nothing is said', () => {
  assert.equal(found([own], [routed(to('two'), change)], {}, '2026-11-23T11:00:10Z'), []);
  assert.equal(found([own], [routed(to('two'), old)]), [], 'the translation is wrong of what came long ago');
});

test('what istiod may leave out is not judged: another revision, a namespace of which nothing is served', () => {
  assert.equal(found([own], [routed(to('two'), change, { labels: { 'istio.io/rev': 'canary' } })]), []);
  const other = object('VirtualService', 'v2', { hosts: ['h.example'], gateways: ['a/g'], http: [to('x')] }, change);
  assert.equal(found([own], [main, { ...other, metadata: { ...other.metadata, namespace: 'hidden' } }]), []);
  assert.equal(found([own], [main, other]).length, 1);
});

test('beside what cannot be read nothing is said', () => {
  const unread = { ...object('VirtualService', 'v2', {}), illTyped: 'spec.http is "x", not a list' };
  assert.equal(found([own], [routed(to('two'), change), unread]), []);
});

const routePatch = (operation: string, more: object = {}): object => ({
  applyTo: 'HTTP_ROUTE',
  match: { context: 'GATEWAY', routeConfiguration: { vhost: { name: 'h.example:443' } } },
  patch: { operation, value: { name: 'put-in' } },
  ...more,
});

test('EnvoyFilters that change routes, or that nobody may list, leave nothing to compare with', () => {
  const changed = [routed(to('two'), change)];
  assert.equal(found([own], changed, { envoyFilters: [envoyFilter(routePatch('MERGE'))] }), []);
  assert.equal(found([own], changed, { envoyFilters: 'unknown' }), []);
});

test('a route that an EnvoyFilter puts in is not there', () => {
  const missing = [
    ['route configuration', routes, [`EnvoyFilter e ${change}`], ['h.example'], '"put-in" is not there'],
  ];
  const of = (patch: object, at = change): unknown[] =>
    found([own], [main], { envoyFilters: [envoyFilter(patch, at)] });
  assert.equal(of(routePatch('INSERT_FIRST')), missing);
  assert.equal(of(routePatch('INSERT_FIRST'), old), [], 'it never had an effect');
  const elsewhere = { context: 'GATEWAY', routeConfiguration: { vhost: { name: 'other:443' } } };
  assert.equal(of(routePatch('INSERT_FIRST', { match: elsewhere })), []);
  const narrower = { context: 'GATEWAY', routeConfiguration: { portNumber: 443 } };
  assert.equal(of(routePatch('INSERT_FIRST', { match: narrower })), [], 'where it applies is not read');
});

const filterPatch = (operation: string, match: object = {}): object => ({
  applyTo: 'HTTP_FILTER',
  match: { context: 'GATEWAY', listener: { portNumber: 8443, ...match } },
  patch: { operation, value: { name: 'put-in' } },
});

test('a filter that an EnvoyFilter puts in is not there', () => {
  const of = (...patches: readonly object[]): unknown[] =>
    found([own], [main], { envoyFilters: patches.map((patch) => envoyFilter(patch)) });
  const missing = [['listener', '0.0.0.0_8443', [`EnvoyFilter e ${change}`], ['*'], '"put-in" is not there']];
  assert.equal(of(filterPatch('INSERT_BEFORE')), missing);
  assert.equal(of(filterPatch('INSERT_FIRST', { filterChain: { sni: 'h.example' } })), missing);
  assert.equal(of(filterPatch('INSERT_BEFORE', { portNumber: 8080 })), [], 'another port');
  assert.equal(of(filterPatch('INSERT_BEFORE', { filterChain: { sni: 'x.example' } })), [], 'another chain');
  const subFilter = { filterChain: { filter: { subFilter: { name: 'nowhere' } } } };
  assert.equal(of(filterPatch('INSERT_BEFORE', subFilter)), [], 'there is nothing to put it before');
  assert.equal(of(filterPatch('INSERT_BEFORE'), filterPatch('REMOVE')), [], 'another one may take it away');
  assert.equal(
    of({ ...filterPatch('INSERT_BEFORE'), match: { context: 'SIDECAR_INBOUND', listener: {} } }),
    [],
    'not for gateways',
  );
});

test('a Gateway that was changed after the listener was taken', () => {
  const added = gateway(['h.example', 'new.example'], change);
  const missing = [
    [
      'listener',
      '0.0.0.0_8443',
      [`Gateway g ${change}`],
      ['h.example', 'new.example'],
      'h.example, new.example: the filter chain is for h.example',
    ],
  ];
  assert.equal(found([added], [main]), missing);
  const warming = { ...(before.listeners[0] as Listener), state: 'warming' as const };
  const served = { ...before, listeners: [...before.listeners, warming] };
  assert.equal(found([added], [main], { served }), [], 'what warms up has been taken');
});

test('a server was taken out of a Gateway, or its pods are others, and its filter chain is still served', () => {
  const tooMany = [
    [
      'listener',
      '0.0.0.0_8443',
      [`Gateway g ${change}`],
      ['h.example'],
      'h.example: a filter chain is there that it does not ask for',
    ],
  ];
  const { metadata, spec } = gateway([], change);
  const without = (more: object): KubeObject => ({ ...own, metadata, spec: { ...(spec as object), ...more } });
  assert.equal(found([without({ servers: [] })], []), tooMany);
  assert.equal(found([without({ selector: { app: 'other' } })], []), tooMany);
  // A Gateway that is not there has no time: another check tells of it.
  assert.equal(found([], []), []);
});

test('headers that routes set are what Envoy has been told', () => {
  const sets = routed({ ...to('one'), headers: { request: { set: { 'x-share': '100%' } } } }, change);
  const told = (content: object): Served => ({
    ...before,
    routes: before.routes.map(
      (one): RouteConfiguration => ({
        ...one,
        virtualHosts: one.virtualHosts.map((host) => ({
          ...host,
          routes: host.routes.map((route) => ({ ...route, [raw]: content })),
        })),
      }),
    ),
  });
  const added = [{ header: { key: 'x-share', value: '100%' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }];
  assert.equal(found([own], [sets], { served: told({ request_headers_to_add: added }) }), []);
  assert.equal(
    found([own], [sets], { served: told({}) })
      .flat()
      .at(-1),
    'h.example: route 1 is served with other operations on headers',
  );
});

test.run();
