// `certs` against each Envoy's own dump, real handshakes by openssl in the gateway's network, and the Secrets of
// Kubernetes; a Secret that is renewed while one gateway has lost istiod.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import {
  apply,
  dumped,
  type Gateway,
  gateways,
  handshake,
  harness,
  kii,
  kiiJson,
  kubectl,
  kubectlJson,
  namespace,
  openssl,
  request,
  until,
} from './truth/cluster.ts';

const pods = gateways() as readonly [Gateway, Gateway, Gateway];
const [, , last] = pods;

interface CertificateJson {
  readonly serial: string;
  readonly notAfter: string;
}

interface Item {
  readonly host?: string;
  readonly port?: number;
  readonly outcome: string;
  readonly secret?: string;
  readonly chain: readonly CertificateJson[];
  readonly served?: { readonly outcome: string; readonly chain?: readonly CertificateJson[] };
  readonly kubernetes?: { readonly secret: { readonly loaded: string; readonly changedAt?: string } };
  readonly problems: readonly { readonly code: string; readonly severity: string; readonly text: string }[];
  readonly pods: readonly string[];
}

interface Certificates {
  readonly complete: boolean;
  readonly items: readonly Item[];
}

const certs = async (...args: readonly string[]): Promise<Certificates> => {
  const document = await kiiJson<Certificates>(['certs', ...args]);
  assert.equal(schemaErrors(document), []);
  return document;
};

const codes = (item: Item | undefined): string[] => (item?.problems ?? []).map(({ code }) => code);
const names = (...of: readonly Gateway[]): string[] => of.map(({ pod }) => pod).sort();

/** The chain that an Envoy has loaded, in PEM. */
function loaded(gateway: Gateway, name: string): string {
  interface Dumped {
    readonly name: string;
    readonly secret: { readonly tls_certificate?: { readonly certificate_chain: { readonly inline_bytes: string } } };
  }
  const secret = dumped<Dumped>(gateway, 'dynamic_active_secrets').find((one) => one.name === name);
  return Buffer.from(secret?.secret.tls_certificate?.certificate_chain.inline_bytes ?? '', 'base64').toString('utf8');
}

const blocks = (pem: string): string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];

/** Serial number by openssl; undefined for no certificate. */
const serialOf = (pem: string): string | undefined =>
  blocks(pem).length === 0
    ? undefined
    : /^serial=(.*)$/m.exec(openssl(['x509', '-noout', '-serial'], blocks(pem)[0]))?.[1];

test('every host of the mesh gets the certificate that openssl gets from each pod, or none', async () => {
  const { items } = await certs('*.discovery.wmnet');
  const ended = items.filter(({ outcome }) => outcome !== 'passthrough');
  assert.ok(ended.length >= 16, `${ended.length}`);
  for (const gateway of pods) {
    for (const item of ended.filter((one) => one.pods.includes(gateway.pod))) {
      const serial = serialOf(handshake(gateway, item.port ?? 0, item.host ?? ''));
      assert.is(
        item.outcome === 'certificate' ? item.chain[0]?.serial : undefined,
        serial,
        `${item.host} through ${gateway.node}`,
      );
    }
  }
});

test('--served is what openssl gets, through every pod', async () => {
  for (const host of ['svc1.discovery.wmnet', 'mtls.discovery.wmnet', 'expired.discovery.wmnet']) {
    const { items } = await certs(host, '--served');
    for (const gateway of pods) {
      const item = items.find((one) => one.pods.includes(gateway.pod));
      assert.is(
        item?.served?.chain?.[0]?.serial,
        serialOf(handshake(gateway, item?.port ?? 0, host)),
        `${host} through ${gateway.node}`,
      );
      assert.not.ok(codes(item).includes('served-differs'));
    }
  }
});

test('a host that no Gateway names gets none, and neighbours are not mistaken for it', async () => {
  const { items } = await certs('nobody.example.org');
  assert.ok(items.length > 0 && items.every(({ outcome }) => outcome === 'none'));
  assert.is(serialOf(handshake(pods[0], 8443, 'nobody.example.org')), undefined);
});

test('names what is expired, ends soon, was never delivered and is for other hosts', async () => {
  const { items } = await certs('*.discovery.wmnet');
  const of = (host: string): string[] => codes(items.find((item) => item.host === host));
  assert.ok(of('expired.discovery.wmnet').includes('expired'));
  assert.ok(of('expiring.discovery.wmnet').includes('expiring'));
  assert.equal(of('nosecret.discovery.wmnet'), ['not-loaded', 'secret-absent']);
  assert.ok(of('mtls.discovery.wmnet').includes('not-covered'));
  assert.equal(of('svc1.discovery.wmnet'), []);
});

test('of two Gateways that ask for one host the one that has no filter chain is named', async () => {
  const { items } = await certs('svc0.discovery.wmnet');
  const lost = items.flatMap(({ problems }) => problems.filter(({ code }) => code === 'gateway-lost'));
  assert.is(lost.length, 1);
  const winner = handshake(pods[0], 8443, 'svc0.discovery.wmnet');
  const [own, rival] = ['svc0/svc0-main', 'svc1/dup-svc0'];
  const isRival = openssl(['x509', '-noout', '-subject'], blocks(winner)[0]).includes('svc1');
  assert.match(lost[0]?.text ?? '', isRival ? `Gateway ${own} asks` : `Gateway ${rival} asks`);
  assert.match(lost[0]?.text ?? '', isRival ? `Gateway ${rival} has the host` : `Gateway ${own} has the host`);
});

test('--text is what openssl prints of the whole chain, --pem the chain itself: the two pipes of the runbook', async () => {
  const chain = blocks(loaded(pods[0], 'kubernetes://svc1-tls-certificate'));
  assert.is(chain.length, 2);
  const text = await kii('certs', 'svc1.discovery.wmnet', '--text');
  const printed = chain.map((pem) => openssl(['x509', '-noout', '-text'], pem).replace(/ +$/gm, ''));
  assert.is(text.out.replace(/^#.*\n/gm, '').replace(/\n\n/g, '\n'), printed.join(''));
  const { out } = await kii('certs', 'svc1-tls-certificate', '--pem');
  assert.equal(blocks(out), chain);
  const secret = kubectlJson<{ data: Readonly<Record<string, string>> }>(
    '-n',
    namespace,
    'get',
    'secret',
    'svc1-tls-certificate',
  );
  assert.equal(blocks(out), blocks(Buffer.from(secret.data['tls.crt'] ?? '', 'base64').toString()));
});

test('the CA of clients is that of the Secret, the CA of services the file that the DestinationRule names', async () => {
  const { out } = await kii('certs', 'mtls.discovery.wmnet', '--client-ca', '--pem');
  const secret = kubectlJson<{ data: Readonly<Record<string, string>> }>(
    '-n',
    namespace,
    'get',
    'secret',
    'mtls-tls-certificate',
  );
  assert.equal(blocks(out), blocks(Buffer.from(secret.data['ca.crt'] ?? '', 'base64').toString()));
  const services = await kii('certs', 'svc3.discovery.wmnet', '--upstream-ca');
  assert.match(
    services.out,
    /svc3\/svc3-tls-service:4003 +TLS, verified by file-root:\/etc\/ssl\/certs\/ca-certificates\.crt/,
  );
});

test('--fail-within is for scripts', async () => {
  assert.is((await kii('certs', 'svc1.discovery.wmnet', '--fail-within', '7d')).code, 0);
  assert.is((await kii('certs', 'expiring.discovery.wmnet', '--fail-within', '7d')).code, 1);
  assert.is((await kii('certs', 'expired.discovery.wmnet', '--fail-within', '0s')).code, 1);
});

test('no output has a private key', async () => {
  for (const args of [
    [],
    ['-o', 'json'],
    ['-o', 'yaml'],
    ['--text'],
    ['svc1.discovery.wmnet', '--pem'],
    ['--upstream-ca', '-o', 'json'],
  ]) {
    assert.not.match((await kii('certs', ...args)).out, /PRIVATE KEY/, args.join(' '));
  }
});

const host = 'certs.test';

/** A Secret with a certificate of its own key, whose file is gone before this returns. */
function tlsSecret(): object {
  const directory = mkdtempSync(join(tmpdir(), 'kii-certs-'));
  try {
    const [key, crt] = [join(directory, 'key'), join(directory, 'crt')];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      `/CN=${host}`,
    ];
    execFileSync('openssl', [...made, '-addext', `subjectAltName=DNS:${host}`, '-keyout', key, '-out', crt], {
      stdio: 'ignore',
    });
    const data = { 'tls.crt': readFileSync(crt).toString('base64'), 'tls.key': readFileSync(key).toString('base64') };
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { name: 'certs-test', namespace },
      data,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'certs-test', namespace: 'svc1' },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [
      {
        port: { number: 443, name: 'https', protocol: 'HTTPS' },
        hosts: [host],
        tls: { mode: 'SIMPLE', credentialName: 'certs-test' },
      },
    ],
  },
};

const certManagerCertificate = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'certs-test', namespace },
  spec: { secretName: 'certs-test', dnsNames: [host], issuerRef: { name: 'none', kind: 'ClusterIssuer' } },
};

function removeAll(): void {
  for (const [kind, of] of [
    ['gateways.networking.istio.io', 'svc1'],
    ['certificates.cert-manager.io', namespace],
    ['secret', namespace],
  ]) {
    kubectl('-n', of ?? '', 'delete', kind ?? '', 'certs-test', '--ignore-not-found');
  }
}

const served = (of: Gateway): string | undefined => serialOf(handshake(of, 8443, host));
const serialInSecret = (): string | undefined => {
  const { data } = kubectlJson<{ data: Readonly<Record<string, string>> }>(
    '-n',
    namespace,
    'get',
    'secret',
    'certs-test',
  );
  return serialOf(Buffer.from(data['tls.crt'] ?? '', 'base64').toString());
};

/** What there is to say of a certificate that signed itself: nobody is behind it. */
const signedByItself = ['chain-incomplete'];

test('a renewed Secret that one pod does not hold, which has lost istiod, is told from what the others serve', async () => {
  try {
    apply(tlsSecret());
    apply(gateway);
    await until('every pod serves the first certificate', () => pods.every((one) => served(one) === serialInSecret()));
    const [first] = (await certs(host, '--served')).items;
    assert.equal([first?.kubernetes?.secret.loaded, codes(first), first?.pods.length], ['same', signedByItself, 3]);
    harness('cut', [last.node, 'on']);
    apply(tlsSecret());
    await until('the others serve the second', () =>
      pods.every((one) => (served(one) === serialInSecret()) === (one !== last)),
    );
    const { items } = await certs(host, '--served');
    const of = (one: Gateway): Item | undefined => items.find((item) => item.pods.includes(one.pod));
    for (const one of pods) assert.is(of(one)?.served?.chain?.[0]?.serial, served(one), one.node);
    assert.equal(codes(of(pods[0])), signedByItself);
    assert.equal([...(of(last)?.pods ?? [])], names(last));
    assert.equal(codes(of(last)).sort(), [...signedByItself, 'pods-differ', 'secret-differs']);
    const text = of(last)?.problems.find(({ code }) => code === 'secret-differs')?.text ?? '';
    assert.match(
      text,
      new RegExp(`holds serial ${serialInSecret()} .* the pods hold serial ${served(last)} .*, loaded 20`),
    );
    const { code, err } = await kii('certs', host, '--pem');
    assert.is(code, 2);
    assert.match(err, '--pod');
  } finally {
    harness('cut', [last.node, 'off']);
    removeAll();
  }
  await until('every pod has forgotten it', () => pods.every((one) => served(one) === undefined));
});

test('a cert-manager Certificate that is not ready says since when and why', async () => {
  try {
    apply(tlsSecret());
    apply(gateway);
    apply(certManagerCertificate);
    const status = {
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'Denied',
          message: 'the CA refused',
          lastTransitionTime: '2026-11-20T10:00:00Z',
        },
      ],
    };
    kubectl(
      '-n',
      namespace,
      'patch',
      'certificates.cert-manager.io',
      'certs-test',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    );
    await until('every pod serves it', () => pods.every((one) => served(one) === serialInSecret()));
    const [item] = (await certs(host)).items;
    const problem = item?.problems.find(({ code }) => code === 'issuer-not-ready');
    assert.is(
      problem?.text,
      `cert-manager Certificate ${namespace}/certs-test is not ready since 2026-11-20T10:00:00Z: Denied, the CA refused`,
    );
  } finally {
    removeAll();
  }
});

/**
 * A service whose pod is a gateway, which presents svc1's certificate; `tls` is how the gateways in front of it check
 * that.
 */
const service = (tls: object): readonly object[] => {
  const metadata = { name: 'certs-test', namespace: 'svc1' };
  const fqdn = 'certs-test.svc1.svc.cluster.local';
  const ports = [{ name: 'https', port: 8443, protocol: 'TCP' }];
  const endpoint = {
    addresses: [last.address],
    conditions: { ready: true },
    targetRef: { kind: 'Pod', namespace, name: last.pod },
  };
  const labels = { 'kubernetes.io/service-name': 'certs-test' };
  const istio = { apiVersion: 'networking.istio.io/v1', metadata };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ ...ports[0], port: 443, targetPort: 8443 }] } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels },
      addressType: 'IPv4',
      endpoints: [endpoint],
      ports,
    },
    {
      ...istio,
      kind: 'VirtualService',
      spec: {
        hosts: [host],
        gateways: ['certs-test'],
        http: [{ route: [{ destination: { host: fqdn, port: { number: 443 } } }] }],
      },
    },
    {
      ...istio,
      kind: 'DestinationRule',
      spec: { host: fqdn, trafficPolicy: { tls: { mode: 'SIMPLE', sni: 'svc1.discovery.wmnet', ...tls } } },
    },
  ];
};

test('--upstream foretells whether the gateway takes the certificate of a pod', async () => {
  const caSecret = kubectlJson<{ data: Readonly<Record<string, string>> }>(
    '-n',
    namespace,
    'get',
    'secret',
    'mtls-tls-certificate',
  );
  const own = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'certs-test-ca', namespace },
    data: { 'ca.crt': caSecret.data['ca.crt'] },
  };
  const cases = [
    { tls: { credentialName: 'certs-test-ca', subjectAltNames: ['svc1.discovery.wmnet'] }, outcome: 'passes', why: '' },
    {
      tls: { credentialName: 'certs-test-ca', subjectAltNames: ['svc2.discovery.wmnet'] },
      outcome: 'fails',
      why: 'its names are svc1.discovery.wmnet',
    },
    {
      tls: { caCertificates: '/etc/ssl/certs/ca-certificates.crt' },
      outcome: 'fails',
      why: 'Discovery Root CA, which is not among the CAs',
    },
    { tls: { insecureSkipVerify: true }, outcome: 'passes', why: 'nothing is checked' },
    {
      tls: { mode: 'DISABLE', sni: undefined },
      outcome: 'fails',
      why: 'the pod speaks TLS and the gateway plain text',
    },
  ];
  try {
    for (const object of [own, tlsSecret(), gateway]) apply(object);
    for (const { tls, outcome, why } of cases) {
      for (const object of service(tls)) apply(object);
      const check = async (): Promise<{ outcome?: string; why?: string }> =>
        (await kiiJson<{ items: { outcome: string }[] }>(['certs', host, '--upstream'])).items[0] ?? {};
      await until(`${outcome}: ${why}`, async () => {
        const found = await check();
        return found.outcome === outcome && (found.why ?? '').includes(why);
      });
      // Of the gateway behind, which has no such host, 404; a handshake that fails is 503.
      const code = outcome === 'passes' ? 404 : 503;
      await until(
        `Envoy answers ${code}: ${JSON.stringify(tls)}`,
        () => request(pods[0], `https://${host}:8443/`) === code,
      );
      assert.is((await check()).outcome, outcome, JSON.stringify(tls));
    }
  } finally {
    for (const kind of [
      'service',
      'endpointslice',
      'virtualservices.networking.istio.io',
      'destinationrules.networking.istio.io',
    ]) {
      kubectl('-n', 'svc1', 'delete', kind, 'certs-test', '--ignore-not-found');
    }
    kubectl('-n', namespace, 'delete', 'secret', 'certs-test-ca', '--ignore-not-found');
    removeAll();
  }
});

const reader = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'certs-test' },
    rules: [
      { apiGroups: [''], resources: ['pods', 'nodes', 'services'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] },
      { apiGroups: ['apps'], resources: ['daemonsets', 'deployments', 'replicasets'], verbs: ['get', 'list'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'certs-test' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'certs-test' },
    subjects: [{ kind: 'User', name: 'certs-test', apiGroup: 'rbac.authorization.k8s.io' }],
  },
];

test('who may read neither Secrets nor Gateways gets all that the pods tell, and is told what is missing', async () => {
  try {
    for (const object of reader) apply(object);
    const { code, out, err } = await kii('certs', 'svc1.discovery.wmnet', '--served', '--as', 'certs-test');
    assert.is(code, 0, err);
    assert.match(out, /svc1\.discovery\.wmnet .* the same, TLSv1\.3/);
    assert.match(
      err,
      'the certificates are not compared with Kubernetes: cannot read secret istio-system/svc1-tls-certificate',
    );
    assert.match(err, 'cannot tell which Gateways ask for the hosts');
  } finally {
    kubectl('delete', 'clusterrolebinding,clusterrole', 'certs-test', '--ignore-not-found');
  }
});

test.run();
