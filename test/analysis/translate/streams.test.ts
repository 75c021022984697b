// Connections that a gateway hands on as they are, as istiod makes filter chains of them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate } from '#analysis/translate/calibration.ts';
import { servicesOf } from '#analysis/translate/destinations.ts';
import { changedHosts } from '#analysis/translate/host-changes.ts';
import { usualRetry } from '#analysis/translate/http-action.ts';
import { predictedListeners, type TranslatedWorld } from '#analysis/translate/predicted-listeners.ts';
import { type Translation, translate } from '#analysis/translate/translate.ts';
import type { KubeObject } from '#core/kube-object.ts';

const target = {
  namespace: 'istio-system',
  labels: { istio: 'ingressgateway' },
  listenerPortOf: (port: number) => ({ 443: 8443 })[port] ?? port,
  defaultRetry: usualRetry,
  withoutSecrets: (text: string) => text,
};
let second = 0;
const object = (kind: string, name: string, spec: object): KubeObject => ({
  kind,
  metadata: { namespace: 'a', name, creationTimestamp: `2026-01-01T00:00:${String(second++).padStart(2, '0')}Z` },
  spec,
});
const server = (protocol: string, number: number, hosts: readonly string[], tls?: object): object => ({
  port: { number, name: `p-${number}`, protocol },
  hosts,
  ...(tls ? { tls } : {}),
});
const passthrough = { mode: 'PASSTHROUGH' };
const simple = { mode: 'SIMPLE', credentialName: 'c' };
const gateway = (name: string, ...servers: readonly object[]): KubeObject =>
  object('Gateway', name, { selector: { istio: 'ingressgateway' }, servers });
const virtualService = (name: string, spec: object): KubeObject => object('VirtualService', name, spec);
const to = (host: string, port?: number, weight?: number): object => ({
  destination: { host, ...(port === undefined ? {} : { port: { number: port } }) },
  ...(weight === undefined ? {} : { weight }),
});
const services = servicesOf(
  [
    { metadata: { name: 'one', namespace: 'a' }, spec: { ports: [{ port: 5432 }] } },
    { metadata: { name: 'two', namespace: 'a' }, spec: { ports: [{ port: 80 }, { port: 81 }] } },
  ],
  [],
);
const made = (gateways: readonly KubeObject[], virtualServices: readonly KubeObject[]): Translation =>
  translate({ gateways, virtualServices }, services, target);
const shown = ({ streams }: Translation): string[] =>
  streams.map(
    ({ server: { listenerPort }, serverNames, endsTls, clusters, from }) =>
      `${listenerPort} [${serverNames}] ${endsTls ? 'TLS' : '-'} ${clusters.map(({ cluster, weight }) => `${weight}*${cluster}`)} ${from.name}`,
  );
const outbound = (port: number, name: string): string => `outbound|${port}||${name}.a.svc.cluster.local`;

test('passed through is what tls routes name, each match a chain of its own', () => {
  const translation = made(
    [gateway('g', server('TLS', 5432, ['*.example'], passthrough))],
    [
      virtualService('v', {
        hosts: ['a.example', 'b.example'],
        gateways: ['g'],
        tls: [
          { match: [{ port: 5432, sniHosts: ['B.example', 'a.example'] }], route: [to('one')] },
          { match: [{ port: 443, sniHosts: ['c.example'] }], route: [to('one')] },
          { match: [{ gateways: ['other'], sniHosts: ['d.example'] }], route: [to('one')] },
          { match: [{ gateways: ['g'], sourceLabels: { app: 'x' }, sniHosts: ['e.example'] }], route: [to('two')] },
        ],
      }),
      virtualService('elsewhere', {
        hosts: ['a.other'],
        gateways: ['g'],
        tls: [{ match: [{ sniHosts: ['f.example'] }], route: [to('one')] }],
      }),
    ],
  );
  assert.equal(shown(translation), [
    `5432 [a.example,b.example] - 1*${outbound(5432, 'one')} v`,
    `5432 [e.example] - 1*${outbound(5432, 'two')} v`,
  ]);
});

test('a server name that is taken on the port leaves the whole match out', () => {
  const spec = (sniHosts: readonly string[], host: string): object => ({
    hosts: ['*.example'],
    gateways: ['g'],
    tls: [{ match: [{ sniHosts }], route: [to(host, 80)] }],
  });
  const translation = made(
    [gateway('g', server('HTTPS', 443, ['*.example'], passthrough))],
    [
      virtualService('old', spec(['a.example'], 'one')),
      virtualService('young', spec(['a.example', 'b.example'], 'two')),
      virtualService('last', spec(['b.example'], 'two')),
    ],
  );
  assert.equal(shown(translation), [
    `8443 [a.example] - 1*${outbound(80, 'one')} old`,
    `8443 [b.example] - 1*${outbound(80, 'two')} last`,
  ]);
});

test('of TCP the first route counts that is for the server; TLS ends at the gateway where it has a certificate', () => {
  const routes = {
    hosts: ['*'],
    gateways: ['g'],
    tcp: [
      { match: [{ port: 9 }], route: [to('one')] },
      { route: [] },
      { match: [{ port: 7 }, { gateways: ['a/g'] }], route: [to('one', 80, 30), to('two', 80, 70), to('two', 81, 0)] },
      { route: [to('two', 81)] },
    ],
  };
  const translation = made(
    [gateway('g', server('TCP', 5000, ['*']), server('TLS', 443, ['b/db.example', 'a/pg.example'], simple))],
    [virtualService('v', routes), virtualService('later', { ...routes, tcp: [{ route: [to('one')] }] })],
  );
  const clusters = `30*${outbound(80, 'one')},70*${outbound(80, 'two')} v`;
  assert.equal(shown(translation), [`5000 [] - ${clusters}`, `8443 [db.example,pg.example] TLS ${clusters}`]);
});

const world = (translation: Translation): TranslatedWorld => ({ translation, clusters: [] });

test('what is served otherwise than it is asked for is not exact', () => {
  const gateways = [gateway('g', server('TLS', 5432, ['*'], passthrough))];
  const spec = (host: string): KubeObject =>
    virtualService('v', {
      hosts: ['*'],
      gateways: ['g'],
      tls: [{ match: [{ sniHosts: ['a.example'] }], route: [to(host, 80)] }],
    });
  const [none, one, two] = [made([], []), made(gateways, [spec('one')]), made(gateways, [spec('two')])];
  const served = predictedListeners([], world(none), world(one));
  assert.equal([...calibrate(one, [], served).exact], ['tcp.5432 a.example']);
  const unsure = (translation: Translation, listeners: typeof served): string[] => [
    ...calibrate(translation, [], listeners).unsure.values(),
  ];
  assert.equal(unsure(two, served), ['its filter chain is another than its objects ask for']);
  assert.equal(unsure(one, []), ['there is no filter chain for it, although its objects ask for one']);
  assert.match(unsure(none, served)[0] ?? '', /handed on, and no Gateway and VirtualService/);
  const warming = served.map((listener) => ({ ...listener, state: 'warming' as const }));
  assert.equal(unsure(one, warming), ['the update of listener 0.0.0.0_5432 is warming']);
  // One that goes with an update of its listener, of which another chain has yet to get its secret.
  const without = warming.map((listener) => ({ ...listener, filterChains: [] }));
  assert.equal(unsure(none, [...served, ...without]), ['the update of listener 0.0.0.0_5432 is warming']);
  assert.match(unsure(none, [...served, ...warming])[0] ?? '', /handed on, and no Gateway and VirtualService/);
  assert.equal(predictedListeners(served, world(one), world(two)).length, 1);
  assert.equal(
    [...calibrate(two, [], predictedListeners(served, world(one), world(two))).exact],
    ['tcp.5432 a.example'],
  );
  assert.equal(predictedListeners(served, world(one), world(none)), []);
});

test('two filter chains for one server name: Envoy rejects the listener, and nothing on it is exact', () => {
  const https = server('HTTPS', 443, ['a/c.example', 'd.example'], { mode: 'SIMPLE', credentialName: 'c' });
  const v = virtualService('v', {
    hosts: ['*.example'],
    gateways: ['g', 'h'],
    http: [{ route: [to('one', 80)] }],
    tls: [{ match: [{ sniHosts: ['c.example'] }], route: [to('one', 80)] }],
  });
  const translation = made([gateway('g', https), gateway('h', server('TLS', 443, ['*.example'], passthrough))], [v]);
  const why =
    'Envoy rejects listener 0.0.0.0_8443: Gateway a/g and VirtualService a/v make a filter chain for c.example each';
  assert.equal([...translation.rejected], [['0.0.0.0_8443', why]]);
  assert.equal([...new Set(calibrate(translation, [], []).unsure.values())], [why]);
  const apart = made([gateway('g', https), gateway('h', server('TLS', 8444, ['*.example'], passthrough))], [v]);
  assert.equal([...apart.rejected], []);
});

test('changes say where connections went and would go', () => {
  const old = gateway('old', server('TCP', 5000, ['*']));
  const spec = (host: string): KubeObject =>
    virtualService('v', { hosts: ['*'], gateways: ['old', 'young'], tcp: [{ route: [to(host, 80)] }] });
  const changes = changedHosts(made([old], [spec('one')]), made([old], [spec('two')]));
  assert.equal(
    changes.map(({ host, port, change, stream }) => [
      host,
      port,
      change,
      stream?.before?.clusters[0]?.cluster,
      stream?.after?.clusters[0]?.cluster,
    ]),
    [['*', 5000, 'changed', outbound(80, 'one'), outbound(80, 'two')]],
  );
  const young = gateway('young', server('TCP', 5000, ['*']));
  const [taken] = changedHosts(made([old], [spec('one')]), made([young], [spec('one')]));
  assert.equal([taken?.change, taken?.after[0]?.name], ['taken-over', 'young']);
});

test('a listener of QUIC has the chains that end TLS of a server for HTTP, without a client certificate required', () => {
  const mutual = { mode: 'MUTUAL', credentialName: 'c' };
  const objects = (...hosts: readonly string[]): Translation =>
    made([gateway('g', server('HTTPS', 443, hosts, mutual), server('TLS', 443, ['p.example'], passthrough))], []);
  const [none, one, two] = [made([], []), objects('a.example'), objects('a.example', 'b.example')];
  const tcp = predictedListeners([], world(none), world(one));
  const udp = tcp.map((listener) => ({
    ...listener,
    name: `udp_${listener.name}`,
    transport: 'UDP' as const,
    filterChains: [],
  }));
  const served = predictedListeners([...tcp, ...udp], world(none), world(one));
  const chains = (of: typeof served): unknown[] =>
    of
      .filter(({ transport }) => transport === 'UDP')
      .flatMap(({ filterChains }) => filterChains.map(({ tls, match }) => [match.serverNames, tls?.mode, tls?.alpn]));
  assert.equal(chains(served), [[['a.example'], 'OPTIONAL_MUTUAL', ['h3']]]);
  assert.equal(chains(predictedListeners(served, world(one), world(two)))[0], [
    ['a.example', 'b.example'],
    'OPTIONAL_MUTUAL',
    ['h3'],
  ]);
  assert.equal(chains(predictedListeners(served, world(one), world(none))), []);
});

test.run();
