// `check` and `wait` against a real istiod and real Envoys: each trouble is made, found by its id, and taken away again. The mesh of the
// harness has some of its own: an expired certificate, one that ends soon, a missing Secret, twin Gateways, a Service that is not there.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import { apply, dumped, type Gateway, gateways, harness, kii, kiiJson, kubectl, namespace, openssl, until } from './truth/cluster.ts';

const [node0, node1, node2] = gateways() as readonly [Gateway, Gateway, Gateway];
const pods = [node0, node1, node2];
const host = 'check.discovery.wmnet';

interface Result {
  readonly id: string;
  readonly name: string;
  readonly outcome: 'passed' | 'found' | 'not-evaluated';
  readonly findings: readonly { readonly severity: string; readonly text: string; readonly pods: readonly string[] }[];
}

async function check(...flags: readonly string[]): Promise<readonly Result[]> {
  const { out, err } = await kii('check', ...flags, '-o', 'json');
  if (out === '') throw new Error(err);
  const document = JSON.parse(out) as { readonly items: readonly Result[] };
  assert.equal(schemaErrors(document), []);
  return document.items;
}

const found = (results: readonly Result[]): string[] => results.filter(({ outcome }) => outcome === 'found').map(({ name }) => name);

/** The texts of a check's findings that contain `about`, as soon as there are any. */
async function textsOf(name: string, about: string): Promise<readonly string[]> {
  let texts: readonly string[] = [];
  await until(`${name} finds ${about}`, async () => {
    const [result] = await check('--only', name);
    texts = (result?.findings ?? []).map(({ text }) => text).filter((text) => text.includes(about));
    return texts.length > 0;
  });
  return texts;
}

const meta = (name: string, of = 'svc8'): object => ({ name, namespace: of });
const selector = { istio: 'ingressgateway' };

const gateway = (name: string, hosts: readonly string[], credentialName: string, more: object = {}): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: meta(name),
  spec: { selector, servers: [{ port: { name: 'https', number: 443, protocol: 'HTTPS' }, hosts, tls: { mode: 'SIMPLE', credentialName } }], ...more },
});

const virtualService = (name: string, spec: object): object => ({ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: meta(name), spec });

/** Objects of this test begin with `check`. */
function removed(...names: readonly string[]): void {
  for (const name of names) kubectl('-n', 'svc8', 'delete', name, '--ignore-not-found');
}

const configurations = (of: Gateway): string[] =>
  dumped<{ route_config?: { name: string } }>(of, 'dynamic_route_configs').flatMap(({ route_config }) => route_config?.name ?? []);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('finds what is wrong with the mesh as it stands, and nothing else', async () => {
  await kii('wait', '--for', 'synced');
  const { code, out } = await kii('check');
  assert.is(code, 1);
  assert.match(out, /errors? ·/);
  const results = await check();
  assert.equal(found(results).sort(), [
    ...[
      'certificate-expired',
      'certificate-expiring',
      'certificate-missing',
      'certificate-wrong-host',
      'cluster-missing',
      'connection-reuse',
      'gateway-conflict',
    ],
  ]);
  assert.equal(
    results.filter(({ outcome }) => outcome === 'not-evaluated').map(({ name }) => name),
    [],
  );
});

test('names the Gateway that Envoy serves as the winner, and only its twin as the loser', async () => {
  const [result] = await check('--only', 'gateway-conflict');
  assert.is(result?.findings.length, 1);
  const [, winner = '', loser = ''] = /^Gateway \S+\/(\S+) has .* Gateway \S+\/(\S+) loses/.exec(result?.findings[0]?.text ?? '') ?? [];
  for (const pod of pods) {
    const names = configurations(pod).join();
    assert.ok(names.includes(`https.443.https.${winner}.`), winner);
    assert.not.ok(names.includes(`https.443.https.${loser}.`), loser);
  }
});

test('the younger Gateway loses its whole server; deleted and made again, the older one is the younger', async () => {
  try {
    apply(gateway('check-a', [host], 'svc1-tls-certificate'));
    await pause(1500);
    apply(gateway('check-b', [host, 'check-other.discovery.wmnet'], 'svc1-tls-certificate'));
    await pause(1500);
    const [text] = await textsOf('gateway-conflict', 'check-');
    assert.match(
      text ?? '',
      /^Gateway svc8\/check-a has check\.discovery\.wmnet \(older: .*Gateway svc8\/check-b loses .*and with it check-other\.discovery\.wmnet/,
    );
    await until('Envoy has the winner', () => configurations(node0).includes('https.443.https.check-a.svc8'));
    assert.not.ok(configurations(node0).includes('https.443.https.check-b.svc8'));
    kubectl('-n', 'svc8', 'delete', 'gateways.networking.istio.io', 'check-a');
    apply(gateway('check-a', [host], 'svc1-tls-certificate'));
    await until('Envoy has the other', () => configurations(node0).includes('https.443.https.check-b.svc8'));
    const [turned] = await textsOf('gateway-conflict', 'check-');
    assert.match(turned ?? '', /^Gateway svc8\/check-b has .*Gateway svc8\/check-a loses/);
  } finally {
    removed('gateways.networking.istio.io/check-a', 'gateways.networking.istio.io/check-b');
  }
});

test('VirtualServices that go nowhere, routes that are never taken, plain text to TLS, a Gateway for nobody', async () => {
  const to = (name: string): object => ({ route: [{ destination: { host: `${name}.svc8.svc.cluster.local`, port: { number: 8443 } } }] });
  const http = [
    { match: [{ uri: { prefix: '/all' } }], ...to('check-plain') },
    { match: [{ uri: { prefix: '/all/late' } }], ...to('check-plain') },
  ];
  try {
    apply(gateway('check', [host], 'svc1-tls-certificate'));
    apply(gateway('check-typo', ['check-typo.discovery.wmnet'], 'svc1-tls-certificate', { selector: { ...selector, app: 'check-nobody' } }));
    apply({ apiVersion: 'v1', kind: 'Service', metadata: meta('check-plain'), spec: { ports: [{ name: 'https', port: 8443, targetPort: 4000 }] } });
    apply(virtualService('check', { hosts: [host, 'check-elsewhere.discovery.wmnet'], gateways: ['check'], http }));
    apply(virtualService('check-lost', { hosts: ['check-lost.discovery.wmnet'], gateways: ['check-gone'], http: [to('check-plain')] }));
    assert.is((await kii('wait', '--for', `route=${host}/all`, '--timeout', '1m')).code, 0);
    assert.match((await textsOf('shadowed-route', host)).join(), /prefix \/all\/late.* is never taken/);
    assert.match((await textsOf('plain-text-to-tls', 'svc8/check-plain:8443')).join(), /its name is https/);
    assert.match((await textsOf('no-endpoint', 'svc8/check-plain:8443')).join(), /VirtualService svc8\/check/);
    assert.match((await textsOf('virtual-service-host', 'svc8/check')).join(), 'check-elsewhere.discovery.wmnet');
    assert.match((await textsOf('virtual-service-gateway', 'svc8/check-lost')).join(), 'svc8/check-gone');
    assert.match((await textsOf('gateway-selector', 'svc8/check-typo')).join(), 'only a part of it');
    assert.match((await textsOf('certificate-wrong-host', host)).join(), 'not for this host');
    const own = await check('--for', 'svc8', '--fail-on', 'info');
    assert.ok(['shadowed-route', 'plain-text-to-tls', 'no-endpoint', 'virtual-service-gateway'].every((name) => found(own).includes(name)));
    assert.not.ok(found(own).includes('certificate-expired'));
  } finally {
    removed(
      'gateways.networking.istio.io/check',
      'gateways.networking.istio.io/check-typo',
      'virtualservice/check',
      'virtualservice/check-lost',
      'service/check-plain',
    );
  }
});

/** PEM of a key and of a certificate for the host. */
function selfSigned(): { readonly key: string; readonly certificate: string; readonly serial: string } {
  const directory = mkdtempSync(join(tmpdir(), 'kii-check-'));
  const file = join(directory, 'key');
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  const certificate = openssl(['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file, '-days', '30', ...names]);
  const key = readFileSync(file, 'utf8');
  rmSync(directory, { recursive: true });
  return { key, certificate, serial: openssl(['x509', '-noout', '-serial'], certificate).trim().replace('serial=', '') };
}

test('a Secret that is missing, comes, is renewed and is lost again; wait sees each certificate in real handshakes', async () => {
  const secret = ({ key, certificate }: ReturnType<typeof selfSigned>): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: meta('check-tls-certificate', namespace),
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  });
  const [first, second] = [selfSigned(), selfSigned()];
  try {
    apply(gateway('check', [host], 'check-tls-certificate'));
    // At first the update of the listener warms; Envoy gives up on the Secret after 15 s.
    const missing = await textsOf('certificate-missing', 'Secret istio-system/check-tls-certificate does not exist');
    assert.match(missing.join(), host);
    apply(secret(first));
    assert.is((await kii('wait', '--for', `cert=${host}=${first.serial}`, '--timeout', '1m')).code, 0);
    apply(secret(second));
    const both = await kii('wait', '--for', `cert=${host}=${second.serial}`, '--for', `absent:cert=${host}=${first.serial}`, '--timeout', '1m');
    assert.is(both.code, 0, both.out + both.err);
    assert.is((await kii('wait', '--for', `cert=${host}=${first.serial}`, '--timeout', '2s')).code, 1);
    kubectl('-n', namespace, 'delete', 'secret', 'check-tls-certificate');
    assert.match((await textsOf('secret-missing', host)).join(), 'does not exist any more');
  } finally {
    kubectl('-n', namespace, 'delete', 'secret', 'check-tls-certificate', '--ignore-not-found');
    removed('gateways.networking.istio.io/check');
  }
});

test('a gateway that has lost istiod is named, with what differs; wait says where and how long', async () => {
  const redirect = { match: [{ uri: { prefix: '/check' } }], redirect: { authority: host } };
  harness('cut', [node2.node, 'on']);
  try {
    apply(virtualService('check-cut', { hosts: ['svc8.discovery.wmnet'], gateways: ['svc8/svc8-main'], http: [redirect] }));
    await textsOf('drift', node2.pod);
    assert.match((await textsOf('not-connected', node2.pod)).join(), 'connected to no istiod');
    const late = await kii('wait', '--for', 'route=svc8.discovery.wmnet/check', '--for', 'synced', '--timeout', '7s');
    assert.is(late.code, 1);
    assert.match(late.out, new RegExp(`synced: connected to no istiod \\(${node2.pod}\\)`));
    assert.match(late.out, 'only 2 of 3 pods');
  } finally {
    harness('cut', [node2.node, 'off']);
  }
  try {
    const { code, out } = await kii('wait', '--for', 'synced', '--for', 'route=svc8.discovery.wmnet/check');
    assert.is(code, 0, out);
  } finally {
    removed('virtualservice/check-cut');
  }
  assert.is((await kii('wait', '--for', 'synced', '--for', 'absent:route=svc8.discovery.wmnet/check')).code, 0);
});

test('log levels left raised are found', async () => {
  await kii('log-level', 'upstream:debug', '--keep', '--yes', '--pod', node1.pod);
  try {
    assert.match((await textsOf('log-level-raised', node1.pod)).join(), 'upstream:debug');
  } finally {
    await kii('log-level', 'upstream:warning', '--keep', '--yes', '--pod', node1.pod);
  }
});

test("listeners that every Envoy rejects are found, each once for all pods, with Envoy's text", async () => {
  harness('up', [String(pods.length)], { KII_METADATA_EXCHANGE: 'true' });
  try {
    const texts = await textsOf('rejected', 'listener');
    assert.match(texts.join(), /metadata_exchange|Didn't find a registered implementation/);
    await until('every pod has rejected it', async () => {
      const { items } = await kiiJson<{ items: readonly Result[] }>(['check', '--only', 'rejected'], 1);
      const findings = items[0]?.findings ?? [];
      return findings.length > 0 && findings.every(({ pods: named }) => named.length === pods.length);
    });
  } finally {
    harness('up', [String(pods.length)]);
  }
  assert.is((await kii('wait', '--for', 'synced')).code, 0);
});

test.run();
