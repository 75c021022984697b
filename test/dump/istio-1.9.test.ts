// The readers over what Envoy 1.17 says of Istio 1.9.5, by a fixture that is made by hand: see its README.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readClusters } from '#dump/clusters.ts';
import { readEndpoints } from '#dump/endpoints.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRoutes } from '#dump/routes.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { readSyncz } from '#istiod/syncz.ts';
import { camelCased } from '../support/dump.ts';

const fixture = join(import.meta.dirname, '../fixtures/istio-1.9.5-by-hand');
const read = (file: string): unknown => JSON.parse(readFileSync(join(fixture, file), 'utf8'));
const pod = 'pods/istio-ingressgateway-abcde';
const dump = read(`${pod}/config_dump.json`);

test('static listeners have no name and are called by their address; rejected updates stand where they belong', () => {
  assert.equal(
    readListeners(dump).map(({ name, state, port, rejected, filterChains }) => [
      name,
      state,
      port,
      rejected !== undefined,
      filterChains.length,
    ]),
    [
      ['0.0.0.0:15090', 'static', 15090, false, 1],
      ['0.0.0.0:15021', 'static', 15021, false, 1],
      ['0.0.0.0_8443', 'active', 8443, true, 3],
      ['0.0.0.0_8080', 'active', 8080, false, 1],
      ['0.0.0.0_9443', 'warming', 9443, true, 0],
    ],
  );
});

test('TLS, client certificates and passthrough of the filter chains', () => {
  const [, , main] = readListeners(dump);
  assert.equal(
    main?.filterChains.map(({ match, tls, handler }) => [
      match.serverNames[0],
      tls?.mode,
      tls?.certificates[0],
      tls?.clientCa,
      handler.kind,
    ]),
    [
      ['svc1.discovery.wmnet', 'SIMPLE', 'kubernetes://svc1-tls-certificate', undefined, 'http'],
      [
        'svc2.discovery.wmnet',
        'MUTUAL',
        'kubernetes://svc2-tls-certificate',
        'kubernetes://svc2-tls-certificate-cacert',
        'http',
      ],
      ['pass.discovery.wmnet', undefined, undefined, undefined, 'tcp'],
    ],
  );
});

test('header matchers of their own kinds, regular expressions that name their engine, weights with a total', () => {
  const route = readRoutes(dump).find(({ name }) => name === 'https.443.https.svc1-main.svc1')?.virtualHosts[0]
    ?.routes[1];
  assert.equal(route?.match.path, { kind: 'regex', value: '/v[0-9]+/items/.*' });
  assert.equal(route?.match.headers.map(({ name, value, invert }) => [name, value.kind, invert]).sort(), [
    ['user-agent', 'regex', false],
    ['x-client', 'exact', false],
    ['x-debug', 'present', true],
  ]);
  assert.ok(route?.action.kind === 'forward' && route.action.to.kind === 'weighted');
  assert.equal(
    route.action.to.clusters.map(({ weight }) => weight),
    [90, 10],
  );
  assert.is(route.action.to.totalWeight, 100);
  assert.equal(route.from, { kind: 'VirtualService', namespace: 'svc1', name: 'svc1-main' });
});

test('TLS towards services: names under their old field, verified only where there is a CA, SNI of the request in the cluster itself', () => {
  const tlsOf = (name: string): unknown => {
    const tls = readClusters(dump).find((cluster) => cluster.name === name)?.tls;
    return tls && 'isVerified' in tls
      ? [tls.mode, tls.isVerified, tls.subjectAltNames, tls.sni, tls.autoSni]
      : tls?.mode;
  };
  assert.equal(tlsOf('outbound|4001||svc1-tls-service.svc1.svc.cluster.local'), [
    'SIMPLE',
    true,
    ['svc1.discovery.wmnet'],
    'svc1.discovery.wmnet',
    false,
  ]);
  assert.equal(tlsOf('outbound|4002|v1|svc2-tls-service.svc2.svc.cluster.local'), [
    'SIMPLE',
    false,
    [],
    undefined,
    true,
  ]);
  assert.is(tlsOf('outbound|4003||svc3-tls-service.svc3.svc.cluster.local'), 'per-endpoint');
  assert.is(tlsOf('xds-grpc'), 'none');
});

test('health of endpoints', () => {
  const endpoints = readEndpoints(read(`${pod}/clusters.json`));
  assert.equal(
    endpoints.slice(0, 3).map(({ address, health, reasons, successRate }) => [address, health, reasons, successRate]),
    [
      ['10.64.1.4:4000', 'HEALTHY', [], -1],
      ['10.64.1.5:4000', 'UNHEALTHY', ['failed_outlier_check'], 12.5],
      ['10.64.1.6:4000', 'UNHEALTHY', ['eds: UNHEALTHY'], undefined],
    ],
  );
  assert.is(endpoints.at(-1)?.address, './etc/istio/proxy/XDS');
});

test('a secret that was never delivered warms; no key is read', () => {
  const secrets = readSecrets(dump);
  assert.equal(
    secrets.map(({ name, state, kind, chain }) => [name, state, kind, chain.length]),
    [
      ['kubernetes://svc1-tls-certificate', 'active', 'certificate', 1],
      ['ROOTCA', 'active', 'ca', 1],
      ['kubernetes://svc2-tls-certificate', 'warming', 'none', 0],
    ],
  );
  assert.not.match(JSON.stringify(secrets), /redacted|W3JlZGFjdGVk|private/);
});

test('versions, and what istiod says', () => {
  const { envoyVersion, istioVersion } = readServerInfo(read(`${pod}/server_info.json`));
  assert.equal([envoyVersion, istioVersion], ['1.17.5-dev', '1.9.5']);
  const [proxy] = readSyncz(read('istiods/istiod-6f9c8d-x2z/syncz.json'));
  assert.equal([proxy?.istioVersion, proxy?.types.LDS?.state, proxy?.types.CDS?.state], ['1.9.5', 'STALE', 'SYNCED']);
});

/** What is kept as it was written, whoever wrote it. */
const withoutRaw = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (name, inner) => (name === 'accessLogs' || name === 'outlierDetection' ? undefined : inner)),
  );

test('istioctl 1.9 writes the same in camelCase', () => {
  const same = camelCased(dump);
  for (const reader of [readListeners, readRoutes, readClusters, readSecrets])
    assert.equal(withoutRaw(reader(same)), withoutRaw(reader(dump)));
});

test.run();
