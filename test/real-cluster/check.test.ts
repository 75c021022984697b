// `check` and `wait` against a real istiod and real Envoys: each trouble is made, found by its id, and taken away
// again. The mesh of the harness has some of its own: an expired certificate, one that ends soon, a missing Secret,
// twin Gateways, a Service that is not there.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import {
  admin,
  apply,
  dumped,
  envoyProcess,
  type Gateway,
  gateways,
  harness,
  inside,
  istiodProcess,
  istioMinor,
  istioVersion,
  kii,
  kiiJson,
  kubectl,
  kubectlJson,
  namespace,
  openssl,
  start,
  until,
} from './truth/cluster.ts';
import { whileListenersAreRejected, whyRejected } from './truth/rejection.ts';

const [node0, node1, node2] = gateways() as readonly [Gateway, Gateway, Gateway];
const pods = [node0, node1, node2];
const host = 'check.discovery.wmnet';

interface Result {
  readonly id: string;
  readonly name: string;
  readonly outcome: 'passed' | 'found' | 'not-evaluated';
  readonly findings: readonly { readonly severity: string; readonly text: string; readonly pods: readonly string[] }[];
}

/** Names of the checks that have found something. */
const produced = new Set<string>();

async function check(...flags: readonly string[]): Promise<readonly Result[]> {
  const { out, err } = await kii('check', ...flags, '-o', 'json');
  if (out === '') throw new Error(err);
  const document = JSON.parse(out) as { readonly items: readonly Result[] };
  assert.equal(schemaErrors(document), []);
  for (const name of found(document.items)) produced.add(name);
  return document.items;
}

const found = (results: readonly Result[]): string[] =>
  results.filter(({ outcome }) => outcome === 'found').map(({ name }) => name);

/** The texts of a check's findings that contain `about`, as soon as there are any. */
async function textsOf(name: string, about: string, ...flags: readonly string[]): Promise<readonly string[]> {
  let texts: readonly string[] = [];
  await until(`${name} finds ${about}`, async () => {
    const [result] = await check('--only', name, ...flags);
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
  spec: {
    selector,
    servers: [
      { port: { name: 'https', number: 443, protocol: 'HTTPS' }, hosts, tls: { mode: 'SIMPLE', credentialName } },
    ],
    ...more,
  },
});

const virtualService = (name: string, spec: object): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: meta(name),
  spec,
});

/** Objects of this test begin with `check`. */
function removed(...names: readonly string[]): void {
  for (const name of names) kubectl('-n', 'svc8', 'delete', name, '--ignore-not-found');
}

const configurations = (of: Gateway): string[] =>
  dumped<{ route_config?: { name: string } }>(of, 'dynamic_route_configs').flatMap(
    ({ route_config }) => route_config?.name ?? [],
  );

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
      // Some backends of the harness refuse, or have a certificate that is not trusted.
      'connections-fail',
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
  const [, winner = '', loser = ''] =
    /^Gateway \S+\/(\S+) has .* Gateway \S+\/(\S+) loses/.exec(result?.findings[0]?.text ?? '') ?? [];
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
  const to = (name: string): object => ({
    route: [{ destination: { host: `${name}.svc8.svc.cluster.local`, port: { number: 8443 } } }],
  });
  const http = [
    { match: [{ uri: { prefix: '/all' } }], ...to('check-plain') },
    { match: [{ uri: { prefix: '/all/late' } }], ...to('check-plain') },
  ];
  try {
    apply(gateway('check', [host], 'svc1-tls-certificate'));
    apply(
      gateway('check-typo', ['check-typo.discovery.wmnet'], 'svc1-tls-certificate', {
        selector: { ...selector, app: 'check-nobody' },
      }),
    );
    const port = { name: 'https', number: 9443, protocol: 'HTTPS' };
    const tls = { mode: 'SIMPLE', credentialName: 'svc1-tls-certificate' };
    apply(gateway('check-port', [host], '', { servers: [{ port, hosts: [host], tls }] }));
    apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('check-plain'),
      spec: { ports: [{ name: 'https', port: 8443, targetPort: 4000 }] },
    });
    apply(virtualService('check', { hosts: [host, 'check-elsewhere.discovery.wmnet'], gateways: ['check'], http }));
    apply(
      virtualService('check-lost', {
        hosts: ['check-lost.discovery.wmnet'],
        gateways: ['check-gone'],
        http: [to('check-plain')],
      }),
    );
    assert.is((await kii('wait', '--for', `route=${host}/all`, '--timeout', '1m')).code, 0);
    assert.match((await textsOf('shadowed-route', host)).join(), /prefix \/all\/late.* is never taken/);
    assert.match((await textsOf('plain-text-to-tls', 'svc8/check-plain:8443')).join(), /its name is https/);
    assert.match((await textsOf('no-endpoint', 'svc8/check-plain:8443')).join(), /VirtualService svc8\/check/);
    assert.match((await textsOf('virtual-service-host', 'svc8/check')).join(), 'check-elsewhere.discovery.wmnet');
    assert.match((await textsOf('virtual-service-gateway', 'svc8/check-lost')).join(), 'svc8/check-gone');
    assert.match(
      (await textsOf('gateway-selector', 'svc8/check-typo')).join(),
      'these pods have app=istio-ingressgateway',
    );
    assert.match((await textsOf('certificate-wrong-host', host)).join(), 'not for this host');
    const unreached = 'no Service of the gateway has port 9443';
    assert.match((await textsOf('gateway-port', 'svc8/check-port', '--for', 'svc8')).join(), unreached);
    const { out: way } = await kii('explain', `https://${host}:9443/all`);
    assert.match(way.replaceAll(/\s+/g, ' '), unreached);
    const own = await check('--for', 'svc8', '--fail-on', 'info');
    assert.ok(
      ['shadowed-route', 'plain-text-to-tls', 'no-endpoint', 'virtual-service-gateway'].every((name) =>
        found(own).includes(name),
      ),
    );
    assert.not.ok(found(own).includes('certificate-expired'));
  } finally {
    removed(
      'gateways.networking.istio.io/check',
      'gateways.networking.istio.io/check-typo',
      'gateways.networking.istio.io/check-port',
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
  const certificate = openssl([
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    file,
    '-days',
    '30',
    ...names,
  ]);
  const key = readFileSync(file, 'utf8');
  rmSync(directory, { recursive: true });
  return {
    key,
    certificate,
    serial: openssl(['x509', '-noout', '-serial'], certificate).trim().replace('serial=', ''),
  };
}

const secret = ({ key, certificate }: ReturnType<typeof selfSigned>): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'kubernetes.io/tls',
  metadata: meta('check-tls-certificate', namespace),
  stringData: { 'tls.crt': certificate, 'tls.key': key },
});

/** cert-manager's own object for that Secret, with what cert-manager would write into it. */
function applyFailedIssue(): void {
  const metadata = meta('check', namespace);
  const spec = {
    secretName: 'check-tls-certificate',
    dnsNames: [host],
    issuerRef: { name: 'none', kind: 'ClusterIssuer' },
  };
  apply({ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata, spec });
  const condition = {
    type: 'Ready',
    status: 'False',
    reason: 'Denied',
    message: 'the CA refused',
    lastTransitionTime: '2026-11-20T10:00:00Z',
  };
  const patch = JSON.stringify({ status: { conditions: [condition] } });
  kubectl(
    '-n',
    namespace,
    'patch',
    'certificates.cert-manager.io',
    'check',
    '--subresource=status',
    '--type=merge',
    '-p',
    patch,
  );
}

test('a Secret that is missing, comes, is renewed and is lost again; wait sees each certificate in real handshakes', async () => {
  const [first, second] = [selfSigned(), selfSigned()];
  try {
    apply(gateway('check', [host], 'check-tls-certificate'));
    // At first the update of the listener warms; Envoy gives up on the Secret after 15 s.
    await textsOf('warming', 'listener 0.0.0.0_8443');
    const missing = await textsOf('certificate-missing', 'Secret istio-system/check-tls-certificate does not exist');
    assert.match(missing.join(), host);
    apply(secret({ ...first, certificate: first.certificate + second.certificate }));
    assert.is((await kii('wait', '--for', `cert=${host}=${first.serial}`, '--timeout', '1m')).code, 0);
    await textsOf('certificate-chain', host);
    applyFailedIssue();
    assert.match((await textsOf('certificate-issuer', host)).join(), 'Denied, the CA refused');
    apply(secret(second));
    const both = await kii(
      'wait',
      '--for',
      `cert=${host}=${second.serial}`,
      '--for',
      `absent:cert=${host}=${first.serial}`,
      '--timeout',
      '1m',
    );
    assert.is(both.code, 0, both.out + both.err);
    assert.is((await kii('wait', '--for', `cert=${host}=${first.serial}`, '--timeout', '2s')).code, 1);
    kubectl('-n', namespace, 'delete', 'secret', 'check-tls-certificate');
    assert.match((await textsOf('secret-missing', host)).join(), 'does not exist any more');
  } finally {
    kubectl('-n', namespace, 'delete', 'certificates.cert-manager.io', 'check', '--ignore-not-found');
    kubectl('-n', namespace, 'delete', 'secret', 'check-tls-certificate', '--ignore-not-found');
    removed('gateways.networking.istio.io/check');
  }
});

test('a gateway that has lost istiod is named, with what differs; wait says where and how long', async () => {
  const redirect = { match: [{ uri: { prefix: '/check' } }], redirect: { authority: host } };
  const [before, after] = [selfSigned(), selfSigned()];
  try {
    apply(secret(before));
    apply(gateway('check', [host], 'check-tls-certificate'));
    assert.is((await kii('wait', '--for', `cert=${host}=${before.serial}`, '--timeout', '1m')).code, 0);
    harness('cut', [node2.node, 'on']);
    apply(secret(after));
    apply(
      virtualService('check-cut', { hosts: ['svc8.discovery.wmnet'], gateways: ['svc8/svc8-main'], http: [redirect] }),
    );
    await textsOf('drift', node2.pod);
    assert.match((await textsOf('not-connected', node2.pod)).join(), 'connected to no istiod');
    await textsOf('certificate-differs', node2.pod);
    assert.match((await textsOf('secret-newer', host)).join(), `holds serial ${after.serial}`);
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
    removed('virtualservice/check-cut', 'gateways.networking.istio.io/check');
    kubectl('-n', namespace, 'delete', 'secret', 'check-tls-certificate', '--ignore-not-found');
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
  await whileListenersAreRejected(async () => {
    assert.match((await textsOf('rejected', 'listener')).join(), whyRejected);
    await until('every pod has rejected each of them', async () => {
      const { items } = await kiiJson<{ items: readonly Result[] }>(['check', '--only', 'rejected'], 1);
      const findings = items[0]?.findings ?? [];
      return findings.length > 1 && findings.every(({ pods: named }) => named.length === pods.length);
    });
  });
  await until('nothing is rejected any more', async () => (await kii('check', '--only', 'rejected')).code === 0);
  assert.is((await kii('wait', '--for', 'synced')).code, 0);
});

/** A pod's status as a kubelet would write it; put back as it was when `test` is done. */
async function withStatus(
  of: Gateway,
  change: (status: PodStatus) => object,
  test: () => Promise<void>,
): Promise<void> {
  const { status } = kubectlJson<{ status: PodStatus }>('-n', namespace, 'get', 'pod', of.pod);
  const patch = (changed: object): string =>
    kubectl(
      '-n',
      namespace,
      'patch',
      'pod',
      of.pod,
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status: changed }),
    );
  patch(change(status));
  try {
    await test();
  } finally {
    const { startTime, conditions, containerStatuses } = status;
    patch({ startTime, conditions, containerStatuses });
  }
}

interface PodStatus {
  readonly startTime: string;
  readonly conditions: readonly { readonly type: string }[];
  readonly containerStatuses: readonly object[];
}

test('a pod that is not ready, and a node whose clock is ahead', async () => {
  const notReady = {
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [istio-proxy]',
  };
  const withReady = ({ conditions }: PodStatus): object => ({
    conditions: conditions.map((condition) => (condition.type === 'Ready' ? { ...condition, ...notReady } : condition)),
  });
  await withStatus(node1, withReady, async () =>
    assert.match((await textsOf('pod-not-ready', node1.pod)).join(), 'ContainersNotReady'),
  );
  // What no machine has here is a clock of its own: this is the time that such a node would write.
  const ahead = new Date(Date.now() + 600_000).toISOString().replace(/\.\d+/, '');
  await withStatus(
    node1,
    () => ({ startTime: ahead }),
    async () => assert.match((await textsOf('clock-skew', node1.pod)).join(), /the node's clock is \d+ min ahead/),
  );
});

test('a node on which no gateway pod fits', async () => {
  const pending = [
    '-n',
    namespace,
    'delete',
    'pods',
    '-l',
    'app=istio-ingressgateway',
    '--field-selector',
    'status.phase=Pending',
  ];
  const daemonSet = ['-n', namespace, 'get', 'daemonset', 'istio-ingressgateway'];
  try {
    // kwok does not know this node: it has room for no pod.
    apply({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'check-node', labels: { 'kubernetes.io/os': 'linux' } },
    });
    assert.match((await textsOf('node-without-pod', 'Too many pods')).join(), 'check-node has no gateway pod');
  } finally {
    kubectl('delete', 'node', 'check-node');
    await until('the DaemonSet wants no pod there', () => {
      kubectl(...pending);
      const { status } = kubectlJson<{ status: { desiredNumberScheduled: number; currentNumberScheduled: number } }>(
        ...daemonSet,
      );
      return status.desiredNumberScheduled === pods.length && status.currentNumberScheduled === pods.length;
    });
  }
});

test('a pod that fails its health check is draining', async () => {
  inside(node1, 'curl', ['-s', '-X', 'POST', 'http://127.0.0.1:15000/healthcheck/fail']);
  try {
    assert.match((await textsOf('pod-draining', node1.pod)).join(), 'DRAINING');
  } finally {
    inside(node1, 'curl', ['-s', '-X', 'POST', 'http://127.0.0.1:15000/healthcheck/ok']);
  }
  assert.match(admin(node1, 'server_info'), '"state": "LIVE"');
});

test('an Envoy that hangs, an istiod that hangs', async () => {
  for (const [name, process_, about] of [
    ['pod-silent', envoyProcess(node1), node1.pod],
    ['istiod-silent', istiodProcess(), 'did not answer'],
  ] as const) {
    process.kill(process_, 'SIGSTOP');
    try {
      await textsOf(name, about, '--pod-timeout', '3s');
    } finally {
      process.kill(process_, 'SIGCONT');
    }
  }
  assert.is((await kii('wait', '--for', 'synced')).code, 0);
});

test('a Gateway at which istiod would end: it is stopped, and does not see it', async () => {
  process.kill(istiodProcess(), 'SIGSTOP');
  try {
    apply(gateway('check-hosts', ['*/*', './check-hosts.discovery.wmnet'], 'svc1-tls-certificate'));
    assert.match((await textsOf('gateway-hosts', 'svc8/check-hosts')).join(), 'at which istiod ends');
  } finally {
    removed('gateways.networking.istio.io/check-hosts');
    process.kill(istiodProcess(), 'SIGCONT');
  }
  assert.is((await kii('wait', '--for', 'synced')).code, 0);
});

/** A route of svc8's host, by a VirtualService of its own. */
const ownRoute = (name: string, spec: object = {}): object =>
  virtualService(name, {
    hosts: ['svc8.discovery.wmnet'],
    gateways: ['svc8/svc8-main'],
    http: [{ match: [{ uri: { prefix: `/${name}` } }], redirect: { authority: host } }],
    ...spec,
  });

test('an update that a gateway has not acknowledged, and a route whose object is gone', async () => {
  apply(ownRoute('check-gone'));
  assert.is((await kii('wait', '--for', 'synced', '--for', 'route=svc8.discovery.wmnet/check-gone')).code, 0);
  harness('cut', [node2.node, 'drop']);
  try {
    apply(ownRoute('check-stale'));
    removed('virtualservice/check-gone');
    assert.match((await textsOf('stale', node2.pod)).join(), 'RDS update');
    assert.equal(await textsOf('route-without-object', 'check-gone'), [
      'VirtualService svc8/check-gone is not there, and pods serve routes of it: svc8.discovery.wmnet',
    ]);
  } finally {
    harness('cut', [node2.node, 'off']);
    removed('virtualservice/check-stale', 'virtualservice/check-gone');
  }
  assert.is((await kii('wait', '--for', 'synced', '--for', 'absent:route=svc8.discovery.wmnet/check-stale')).code, 0);
});

test('a VirtualService that exportTo hides from the gateway', async () => {
  apply(ownRoute('check-hidden', { exportTo: ['.'] }));
  try {
    assert.equal(await textsOf('virtual-service-unused', 'check-hidden'), [
      `VirtualService svc8/check-hidden: exportTo [.] hides it from ${namespace}, where the gateway is`,
    ]);
  } finally {
    removed('virtualservice/check-hidden');
  }
});

test('two DestinationRules for one host', async () => {
  const fqdn = 'svc8-tls-service.svc8.svc.cluster.local';
  const applied = (exportTo?: readonly string[]): void => {
    const spec = { host: fqdn, trafficPolicy: { tls: { mode: 'SIMPLE' } }, ...(exportTo ? { exportTo } : {}) };
    apply({ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: meta('check-second'), spec });
  };
  const followed = (name: string): Promise<void> =>
    until(`the cluster of ${fqdn} is made by DestinationRule ${name}`, () =>
      dumped<{ readonly cluster: { readonly name: string } }>(node0, 'dynamic_active_clusters').some(
        ({ cluster }) => cluster.name.endsWith(`|${fqdn}`) && JSON.stringify(cluster).includes(`/${name}"`),
      ),
    );
  applied();
  try {
    assert.equal(await textsOf('destination-rule-conflict', 'check-second'), [
      `DestinationRule svc8/check-second: ${fqdn}: the trafficPolicy is that of DestinationRule svc8/svc8-main, which is older`,
    ]);
    await followed('svc8-main');
    applied(['*']);
    // Before that istiod puts rules together whatever their exportTo says.
    await followed(istioMinor >= 24 ? 'check-second' : 'svc8-main');
    const inItsPlace = `DestinationRule svc8/svc8-main: ${fqdn}: DestinationRule svc8/check-second counts in its place, as it is the younger one, and their exportTo differ`;
    if (istioMinor >= 24) assert.equal(await textsOf('destination-rule-conflict', 'in its place'), [inItsPlace]);
    else assert.not.match((await kii('check', '--only', 'destination-rule-conflict')).out, 'in its place');
  } finally {
    removed('destinationrule/check-second');
    await followed('svc8-main');
  }
});

const bridge = '10.200.255.254';

/** A service that answers 500 on /boom and nothing at all elsewhere, and its port. */
async function hangingService(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((request, response) =>
    request.url === '/boom' ? response.writeHead(500).end() : undefined,
  );
  await new Promise<void>((resolve) => server.listen(0, bridge, resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

function applyService(port: number): void {
  const metadata = meta('check-slow');
  apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ports: [{ name: 'http', port: 80, targetPort: port }] },
  });
  apply({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'check-slow' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [bridge], conditions: { ready: true } }],
    ports: [{ name: 'http', port, protocol: 'TCP' }],
  });
}

test('a service with more requests than its DestinationRule allows, and one whose endpoints all fail', async () => {
  const service = await hangingService();
  const fqdn = 'check-slow.svc8.svc.cluster.local';
  const connectionPool = { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } };
  const outlierDetection = {
    consecutive5xxErrors: 1,
    interval: '1s',
    baseEjectionTime: '120s',
    maxEjectionPercent: 100,
  };
  const rule = (trafficPolicy: object): object => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: meta('check-slow'),
    spec: { host: fqdn, trafficPolicy },
  });
  const curl = (path: string): ReturnType<typeof start> => {
    const to = ['--resolve', `${host}:8443:127.0.0.1`, `https://${host}:8443${path}`];
    return start(
      ['netns', 'exec', node0.network, 'curl', '-sk', '-m', '50', '-o', '/dev/null', '-w', '%{http_code}', ...to],
      {},
      'ip',
    );
  };
  const hanging: ReturnType<typeof start>[] = [];
  try {
    applyService(service.port);
    apply(rule({ connectionPool }));
    apply(gateway('check', [host], 'svc1-tls-certificate'));
    apply(
      virtualService('check', {
        hosts: [host],
        gateways: ['check'],
        http: [{ route: [{ destination: { host: fqdn, port: { number: 80 } } }] }],
      }),
    );
    await until('the route is there, and its service', async () => (await curl('/boom').outcome).out === '500');
    hanging.push(curl('/one'), curl('/two'));
    const limit = 'its limit of 1 pending request';
    if (admin(node0, 'clusters').includes('::rq_pending_active::'))
      assert.equal(await textsOf('connection-limit', limit), [
        `svc8/check-slow:80 has reached ${limit} on ${node0.pod}`,
      ]);
    else assert.match((await kii('check', '--only', 'connection-limit')).err, 'does not count them (KII061)');
    await textsOf('connection-limit', 'svc8/check-slow:80 has reached its limit of 1 connection on', '--for', 'svc8');
    assert.is((await curl('/three').outcome).out, '503');
    for (const { process: client } of hanging) client.kill();
    apply(rule({ outlierDetection }));
    await until('the endpoint is ejected', async () => {
      await curl('/boom').outcome;
      return (await check('--only', 'no-healthy-endpoint'))[0]?.outcome === 'found';
    });
    assert.match(
      (await textsOf('no-healthy-endpoint', 'svc8/check-slow:80')).join(),
      'its only endpoint is unhealthy: failed_outlier_check',
    );
  } finally {
    for (const { process: client } of hanging) client.kill();
    removed(
      'gateways.networking.istio.io/check',
      'virtualservice/check',
      'destinationrule/check-slow',
      'endpointslice/check-slow',
      'service/check-slow',
    );
    service.close();
  }
});

/**
 * What a custom bootstrap adds to Istio's: an overload manager, a resource whose pressure is read from a file, and
 * statistics of both.
 */
const overloadBootstrap = (pressure: string): object => ({
  overload_manager: {
    refresh_interval: '0.25s',
    resource_monitors: [
      {
        name: 'envoy.resource_monitors.injected_resource',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig',
          filename: pressure,
        },
      },
    ],
    actions: [
      {
        name: 'envoy.overload_actions.stop_accepting_requests',
        triggers: [{ name: 'envoy.resource_monitors.injected_resource', threshold: { value: 0.9 } }],
      },
    ],
  },
  stats_config: { stats_matcher: { inclusion_list: { patterns: [{ prefix: 'overload' }] } } },
});

test('a gateway that says it is of an older Istio and, by the status of its pod, was killed for its memory; and an overload manager at work', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kii-check-'));
  const [pressure, override] = [join(directory, 'pressure'), join(directory, 'bootstrap.json')];
  writeFileSync(pressure, '0.95');
  writeFileSync(override, JSON.stringify(overloadBootstrap(pressure)));
  try {
    const own = `ISTIO_BOOTSTRAP_OVERRIDE=${override} ISTIO_META_ISTIO_VERSION=1.28.3`;
    harness('gateways', [], { KII_ENVOY_NODES: node2.node, KII_GATEWAY_ENV: own });
    assert.match((await textsOf('versions', node2.pod)).join(), `runs Istio 1.28.3, istiod ${istioVersion}`);
    assert.match(
      (await textsOf('overload', node2.pod)).join(),
      'envoy.overload_actions.stop_accepting_requests is active',
    );
    const restarted = ({ containerStatuses }: PodStatus): object => ({
      containerStatuses: containerStatuses.map((one) => ({
        ...one,
        restartCount: 2,
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
      })),
    });
    await withStatus(node2, restarted, async () => {
      assert.match(
        (await textsOf('pod-restarting', node2.pod)).join(),
        /has restarted 2 times, last \d min ago: OOMKilled/,
      );
    });
  } finally {
    harness('gateways');
    rmSync(directory, { recursive: true });
  }
  assert.is((await kii('wait', '--for', 'synced')).code, 0);
});

test('every check has found something here, or among the incidents', async () => {
  const names = (await check()).map(({ name }) => name);
  assert.equal(
    names.filter((name) => !produced.has(name)),
    // Made in incidents/served.test.ts, failing-requests.test.ts, incidents/requests.test.ts and http3.test.ts.
    ['certificate-served', 'refused-by-policy', 'route-fails', 'redirect-loop', 'client-certificate-http3'],
  );
});

test.run();
