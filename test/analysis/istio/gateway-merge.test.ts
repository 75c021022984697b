import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeAge, type GatewayServer, mergeGateways } from '#analysis/istio/gateway-merge.ts';
import type { KubeObject } from '#core/kube-object.ts';

const labels = { istio: 'ingressgateway' };
const listenerPortOf = (port: number): number => (port === 443 ? 8443 : port === 80 ? 8080 : port);

interface Server {
  readonly port?: object;
  readonly hosts: readonly string[];
  readonly tls?: object;
  readonly bind?: string;
}

const https = (...hosts: readonly string[]): Server => ({
  port: { number: 443, name: 'https', protocol: 'HTTPS' },
  hosts,
  tls: { mode: 'SIMPLE' },
});
const plain = (protocol: string, ...hosts: readonly string[]): Server => ({
  port: { number: 80, name: 'http', protocol },
  hosts,
});

const gateway = (id: string, second: number, ...servers: readonly Server[]): KubeObject => ({
  metadata: {
    namespace: id.split('/')[0] as string,
    name: id.split('/')[1] as string,
    creationTimestamp: `2026-11-23T12:00:0${second}Z`,
  },
  spec: { selector: labels, servers },
});

const nameOf = ({ gateway: { namespace, name } }: GatewayServer): string => `${namespace}/${name}`;

function lossesOf(...gateways: readonly KubeObject[]): string[] {
  const { lost } = mergeGateways(gateways, labels, listenerPortOf);
  return lost.map(
    ({ server, winner, duplicates }) =>
      `${nameOf(server)} to ${nameOf(winner)}: ${duplicates.map(({ host }) => host).join()}`,
  );
}

test('the older Gateway has the host, and the other loses its whole server', () => {
  const { kept, lost } = mergeGateways(
    [gateway('b/young', 2, https('a.example', 'b.example')), gateway('a/old', 1, https('a.example'))],
    labels,
    listenerPortOf,
  );
  assert.equal(kept.map(nameOf), ['a/old']);
  assert.equal(lost[0]?.server.hosts, ['a.example', 'b.example']);
  assert.equal(
    lost[0]?.duplicates.map(({ host }) => host),
    ['a.example'],
  );
  assert.match(
    describeAge(lost[0]?.winner as GatewayServer, lost[0]?.server as GatewayServer),
    /^older: created .*:01Z/,
  );
});

test('of the same second the name decides, then the namespace', () => {
  assert.equal(lossesOf(gateway('a/z', 1, https('h.example')), gateway('b/y', 1, https('h.example'))), [
    'a/z to b/y: h.example',
  ]);
  assert.equal(lossesOf(gateway('b/x', 1, https('h.example')), gateway('a/x', 1, https('h.example'))), [
    'b/x to a/x: h.example',
  ]);
});

test('hosts that went with a server that was left out are free for others', () => {
  const all = [
    gateway('n/a', 1, https('one')),
    gateway('n/b', 2, https('one', 'two')),
    gateway('n/c', 3, https('two')),
  ];
  assert.equal(lossesOf(...all), ['n/b to n/a: one']);
});

test('a wildcard and a host under it, other ports and other selectors are no conflict', () => {
  const other = {
    ...gateway('n/c', 3, https('a.example')),
    spec: { selector: { istio: 'other' }, servers: [https('a.example')] },
  };
  const elsewhere = { ...https('a.example'), port: { number: 8444, name: 'https', protocol: 'HTTPS' } };
  assert.equal(
    lossesOf(
      gateway('n/a', 1, https('*.example')),
      gateway('n/b', 2, https('a.example')),
      gateway('n/d', 4, elsewhere),
      other,
    ),
    [],
  );
});

test('plain HTTP servers share a port; TLS beside them, and TCP, do not', () => {
  const tlsOn80 = { ...https('c.example'), port: { number: 80, name: 'tls', protocol: 'TLS' } };
  const first = gateway('n/a', 1, plain('HTTP', 'a.example'));
  assert.equal(
    lossesOf(first, gateway('n/b', 2, plain('HTTP', 'a.example')), gateway('n/c', 3, plain('GRPC', 'b.example'))),
    [],
  );
  assert.equal(lossesOf(first, gateway('n/b', 2, tlsOn80), gateway('n/c', 3, plain('TCP', '*'))), [
    'n/b to n/a: ',
    'n/c to n/a: ',
  ]);
});

test('servers that redirect to https are compared as well', () => {
  const redirect = { ...plain('HTTP', '*.example'), tls: { httpsRedirect: true } };
  assert.equal(lossesOf(gateway('n/a', 1, redirect), gateway('n/b', 2, redirect)), ['n/b to n/a: *.example']);
});

test('another bind is another listener', () => {
  assert.equal(lossesOf(gateway('n/a', 1, https('h')), gateway('n/b', 2, { ...https('h'), bind: '10.0.0.1' })), []);
});

test('a host written with other namespaces or letters passes istiod and clashes in Envoy', () => {
  const { lost, clashes } = mergeGateways(
    [gateway('n/a', 1, https('n/h.example')), gateway('n/b', 2, https('*/H.example'))],
    labels,
    listenerPortOf,
  );
  assert.equal(lost, []);
  assert.equal(
    clashes.map(({ host, servers }) => [host, servers.map(nameOf)]),
    [['h.example', ['n/a', 'n/b']]],
  );
  const clashesOf = (...servers: readonly [Server, Server]): number =>
    mergeGateways(
      servers.map((one, index) => gateway(`n/${index}`, index, one)),
      labels,
      listenerPortOf,
    ).clashes.length;
  const passthrough = { ...https('*/H.example'), tls: { mode: 'PASSTHROUGH' } };
  assert.is(clashesOf(https('n/h.example'), passthrough), 0);
  assert.is(clashesOf(https('n/h.example'), { ...https('*/H.example'), bind: '10.0.0.1' }), 0);
  assert.equal(lossesOf(gateway('n/a', 1, https('./h.example')), gateway('n/b', 2, https('n/h.example'))), [
    'n/b to n/a: n/h.example',
  ]);
});

test('of the recorded twins the one that Envoy serves wins, and none of the others loses anything', () => {
  const gateways = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../fixtures/twin-gateways/gateways.json'), 'utf8'),
  ) as readonly KubeObject[];
  assert.ok(gateways.length > 10);
  // The recorded pods have the route configuration https.443.https.dup-svc0.svc1 and none of svc0-main.
  assert.equal(lossesOf(...gateways), ['svc0/svc0-main to svc1/dup-svc0: svc0.discovery.wmnet']);
});

test.run();
