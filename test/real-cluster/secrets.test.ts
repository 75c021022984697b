// `secrets` against each Envoy's own dump, openssl, istioctl and the Secrets of Kubernetes.

import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import { dumped, environment, gateways, kii, kiiJson, kubectlJson, openssl } from './truth/cluster.ts';
import { envoyOutputIsIstioctls } from './truth/routes.ts';

const pods = gateways();

interface DumpedSecret {
  readonly name: string;
  readonly secret: { readonly tls_certificate?: { readonly certificate_chain: { readonly inline_bytes: string } } };
}

interface SecretItem {
  readonly name: string;
  readonly state: string;
  readonly hosts: readonly string[];
  readonly chain: readonly {
    readonly serial: string;
    readonly notAfter: string;
    readonly dnsNames: readonly string[];
  }[];
  readonly pods: readonly string[];
}

interface SecretList {
  readonly complete: boolean;
  readonly items: readonly SecretItem[];
}

/** `serial=…`, `notAfter=…` by openssl, of the first certificate of a chain. */
function leafByOpenssl(pem: string): { readonly serial: string; readonly notAfter: string } {
  const text = openssl(['x509', '-noout', '-serial', '-enddate', '-dateopt', 'iso_8601'], pem);
  const field = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  return { serial: field('serial'), notAfter: field('notAfter').replace(' ', 'T') };
}

test('every secret that an Envoy holds is there, and its certificate is the one that openssl reads', async () => {
  const document = await kiiJson<SecretList>(['secrets']);
  assert.equal(schemaErrors(document), []);
  assert.is(document.complete, true);
  for (const gateway of pods) {
    const held = dumped<DumpedSecret>(gateway, 'dynamic_active_secrets');
    const ours = document.items.filter(({ pods: names, state }) => state === 'active' && names.includes(gateway.pod));
    assert.ok(held.length > 10);
    assert.equal(ours.map(({ name }) => name).sort(), held.map(({ name }) => name).sort(), gateway.pod);
    for (const { name, secret } of held) {
      if (secret.tls_certificate === undefined) continue;
      const pem = Buffer.from(secret.tls_certificate.certificate_chain.inline_bytes, 'base64').toString('utf8');
      const [leaf] = ours.find((one) => one.name === name)?.chain ?? [];
      assert.equal({ serial: leaf?.serial, notAfter: leaf?.notAfter }, leafByOpenssl(pem), name);
    }
  }
});

test('a secret that does not exist is warming on every pod', async () => {
  const { items } = await kiiJson<SecretList>(['secrets', '--name', 'does-not-exist']);
  assert.equal(
    items.map(({ name, state, hosts }) => [name, state, hosts]),
    [['kubernetes://does-not-exist', 'warming', ['nosecret.discovery.wmnet']]],
  );
  assert.is(items[0]?.pods.length, pods.length);
});

test('--host finds the certificate that the host is served with', async () => {
  const { items } = await kiiJson<SecretList>(['secrets', '--host', 'svc1.discovery.wmnet']);
  assert.ok(items.some(({ name }) => name === 'kubernetes://svc1-tls-certificate'));
  assert.ok(items.every(({ hosts }) => hosts.includes('svc1.discovery.wmnet')));
});

for (const [index, gateway] of pods.entries())
  test(`-o envoy is istioctl's own JSON: pod ${index}`, () => envoyOutputIsIstioctls('secrets', gateway));

test("the runbook's line with jq and base64 gives what is in the Secret", async () => {
  const { out } = await kii('secrets', '--pod', pods[0]?.pod ?? '', '-o', 'envoy');
  const filter =
    '[.dynamicActiveSecrets[] | select(.name == "kubernetes://svc1-tls-certificate")][0].secret.tlsCertificate.certificateChain.inlineBytes';
  const base64 = execFileSync('jq', ['-r', filter], { input: out, env: environment, encoding: 'utf8' });
  const secret = kubectlJson<{ data: Readonly<Record<string, string>> }>(
    '-n',
    'istio-system',
    'get',
    'secret',
    'svc1-tls-certificate',
  );
  assert.is(Buffer.from(base64, 'base64').toString(), Buffer.from(secret.data['tls.crt'] ?? '', 'base64').toString());
});

test('no output has a private key', async () => {
  for (const format of ['table', 'wide', 'json', 'yaml', 'envoy']) {
    const { code, out } = await kii('secrets', '--pod', pods[0]?.pod ?? '', '-o', format);
    assert.is(code, 0);
    const decoded = out.replace(/[A-Za-z0-9+/=]{200,}/g, (text) => Buffer.from(text, 'base64').toString('latin1'));
    assert.not.match(`${out}${decoded}`, /PRIVATE KEY/);
  }
});

test.run();
