// Gateways and VirtualServices put together, as istiod does it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate } from '#analysis/translate/calibration.ts';
import { servicesOf } from '#analysis/translate/destinations.ts';
import { changedHosts } from '#analysis/translate/host-changes.ts';
import { usualRetry } from '#analysis/translate/http-action.ts';
import { hostsOf, type Translation, translate } from '#analysis/translate/translate.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { raw } from '#model/content.ts';
import type { Listener } from '#model/listener.ts';
import type { Route, RouteConfiguration } from '#model/route.ts';
import { filterChain, httpHandler, listener } from '../../support/builders/listener.ts';
import { routeConfiguration, virtualHost } from '../../support/builders/route.ts';

const target = {
  namespace: 'istio-system',
  labels: { istio: 'ingressgateway' },
  listenerPortOf: (port: number) => ({ 80: 8080, 443: 8443 })[port] ?? port,
  defaultRetry: usualRetry,
  withoutSecrets: (text: string) => text,
};
let second = 0;
const object = (kind: string, namespace: string, name: string, spec: object): KubeObject => ({
  kind,
  metadata: { namespace, name, creationTimestamp: `2026-01-01T00:00:${String(second++).padStart(2, '0')}Z` },
  spec,
});
const https = (hosts: readonly string[], more: object = {}): object => ({
  port: { number: 443, name: 'https', protocol: 'HTTPS' },
  hosts,
  tls: { mode: 'SIMPLE', credentialName: 'c' },
  ...more,
});
const http = (hosts: readonly string[], more: object = {}): object => ({
  port: { number: 80, name: 'http', protocol: 'HTTP' },
  hosts,
  ...more,
});
const gateway = (name: string, ...servers: readonly object[]): KubeObject =>
  object('Gateway', 'a', name, { selector: { istio: 'ingressgateway' }, servers });
const prefix = (path: string): object => ({
  match: [{ uri: { prefix: path } }],
  route: [{ destination: { host: `s${path.replaceAll('/', '')}`, port: { number: 80 } } }],
});
const virtualService = (name: string, spec: object, namespace = 'a'): KubeObject =>
  object('VirtualService', namespace, name, spec);

const made = (gateways: readonly KubeObject[], virtualServices: readonly KubeObject[]): Translation =>
  translate({ gateways, virtualServices }, servicesOf([], []), target);
const shown = (translation: Translation): Record<string, readonly string[]> =>
  Object.fromEntries(
    [...hostsOf(translation)].map(([key, { routes }]) => [
      key,
      routes.map(({ route: { match, from } }) => `${'value' in match.path ? match.path.value : ''} ${from?.name}`),
    ]),
  );

test('a host has the routes of all its VirtualServices, oldest first, and what takes everything at the end', () => {
  const translation = made(
    [gateway('g', https(['h.example']))],
    [
      virtualService('old', { hosts: ['h.example'], gateways: ['g'], http: [prefix('/one'), prefix('/')] }),
      virtualService('young', {
        hosts: ['h.example'],
        gateways: ['a/g'],
        http: [prefix('/two'), prefix('/'), prefix('/never')],
      }),
    ],
  );
  assert.equal(shown(translation), { 'https.443.https.g.a h.example': ['/one old', '/two young', '/ old', '/ young'] });
});

test('what is for this namespace only comes before what is for all, whatever its age', () => {
  const hosts = { hosts: ['h.example'], gateways: ['a/g'] };
  const translation = made(
    [gateway('g', https(['*']))],
    [
      virtualService('all', { ...hosts, http: [prefix('/all')] }),
      virtualService('some', { ...hosts, exportTo: ['istio-system', 'b'], http: [prefix('/some')] }),
      virtualService('own', { ...hosts, exportTo: ['.'], http: [prefix('/own')] }, 'istio-system'),
      virtualService('hidden', { ...hosts, exportTo: ['.'], http: [prefix('/hidden')] }),
    ],
  );
  assert.equal(Object.values(shown(translation)), [['/own own', '/some some', '/all all']]);
});

test('hosts are those that Gateway and VirtualService have in common', () => {
  const translation = made(
    [gateway('g', https(['*.example', 'b/only.other', './own.other']))],
    [
      virtualService('wild', {
        hosts: ['A.example', '*.sub.example', 'not.other'],
        gateways: ['g'],
        http: [prefix('/')],
      }),
      virtualService('b', { hosts: ['only.other', 'own.other'], gateways: ['a/g'], http: [prefix('/')] }, 'b'),
    ],
  );
  assert.equal(
    [...hostsOf(translation).values()].map(({ host }) => host),
    ['a.example', '*.sub.example', 'only.other'],
  );
});

test('plain HTTP servers of a port share their routes; a redirect is for the host, with or without routes', () => {
  const translation = made(
    [
      gateway('g', http(['a.example', 'b.example'], { tls: { httpsRedirect: true } })),
      gateway('h', http(['c.example'])),
    ],
    [virtualService('v', { hosts: ['a.example', 'c.example'], gateways: ['g', 'h'], http: [prefix('/')] })],
  );
  const found = [...hostsOf(translation).values()].map(({ routeConfiguration, host, requireTls, routes }) => [
    routeConfiguration,
    host,
    requireTls,
    routes.length,
  ]);
  assert.equal(found, [
    ['http.8080', 'a.example', 'all', 1],
    ['http.8080', 'b.example', 'all', 0],
    ['http.8080', 'c.example', 'none', 1],
  ]);
});

test('a match may be for one gateway, for a port, for labels of the proxy', () => {
  const only = (match: object): readonly string[] =>
    Object.values(
      shown(
        made(
          [gateway('g', https(['h.example']))],
          [
            virtualService('v', {
              hosts: ['h.example'],
              gateways: ['g'],
              http: [{ match: [{ uri: { prefix: '/m' }, ...match }], route: [] }, prefix('/x')],
            }),
          ],
        ),
      ),
    )[0] ?? [];
  assert.equal(only({ gateways: ['g'] }), ['/m v', '/x v']);
  assert.equal(only({ gateways: ['mesh'] }), ['/x v']);
  assert.equal(only({ port: 80 }), ['/x v']);
  assert.equal(only({ sourceLabels: { app: 'x' } }), ['/x v']);
  assert.equal(only({ sourceLabels: { istio: 'ingressgateway' } }), ['/m v', '/x v']);
});

test('a delegate is seen where it is exported, and its routes are those of the root', () => {
  const root = virtualService('root', {
    hosts: ['h.example'],
    gateways: ['g'],
    http: [{ match: [{ uri: { prefix: '/d' } }], delegate: { name: 'd', namespace: 'b' } }, prefix('/r')],
  });
  const routes = (spec: object): readonly string[] =>
    Object.values(shown(made([gateway('g', https(['h.example']))], [root, virtualService('d', spec, 'b')])))[0] ?? [];
  assert.equal(routes({ http: [prefix('/d/one')] }), ['/d/one root', '/r root']);
  assert.equal(routes({ http: [prefix('/d/one')], exportTo: ['.'] }), ['/r root']);
});

test('short names are of the namespace of their object', () => {
  const translation = made(
    [gateway('g', https(['h.example']))],
    [virtualService('v', { hosts: ['h.example'], gateways: ['g'], http: [prefix('/one')] })],
  );
  const [host] = hostsOf(translation).values();
  const action = host?.routes[0]?.route.action;
  assert.is(
    action?.kind === 'forward' && action.to.kind === 'cluster' && action.to.cluster,
    'outbound|80||sone.a.svc.cluster.local',
  );
});

test('a Gateway that takes a host over, and one that loses it', () => {
  const [old, young] = [gateway('old', https(['h.example'])), gateway('young', https(['h.example']))];
  const routes = [virtualService('v', { hosts: ['h.example'], gateways: ['old', 'young'], http: [prefix('/')] })];
  const [change, ...more] = changedHosts(made([old, young], routes), made([young], routes));
  assert.equal(
    [change?.change, change?.before[0]?.name, change?.after[0]?.name, more],
    ['taken-over', 'old', 'young', []],
  );
  assert.equal(changedHosts(made([old, young], routes), made([old, young], routes)), []);
});

test('routes that move, change, come and go are told apart; headers count too', () => {
  const g = gateway('g', https(['h.example']));
  const spec = (...all: readonly object[]): KubeObject => ({
    ...base,
    spec: { hosts: ['h.example'], gateways: ['g'], http: all },
  });
  const base = virtualService('v', {});
  const changes = (before: readonly object[], after: readonly object[]): unknown =>
    changedHosts(made([g], [spec(...before)]), made([g], [spec(...after)])).flatMap(({ routes }) =>
      routes.map((one) => [one.change, one.after?.position]),
    );
  const [a, b] = [prefix('/a'), prefix('/b')];
  assert.equal(changes([a, b], [b, a]), [['moved', 2]]);
  assert.equal(changes([a, b], [a, { ...b, timeout: '1s' }]), [['changed', 2]]);
  assert.equal(changes([a], [a, b]), [['new', 2]]);
  assert.equal(changes([a, b], [b]), [['gone', undefined]]);
  const sets = { set: { x: '1', y: '2' }, remove: ['z'] };
  assert.equal(changes([a], [{ ...a, headers: { request: sets } }]), [['changed', 1]]);
  const same = { remove: ['z'], set: { y: '2', x: '1' } };
  assert.equal(changes([{ ...a, headers: { request: sets } }], [{ ...a, headers: { request: same } }]), []);
});

test('exact is what is served with the same routes, and behind a filter chain', () => {
  const translation = made(
    [gateway('g', https(['h.example']))],
    [virtualService('v', { hosts: ['h.example'], gateways: ['g'], http: [prefix('/one'), prefix('/')] })],
  );
  const [host] = hostsOf(translation).values();
  const name = 'https.443.https.g.a';
  const routes = host?.routes.map(({ route }) => route) ?? [];
  const served = (all: readonly Route[]): RouteConfiguration[] => [
    routeConfiguration({ name, virtualHosts: [virtualHost({ domains: ['h.example'], routes: all })] }),
  ];
  const chain = filterChain({ handler: httpHandler({ routeConfiguration: name }) });
  const open = [listener({ filterChains: [chain] })];
  const why = (all: readonly Route[], listeners: readonly Listener[]): unknown =>
    calibrate(translation, served(all), listeners).unsure.get(`${name} h.example`);
  assert.is(why(routes, open), undefined);
  assert.match(String(why(routes, [])), /no filter chain leads to its routes/);
  assert.match(String(why(routes, [listener({ state: 'draining', filterChains: [chain] })])), /no filter chain/);
  const update = listener({ name: '0.0.0.0_8443', state: 'warming', filterChains: [chain] });
  assert.is(why(routes, [update]), 'the update of listener 0.0.0.0_8443 that leads to its routes is warming');
  assert.is(why(routes, [update, ...open]), undefined);
  assert.match(String(why(routes.slice(1), open)), /1 route is served, and its objects make 2/);
  assert.match(String(why([...routes].reverse(), open)), /route 1 is served with another match/);
  const adds = { request_headers_to_add: [{ header: { key: 'x', value: '1' } }] };
  const others = routes.map((route, index) => ({ ...route, [raw]: index === 1 ? adds : {} }));
  assert.is(why(others, open), 'route 2 is served with other operations on headers');
  const answering = (value: string): Route[] => {
    const added = { response_headers_to_add: [{ header: { key: 'alt-svc', value } }] };
    return routes.map((route) => ({ ...route, [raw]: added }));
  };
  assert.is(why(answering('h3=":443"; ma=86400'), open), undefined, 'of istiod, where QUIC is listened for');
  assert.is(why(answering('h3=":443"; ma=60'), open), 'route 1 is served with other operations on headers');
});

test.run();
