// What `explain` says of a request against what happens to it: seeded configurations and requests, each predicted from
// one dump of one pod and then sent through that pod. KII_SEED repeats a run.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { entryFor, servicePortsFor } from '#analysis/request/entry.ts';
import { explain } from '#analysis/request/explain.ts';
import { readRequest } from '#analysis/request/request.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import { type Logged, readAccessLog } from './explain/access-log.ts';
import { startBackend } from './explain/backends.ts';
import { send } from './explain/client.ts';
import { contradictions, type Predicted } from './explain/compare.ts';
import { type Certificate, forHttp2, type GeneratedRequest, type Seen } from './explain/exchange.ts';
import { configurationOfGateway, settled } from './explain/gateway.ts';
import { allNamespaces, type Backends, type Certificates, configurationOf, namespaces } from './explain/objects.ts';
import { randomOf } from './explain/random.ts';
import { requestOf } from './explain/requests.ts';
import {
  apply,
  type Gateway,
  gatewayLog,
  gateways,
  harness,
  kii,
  kiiJson,
  kubectl,
  kubectlJson,
  namespace,
  openssl,
  until,
} from './truth/cluster.ts';

/** The same for everybody, so that a failure is one of the change; KII_SEED and KII_ROUNDS draw others. */
const firstSeed = Number(process.env['KII_SEED'] ?? 700);
const rounds = Number(process.env['KII_ROUNDS'] ?? (process.env['TEST_LONG'] === undefined ? 4 : 20));
const requestsOfARound = 2_000;
const requestsToTheBinary = 100;

const [gateway, other] = gateways() as readonly [Gateway, Gateway];
const folder = mkdtempSync(join(tmpdir(), 'kii-explain-'));

function makeCertificates(): Certificates {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=explain',
  ];
  const names = 'subjectAltName=DNS:*.explain.test,DNS:*.w.explain.test';
  openssl(['req', '-x509', ...curve, '-keyout', key, '-out', cert, '-addext', names]);
  const text = readFileSync(cert, 'utf8');
  return { key: readFileSync(key, 'utf8'), cert: text, ca: text };
}

async function startBackends(certificate: Certificate): Promise<Backends> {
  const [one, two, three, secure, raw, v1, v2] = await Promise.all([
    ...['one', 'two', 'three'].map((name) => startBackend(name)),
    ...['secure', 'raw'].map((name) => startBackend(name, certificate)),
    ...['v1', 'v2'].map((name) => startBackend(name)),
  ]);
  return { plain: [one, two, three], secure, raw, v1, v2 } as Backends;
}

const certificates = makeCertificates();
const backends = await startBackends(certificates);

/** What the tool is asked with, as words of a command line. */
interface Asked {
  readonly url: string;
  readonly headers: readonly string[];
  readonly words: readonly string[];
}

function asked({ scheme, host, port, path, authority, headers, method, sni, hasCertificate }: GeneratedRequest): Asked {
  const all = [
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(authority === undefined ? [] : [`Host: ${authority}`]),
    'User-Agent: kii-1-1',
  ];
  const url = `${scheme}://${host}:${port}${path}`;
  const named = sni === undefined ? [] : ['--sni', sni];
  return {
    url,
    headers: all,
    words: [
      url,
      '-X',
      method,
      ...all.flatMap((header) => ['-H', header]),
      ...named,
      ...(hasCertificate ? ['--client-cert'] : []),
    ],
  };
}

const servicePorts = servicePortsFor(
  kubectlJson<{ items: readonly KubeObject[] }>('-n', namespace, 'get', 'services').items,
  { app: 'istio-ingressgateway', istio: 'ingressgateway' },
  new Map(),
);

function predict(configuration: PodConfiguration, request: GeneratedRequest): readonly Predicted[] {
  const { url, headers } = asked(request);
  const { method, sni, hasCertificate, protocol = 'http/1.1' } = request;
  const typed = readRequest({ url, method, headers, sni, hasClientCertificate: hasCertificate });
  const sent = { ...typed.request, alpn: request.scheme === 'https' ? [protocol] : [] };
  return explain(configuration, sent, entryFor(typed.port, servicePorts)).outcomes as readonly Predicted[];
}

const userAgentOf = (seed: number, index: number): string => `kii-${process.pid}-${seed}-${index}`;

async function sendAll(to: Gateway, seed: number, requests: readonly GeneratedRequest[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  const waiting = requests.map((request, index) => ({ request, index }));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      seen[next.index] = await send(to.address ?? '', next.request, userAgentOf(seed, next.index), certificates);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return seen;
}

/** A request of which the log must have a line with its name: one that Envoy has read. */
const isLogged = (request: GeneratedRequest | undefined, { code }: Seen): boolean =>
  code !== undefined && code !== 400 && request?.port !== 8445;

async function logOf(
  to: Gateway,
  seed: number,
  requests: readonly GeneratedRequest[],
  seen: readonly Seen[],
): Promise<ReadonlyMap<string, Logged>> {
  const wanted = seen.flatMap((one, index) => (isLogged(requests[index], one) ? [userAgentOf(seed, index)] : []));
  let log: ReadonlyMap<string, Logged> = new Map();
  await until('the access log has every request', () => {
    log = readAccessLog(gatewayLog(to));
    return wanted.every((userAgent) => log.has(userAgent));
  });
  return log;
}

async function applied(to: Gateway, seed: number): Promise<void> {
  apply({
    apiVersion: 'v1',
    kind: 'List',
    items: configurationOf(randomOf(seed), `seed ${seed}`, backends, certificates),
  });
  await settled(to, `seed ${seed}`);
}

const requestsOf = (seed: number, count: number): GeneratedRequest[] => {
  const random = randomOf(seed + 0x10000);
  return Array.from({ length: count }, () => requestOf(random));
};

/** Sends what was predicted; every request that did not do what was said of it, as a line to repeat it with. */
async function mismatches(
  to: Gateway,
  seed: number,
  requests: readonly GeneratedRequest[],
  predicted: readonly (readonly Predicted[])[],
): Promise<string[]> {
  const seen = await sendAll(to, seed, requests);
  const log = await logOf(to, seed, requests, seen);
  return requests.flatMap((request, index) => {
    const truth = { seen: seen[index] as Seen, logged: log.get(userAgentOf(seed, index)) };
    const why = contradictions(predicted[index] ?? [], truth);
    if (why.length === 0) return [];
    const words = asked(request).words.map((word) => `'${word}'`);
    return [`explain ${words.join(' ')}\n    ${why.join('\n    ')}\n    ${JSON.stringify(truth)}`];
  });
}

async function holdsFor(to: Gateway, seed: number): Promise<void> {
  await applied(to, seed);
  const requests = requestsOf(seed, requestsOfARound);
  const configuration = configurationOfGateway(to);
  const wrong = await mismatches(
    to,
    seed,
    requests,
    requests.map((request) => predict(configuration, request)),
  );
  assert.is(wrong.length, 0, report(seed, wrong));
}

const shown = 10;
const report = (seed: number, wrong: readonly string[]): string =>
  `KII_SEED=${seed} KII_ROUNDS=1: ${wrong.length} wrong\n${wrong.slice(0, shown).join('\n')}`;

test.before(() => {
  for (const object of allNamespaces()) apply(object);
});

test.after(() => {
  for (const { close } of [...backends.plain, backends.secure, backends.raw, backends.v1, backends.v2]) close();
  const kinds = 'virtualservices,gateways,destinationrules,serviceentries,services,endpointslices';
  for (const name of namespaces) kubectl('-n', name, 'delete', kinds, '--all', '--wait=false');
  kubectl('delete', 'namespace', ...namespaces, '--wait=false');
  kubectl(
    '-n',
    namespace,
    'delete',
    'secret/explain-tls',
    'secret/explain-mutual',
    'envoyfilter/explain',
    '--ignore-not-found',
  );
  rmSync(folder, { recursive: true });
});

for (const seed of Array.from({ length: rounds }, (_, round) => firstSeed + round)) {
  test(`every request does what explain says (KII_SEED=${seed})`, () => holdsFor(gateway, seed));
}

/** As curl sends it, which is what the binary takes for granted: over TLS by HTTP/2. */
const asCurl = (request: GeneratedRequest): GeneratedRequest =>
  request.scheme === 'https' && request.port !== 8445
    ? { ...request, protocol: 'h2', headers: forHttp2(request.headers) }
    : request;

test('the binary says the same', async () => {
  const seed = firstSeed + rounds;
  await applied(gateway, seed);
  const requests = requestsOf(seed, requestsToTheBinary).map(asCurl);
  const dump = join(folder, 'dump');
  assert.is((await kii('config-dump', '--pod', gateway.pod, '--dir', dump)).code, 0);
  // Most from the dump, which is faster; both ways are the same functions over the same bytes.
  const predicted: (readonly Predicted[])[] = [];
  for (const [index, request] of requests.entries()) {
    const from = index % 4 === 0 ? [] : ['--from', dump];
    const { items } = await kiiJson<{ readonly items: readonly { readonly outcomes: readonly Predicted[] }[] }>([
      'explain',
      ...asked(request).words,
      '--pod',
      gateway.pod,
      ...from,
    ]);
    predicted.push(items.flatMap(({ outcomes }) => outcomes));
  }
  const wrong = await mismatches(gateway, seed, requests, predicted);
  assert.is(wrong.length, 0, report(seed, wrong));
});

test('an older Envoy is read as it works', async () => {
  harness('gateways', [], { KII_ENVOY_VERSION: '1.36.2', KII_ENVOY_NODES: other.node });
  try {
    await holdsFor(other, firstSeed + rounds + 1);
  } finally {
    harness('gateways', [], { KII_ENVOY_NODES: other.node });
  }
});

test.run();
