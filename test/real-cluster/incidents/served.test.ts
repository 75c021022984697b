// Incidents of configuration that Envoy rejects, made for real: a Secret in the wrong order, keys that do not fit, a
// broken filter, a broken route. Each is found by `check` with its object and cause, by `check --for` of the owner, and
// the next step that is printed runs and names the object.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply, kii, kubectl, namespace, openssl, until } from '../truth/cluster.ts';
import { findingOf, paste, stepsShow } from './findings.ts';

const host = 'incident.discovery.wmnet';
const secretName = 'incident-tls-certificate';
const folder = mkdtempSync(join(tmpdir(), 'kii-incidents-'));
test.after(() => rmSync(folder, { recursive: true }));

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

function keyOf(name: string, kind: 'ec' | 'rsa'): string {
  const options = kind === 'ec' ? ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-algorithm', 'RSA'];
  openssl(['genpkey', ...options, '-out', join(folder, `${name}.key`)]);
  return join(folder, `${name}.key`);
}

function authority(): Pair {
  const key = keyOf('ca', 'ec');
  const out = join(folder, 'ca.crt');
  openssl(['req', '-x509', '-new', '-key', key, '-subj', '/CN=incident ca', '-days', '30', '-out', out]);
  return { certificate: read('ca.crt'), key: read('ca.key') };
}

/** Signed by the authority. */
function pair(name: string, kind: 'ec' | 'rsa' = 'ec'): Pair {
  const [request, extensions, out] = ['csr', 'ext', 'crt'].map((end) => join(folder, `${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  openssl(['req', '-new', '-key', keyOf(name, kind), '-subj', `/CN=${name}`, '-out', request]);
  writeFileSync(extensions, `subjectAltName=DNS:${host}\n`);
  const signer = ['-CA', join(folder, 'ca.crt'), '-CAkey', join(folder, 'ca.key'), '-CAcreateserial'];
  openssl(['x509', '-req', '-in', request, ...signer, '-days', '20', '-extfile', extensions, '-out', out]);
  return { certificate: read(`${name}.crt`), key: read(`${name}.key`) };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (chain: string, key: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'kubernetes.io/tls',
  metadata: { name: secretName, namespace },
  data: { 'tls.crt': base64(chain), 'tls.key': base64(key) },
});

const gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'incident', namespace: 'svc8' },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [
      {
        port: { name: 'https', number: 443, protocol: 'HTTPS' },
        hosts: [host],
        tls: { mode: 'SIMPLE', credentialName: secretName },
      },
    ],
  },
};

authority();
const [old, fresh, other, rsa] = [pair('old'), pair('fresh'), pair('other'), pair('rsa', 'rsa')];
const ca = read('ca.crt');
const serialOf = ({ certificate }: Pair): string =>
  openssl(['x509', '-noout', '-serial'], certificate).trim().split('=')[1] ?? '';

/** What each incident writes into the Secret, and the reason that is given. */
const rejectedSecrets = [
  ['a chain in the wrong order', ca + fresh.certificate, fresh.key, /which has to come first/],
  [
    'a key of another certificate',
    fresh.certificate + ca,
    other.key,
    /its key is not that of its certificate CN = fresh/,
  ],
  [
    'a key of another kind',
    rsa.certificate + ca,
    other.key,
    /its key is of kind EC and its certificate CN = rsa is for RSA 2048/,
  ],
] as const;

test('Secrets that Envoy rejects: what is served counts, and the Secret is named', async () => {
  apply(secret(old.certificate + ca, old.key));
  apply(gateway);
  try {
    for (const [what, chain, key, reason] of rejectedSecrets) {
      const serial = serialOf(old);
      const wanted = `cert=${host}=${serial}`;
      apply(secret(old.certificate + ca, old.key));
      assert.is((await kii('wait', '--for', wanted, '--timeout', '1m')).code, 0, what);
      apply(secret(chain, key));
      const finding = await findingOf('KII044', host, '--only', 'certificates,rejected');
      assert.match(finding.text, `a handshake gets serial ${serial}`, what);
      assert.match(finding.text, reason, what);
      assert.equal(finding.concerns[0], { kind: 'Secret', namespace, name: secretName }, what);
      await stepsShow(finding, secretName);
      await kiiSays(what, serial);
    }
    await forgotten();
    const own = await findingOf('KII044', host, '--for', 'svc8/incident');
    assert.equal(own.severity, 'error');
    assert.is((await kii('check', '--for', 'svc8/incident')).code, 1);
  } finally {
    // istiod keeps a rejection until another secret is taken.
    apply(secret(old.certificate + ca, old.key));
    await kii('wait', '--for', 'synced', '--timeout', '30s');
    kubectl('-n', 'svc8', 'delete', 'gateways.networking.istio.io', 'incident', '--ignore-not-found');
    kubectl('-n', namespace, 'delete', 'secret', secretName, '--ignore-not-found');
  }
});

/** Another Secret that Envoy takes makes istiod and Envoy forget the rejection. */
async function forgotten(): Promise<void> {
  const another = 'incident-another-certificate';
  const ofAnother = {
    ...(secret(other.certificate + ca, other.key) as { metadata: object }),
    metadata: { name: another, namespace },
  };
  apply(ofAnother);
  apply({
    ...gateway,
    metadata: { name: 'incident-another', namespace: 'svc8' },
    spec: {
      ...gateway.spec,
      servers: gateway.spec.servers.map((one) => ({
        ...one,
        hosts: ['another.wmnet'],
        tls: { mode: 'SIMPLE', credentialName: another },
      })),
    },
  });
  try {
    await until('nobody has a record of the rejection', async () => !(await kii('status')).out.includes('SDS NACK'));
    const { code, out } = await kii('check', '--only', 'certificates,rejected');
    assert.is(code, 1);
    assert.match(out, `${host}:8443: a handshake gets`);
  } finally {
    kubectl('-n', 'svc8', 'delete', 'gateways.networking.istio.io', 'incident-another', '--ignore-not-found');
    kubectl('-n', namespace, 'delete', 'secret', another, '--ignore-not-found');
  }
}

/** `certs` shows what is served and not what the dump has; --no-handshake says that it does not know. */
async function kiiSays(what: string, serial: string): Promise<void> {
  const { code, out, err } = await kii('certs', host, '--fail-within', '1d');
  assert.is(code, 1, what);
  assert.match(err, `a TLS handshake was made for ${host}:8443 on 3 pods`, what);
  assert.match(out, `✗ serial ${serial}`, what);
  assert.is((await kii('certs', host)).code, 0, what);
  const blind = await kii('certs', host, '--no-handshake');
  assert.match(blind.out, 'is not judged (--no-handshake)', what);
}

const filter = (name: string, configPatches: readonly object[]): object => ({
  apiVersion: 'networking.istio.io/v1alpha3',
  kind: 'EnvoyFilter',
  metadata: { name, namespace },
  spec: { workloadSelector: { labels: { istio: 'ingressgateway' } }, configPatches },
});

/** Envoy compiles the script when it takes the listener; istiod does not look into it. */
const brokenListener = filter('incident-listener', [
  {
    applyTo: 'HTTP_FILTER',
    match: {
      context: 'GATEWAY',
      listener: {
        portNumber: 8443,
        filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } },
      },
    },
    patch: {
      operation: 'INSERT_BEFORE',
      value: {
        name: 'incident.lua',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
          default_source_code: { inline_string: 'this is not lua' },
        },
      },
    },
  },
]);

/** Envoy takes no empty suffix. */
const brokenRoute = filter('incident-route', [
  {
    applyTo: 'HTTP_ROUTE',
    match: { context: 'GATEWAY', routeConfiguration: { vhost: { name: 'svc1.discovery.wmnet:443' } } },
    patch: {
      operation: 'INSERT_FIRST',
      value: {
        name: 'incident-broken',
        match: { prefix: '/broken', headers: [{ name: 'x-broken', string_match: { suffix: '' } }] },
        direct_response: { status: 200 },
      },
    },
  },
]);

const rejectedFilters = [
  ['incident-listener', brokenListener, 'listener 0.0.0.0_8443', ['*']],
  ['incident-route', brokenRoute, 'the last RDS update', ['svc1.discovery.wmnet']],
] as const;

for (const [name, object, what, hosts] of rejectedFilters) {
  test(`${name}: the EnvoyFilter is named, its owner and the host's find it`, async () => {
    apply(object);
    try {
      const finding = await findingOf('KII013', `EnvoyFilter ${namespace}/${name}`, '--only', 'rejected,routes');
      assert.match(finding.text, what);
      assert.equal(finding.concerns, [{ kind: 'EnvoyFilter', namespace, name }]);
      assert.equal(
        hosts.every((one) => finding.hosts?.includes(one)),
        true,
      );
      const step = finding.next.find((one) => one.includes('envoyfilter')) ?? '';
      assert.match((await paste(step)).out, `name: ${name}`);
      const own = await findingOf('KII013', name, '--for', 'svc1/svc1-main');
      assert.match(JSON.stringify(own), `EnvoyFilter ${namespace}/${name}`);
    } finally {
      kubectl('-n', namespace, 'delete', 'envoyfilter', name, '--ignore-not-found');
    }
    assert.is((await kii('wait', '--for', 'synced', '--timeout', '1m')).code, 0);
  });
}

test('incident-listener: another listener that Envoy takes, and a Gateway that was deleted meanwhile, hide nothing', async () => {
  const server = (hosts: readonly string[], number = 443): object => ({
    selector: gateway.spec.selector,
    servers: [
      {
        port: { name: 'https', number, protocol: 'HTTPS' },
        hosts,
        tls: { mode: 'SIMPLE', credentialName: 'svc1-tls-certificate' },
      },
    ],
  });
  const named = (name: string, spec: object): object => ({ ...gateway, metadata: { name, namespace: 'svc8' }, spec });
  const remove = (...names: readonly string[]): string =>
    kubectl('-n', 'svc8', 'delete', 'gateways.networking.istio.io', ...names, '--ignore-not-found');
  apply(named('incident-gone', server([host])));
  assert.is((await kii('wait', '--for', 'synced', '--timeout', '1m')).code, 0);
  apply(brokenListener);
  try {
    await findingOf('KII013', 'incident-listener', '--only', 'rejected');
    remove('incident-gone');
    apply(named('incident-other', server(['other.wmnet'], 9443)));
    await until('the other listener is taken', async () =>
      (await kii('listeners', '--port', '9443')).out.includes('other.wmnet'),
    );
    const gone = await findingOf('KII047', 'Gateway svc8/incident-gone is not there', '--for', 'svc8');
    assert.equal([gone.concerns[0]?.name, gone.hosts, gone.causedBy?.id], ['incident-gone', [host], 'KII013']);
    await stepsShow(gone, host);
    const cause = await findingOf('KII013', 'incident-listener', '--for', 'svc8');
    assert.is(cause.inHandsOf, `EnvoyFilter ${namespace}/incident-listener`);
  } finally {
    kubectl('-n', namespace, 'delete', 'envoyfilter', 'incident-listener', '--ignore-not-found');
    remove('incident-gone', 'incident-other');
  }
  assert.is((await kii('wait', '--for', 'synced', '--timeout', '1m')).code, 0);
});

/** Envoy takes no negative time; istiod does not look into it. */
const brokenCluster = filter('incident-cluster', [
  {
    applyTo: 'CLUSTER',
    match: { context: 'GATEWAY', cluster: { service: 'svc1-tls-service.svc1.svc.cluster.local' } },
    patch: { operation: 'MERGE', value: { connect_timeout: '-1s' } },
  },
]);

test('incident-cluster: the EnvoyFilter is named, and is so when istiod has forgotten the rejection', async () => {
  const service = ['-n', 'svc9', 'patch', 'service', 'svc9-tls-service', '--type=json', '-p'];
  const port = { name: 'incident', port: 4999 };
  apply(brokenCluster);
  try {
    const about = `EnvoyFilter ${namespace}/incident-cluster`;
    await findingOf('KII013', 'the last CDS update', '--only', 'rejected');
    kubectl(...service, JSON.stringify([{ op: 'add', path: '/spec/ports/-', value: port }]));
    const finding = await findingOf('KII013', `clusters from before ${about}`, '--only', 'rejected');
    assert.match(finding.text, 'Envoy rejected an update of clusters then, and took others since');
    assert.equal(finding.concerns, [{ kind: 'EnvoyFilter', namespace, name: 'incident-cluster' }]);
    await stepsShow(finding, 'incident-cluster');
    assert.match((await findingOf('KII013', about, '--for', 'svc1/svc1-main')).hosts?.join() ?? '', 'svc1.');
  } finally {
    kubectl('-n', namespace, 'delete', 'envoyfilter', 'incident-cluster', '--ignore-not-found');
    kubectl(...service, JSON.stringify([{ op: 'remove', path: '/spec/ports/1' }]));
  }
  assert.is((await kii('wait', '--for', 'synced', '--timeout', '1m')).code, 0);
});

test.run();
