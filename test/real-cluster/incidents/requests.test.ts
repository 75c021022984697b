// Incidents of requests: a route that waits shorter than its service needs, a port where nothing listens, TLS to one that
// does not speak it, a fault and a redirect that somebody left behind, a rate limit, a policy whose provider nobody knows,
// a connection that is used for another's host, and a pod that istiod does not reach. Read are the documents, and the next
// steps are run as they are printed.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  apply,
  type Gateway,
  gateways,
  harness,
  istioMinor,
  kii,
  kubectl,
  namespace,
  start,
  until,
} from '../truth/cluster.ts';
import { check, findingOf, paste, stepsShow } from './findings.ts';

const own = 'svc8';
const domain = 'incident.wmnet';
const [first, , last] = gateways() as readonly [Gateway, Gateway, Gateway];
const bridge = '10.200.255.254';

const of = (kind: string, name: string, spec: object, apiVersion = 'networking.istio.io/v1', in_ = own): object => ({
  apiVersion,
  kind,
  metadata: { name: `incident-${name}`, namespace: in_ },
  spec,
});
const gateway = (name: string, hosts: readonly string[]): object =>
  of('Gateway', name, {
    selector: { istio: 'ingressgateway' },
    servers: [
      {
        port: { name: 'https', number: 443, protocol: 'HTTPS' },
        hosts,
        tls: { mode: 'SIMPLE', credentialName: 'svc10-tls-certificate' },
      },
    ],
  });
const routes = (name: string, host: string, http: object): object =>
  of('VirtualService', name, { hosts: [host], gateways: [`incident-${name}`], http: [http] });
const teapot = { directResponse: { status: 418 } };

/** The wildcard certificate of the mesh covers these two, each at a Gateway of its own. */
const [opened, reused] = ['incident-opened.discovery.wmnet', 'incident-reused.discovery.wmnet'];
const slowHost = `slow.${domain}`;
const limitedHost = `limited.${domain}`;
const customHost = `custom.${domain}`;
const [faultHost, loopHost] = [`fault.${domain}`, `loop.${domain}`];

/** One request a minute, on connections for the host. */
const limit = of(
  'EnvoyFilter',
  'limit',
  {
    workloadSelector: { labels: { istio: 'ingressgateway' } },
    configPatches: [
      {
        applyTo: 'HTTP_FILTER',
        match: { context: 'GATEWAY', listener: { portNumber: 8443, filterChain: { sni: limitedHost } } },
        patch: {
          operation: 'INSERT_FIRST',
          value: {
            name: 'incident.limit',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
              stat_prefix: 'incident',
              token_bucket: { max_tokens: 1, tokens_per_fill: 1, fill_interval: '60s' },
              filter_enabled: { default_value: { numerator: 100 } },
              filter_enforced: { default_value: { numerator: 100 } },
            },
          },
        },
      },
    ],
  },
  'networking.istio.io/v1alpha3',
  namespace,
);
const custom = of(
  'AuthorizationPolicy',
  'custom',
  {
    selector: { matchLabels: { istio: 'ingressgateway' } },
    action: 'CUSTOM',
    provider: { name: 'nobody' },
    rules: [{ to: [{ operation: { hosts: [customHost] } }] }],
  },
  'security.istio.io/v1',
  namespace,
);

let slow: Server;

function service(name: string, port: number): object[] {
  const metadata = { name: `incident-${name}`, namespace: own };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'http', port: 80, targetPort: port }] } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [bridge], conditions: { ready: true } }],
      ports: [{ name: 'http', port, protocol: 'TCP' }],
    },
  ];
}

test.before(async () => {
  slow = createServer((_, response) => setTimeout(() => response.end('late'), 3000));
  await new Promise<void>((resolve) => slow.listen(0, bridge, resolve));
  const { port } = slow.address() as AddressInfo;
  const to = (name: string): object => ({
    destination: { host: `incident-${name}.${own}.svc.cluster.local`, port: { number: 80 } },
  });
  const names = [
    ['opened', opened],
    ['reused', reused],
    ['limited', limitedHost],
    ['custom', customHost],
  ] as const;
  const items = [
    ...names.flatMap(([name, host]) => [gateway(name, [host]), routes(name, host, teapot)]),
    gateway('slow', [slowHost]),
    routes('slow', slowHost, { route: [to('slow')], timeout: '1s', retries: { attempts: 2, perTryTimeout: '400ms' } }),
    ...service('slow', port),
    ...(['refused', 'plain'] as const).flatMap((name) => [
      gateway(name, [`${name}.${domain}`]),
      routes(name, `${name}.${domain}`, { route: [to(name)] }),
    ]),
    gateway('fault', [faultHost]),
    routes('fault', faultHost, {
      ...teapot,
      fault: { abort: { httpStatus: 555, percentage: { value: 100 } } },
    }),
    gateway('loop', [loopHost]),
    routes('loop', loopHost, { redirect: { uri: '/login' } }),
    ...service('refused', 9),
    ...service('plain', port),
    of('DestinationRule', 'plain', {
      host: `incident-plain.${own}.svc.cluster.local`,
      trafficPolicy: { tls: { mode: 'SIMPLE', insecureSkipVerify: true } },
    }),
    limit,
  ];
  apply({ apiVersion: 'v1', kind: 'List', items });
  const { code, err } = await kii(
    ...[
      'wait',
      '--for',
      'synced',
      '--for',
      `route=${slowHost}/`,
      '--for',
      `route=${reused}/`,
      '--for',
      `route=plain.${domain}/`,
      '--timeout',
      '1m',
    ],
  );
  assert.is(code, 0, err);
});

test.after(() => {
  slow.close();
  slow.closeAllConnections();
  const kinds = 'gateways.networking.istio.io,virtualservices,destinationrules,services,endpointslices';
  const names = kubectl('-n', own, 'get', kinds, '-o', 'name').split('\n');
  const ours = names.filter((name) => name.includes('/incident-'));
  if (ours.length > 0) kubectl('-n', own, 'delete', '--wait=false', '--ignore-not-found', ...ours);
  kubectl('-n', namespace, 'delete', 'envoyfilter', 'incident-limit', '--ignore-not-found');
});

/** The status that a client of the first gateway gets, 000 for none; with `sni`, over a connection to another host. */
async function send(host: string, sni = host): Promise<string> {
  const to = ['--connect-to', `${sni}:443:${first.address}:8443`, `https://${sni}/`, '-H', `Host: ${host}`];
  const { out } = await start(['-sk', '-m', '20', '-o', '/dev/null', '-w', '%{http_code}', ...to], {}, 'curl').outcome;
  return out;
}

interface Entry {
  readonly responseCode: number;
  readonly responseFlags?: readonly string[];
  readonly explanation: readonly string[];
}

/** Of the first gateway's log, the lines with this status for the host, explained. */
async function logged(host: string, status: string): Promise<readonly Entry[]> {
  let entries: readonly Entry[] = [];
  await until(`${status} of ${host} is in the log`, async () => {
    const { out } = await kii(
      ...['logs', '--host', host, '--status', status, '--since', '5m', '--explain', '--with-route', '-o', 'json'],
    );
    entries = out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Entry]));
    return entries.length > 0;
  });
  return entries;
}

test('a route that waits shorter than its service needs, retries included', async () => {
  assert.is(await send(slowHost), '504');
  const [entry] = await logged(slowHost, '504');
  assert.ok(
    entry?.responseFlags?.includes('UT') ||
      entry?.responseFlags?.includes('UPE') ||
      entry?.responseFlags?.includes('URX'),
  );
  const { out } = await kii('explain', `https://${slowHost}/`);
  assert.match(out, 'timeout 1s');
  assert.match(out, /2 retries/);
  const summary = await kii('logs', '--host', slowHost, '--since', '5m', '--summary');
  assert.match(summary.out, `incident-slow`);
  await check('--for', own);
});

test('a port where nothing listens, and one that does not speak the TLS of its DestinationRule', async () => {
  for (const name of ['refused', 'plain']) {
    await until(`a request to ${name} fails`, async () => (await send(`${name}.${domain}`)) === '503');
    const finding = await findingOf('KII056', `${own}/incident-${name}:80`, '--for', own);
    assert.is(finding.severity, 'error');
    assert.match(finding.text, /every connection to its only endpoint has failed \([1-9]/);
    assert.match(finding.text, `VirtualService ${own}/incident-${name}`);
    await stepsShow(finding, `incident-${name}`);
    assert.is((await kii('check', '--for', own, '--only', 'connections-fail')).code, 1);
  }
  const findings = (await check('--only', 'connections-fail'))[0]?.findings ?? [];
  assert.not.match(findings.map(({ text }) => text).join(), 'incident-slow');
});

test('a fault and a redirect that somebody left behind', async () => {
  for (const [id, name, host, status] of [
    ['KII057', 'fault', faultHost, '555'],
    ['KII058', 'loop', loopHost, '301'],
  ] as const) {
    await until(`${host} answers ${status}`, async () => (await send(host)) === status);
    const finding = await findingOf(id, host, '--for', own);
    assert.equal([finding.severity, finding.hosts], ['error', [host]]);
    await stepsShow(finding, `incident-${name}`);
    assert.is((await kii('check', '--for', own, '--only', id)).code, 1);
  }
});

test('a rate limit: the log names it, and explain says that it may refuse', async () => {
  await until('the limit refuses', async () => (await send(limitedHost)) === '429');
  const [entry] = await logged(limitedHost, '429');
  assert.match(entry?.explanation.join('\n') ?? '', /rate limit/i);
  const explained = await kii('explain', `https://${limitedHost}/`, '--expect', 'code=418');
  assert.is(explained.code, 3, explained.err);
  assert.match(explained.out, 'incident.limit may refuse (429)');
  assert.is((await kii('explain', `https://${opened}/`, '--expect', 'code=418')).code, 0, 'no other host is limited');
});

/** Of older ones nobody knows whose it is, and it refuses requests to all hosts. */
const namesPolicy = istioMinor >= 24;

test('a policy whose provider nobody knows refuses everything, and is named to the owner', async () => {
  apply(custom);
  try {
    await until('it refuses', async () => (await send(customHost)) === '403');
    await refusedByCustom();
  } finally {
    kubectl('-n', namespace, 'delete', 'authorizationpolicy', 'incident-custom', '--ignore-not-found');
  }
  await until('nothing refuses any more', async () => (await send(opened)) === '418');
});

async function refusedByCustom(): Promise<void> {
  const finding = await findingOf('KII055', customHost, '--for', own);
  assert.is(finding.severity, 'error');
  assert.match(finding.text, 'istiod does not know the provider that it names');
  if (namesPolicy) {
    assert.equal(finding.hosts, [customHost]);
    assert.is(finding.inHandsOf, `AuthorizationPolicy ${namespace}/incident-custom`);
  }
  await stepsShow(finding, 'incident-custom');
  assert.is((await kii('check', '--for', own, '--only', 'refused-by-policy')).code, 1);
  const [entry] = await logged(customHost, '403');
  assert.match(
    entry?.explanation.join('\n') ?? '',
    namesPolicy ? 'incident-custom' : 'istiod does not know the provider',
  );
}

test('a connection that was opened for one host and is used for another of the same certificate', async () => {
  assert.is(await send(reused), '418');
  assert.is(await send(reused, opened), '404');
  const finding = await findingOf('KII039', reused, '--for', `${own}/incident-reused`);
  assert.equal([finding.severity, finding.hosts], ['warning', [reused]]);
  assert.match(finding.text, 'several of them name this very secret');
  await stepsShow(finding, 'connection reuse');
  const [entry] = await logged(reused, '404');
  assert.match(entry?.explanation.join('\n') ?? '', new RegExp(`opened for ${opened}`));
  const { out } = await kii('explain', `https://${reused}/`, '--sni', opened);
  assert.match(out, `the connection is opened for ${opened} and used for ${reused}`);
});

test('a pod that istiod does not reach serves a Gateway that was deleted: the owner gets the cause, and what follows', async () => {
  harness('cut', [last.node, 'on']);
  try {
    kubectl('-n', own, 'delete', 'gateways.networking.istio.io/incident-opened', 'virtualservice/incident-opened');
    const gone = await findingOf('KII047', 'Gateway svc8/incident-opened', '--for', `${own}/incident-opened`);
    assert.equal([gone.pods, gone.hosts], [[last.pod], [opened]]);
    await stepsShow(gone, opened);
    const cause = await findingOf('KII010', last.pod, '--for', `${own}/incident-opened`);
    assert.is(cause.inHandsOf, 'those who run the gateway');
    const results = await check('--for', `${own}/incident-opened`);
    const following = results.flatMap(({ id, findings }) => findings.flatMap(({ causedBy }) => (causedBy ? [id] : [])));
    assert.ok(following.includes('KII047') && following.includes('KII020'), following.join());
    for (const command of cause.next.filter((one) => one.startsWith('kubectl ')))
      assert.is((await paste(command)).code, 0, command);
  } finally {
    harness('cut', [last.node, 'off']);
  }
  assert.is((await kii('wait', '--for', 'synced', '--timeout', '1m')).code, 0);
});

test.run();
