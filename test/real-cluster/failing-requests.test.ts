// Incidents, two unlike ones of each kind, all made at once: `explain` and `check` say which object, and why; and every
// command that they print for the next step runs, and shows that object.

import { dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply, binary, gateways, kii, kubectl, namespace, type Outcome, start, until } from './truth/cluster.ts';

const [node0] = gateways();
const own = 'svc8';
const domain = 'failing.wmnet';
const fqdn = (name: string): string => `failing-${name}.${own}.svc.cluster.local`;

const of = (kind: string, name: string, spec: object, apiVersion = 'networking.istio.io/v1'): object => ({
  apiVersion,
  kind,
  metadata: { name: `failing-${name}`, namespace: own },
  spec,
});
const rule = (name: string, spec: object): object => of('DestinationRule', name, { host: fqdn(name), ...spec });
const server = (hosts: readonly string[]): object => ({
  port: { name: 'https', number: 443, protocol: 'HTTPS' },
  hosts,
  tls: { mode: 'SIMPLE', credentialName: 'svc1-tls-certificate' },
});
const gateway = (name: string, hosts: readonly string[], selector: object = {}): object =>
  of('Gateway', name, { selector: { istio: 'ingressgateway', ...selector }, servers: [server(hosts)] });
const routes = (name: string, host: string, http: readonly object[]): object =>
  of('VirtualService', name, { hosts: [`${host}.${domain}`], gateways: ['failing-main'], http });
const to = (service: string, port: number, subset?: string): object => ({
  route: [
    { destination: { host: fqdn(service), port: { number: port }, ...(subset === undefined ? {} : { subset }) } },
  ],
});
const routed = (name: string, ...destination: Parameters<typeof to>): object =>
  routes(name, name, [to(...destination)]);
const under = (prefix: string, name: string): object => ({
  match: [{ uri: { prefix } }],
  name,
  directResponse: { status: 418 },
});

/** A Service whose endpoint is a port of node0 that nobody listens on. */
const service = (name: string, ports: readonly object[], selector?: object): object[] => [
  of('Service', name, { ports, ...(selector === undefined ? {} : { selector }) }, 'v1'),
  ...(selector === undefined
    ? [
        {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: {
            name: `failing-${name}`,
            namespace: own,
            labels: { 'kubernetes.io/service-name': `failing-${name}` },
          },
          addressType: 'IPv4',
          endpoints: [{ addresses: [node0?.address], conditions: { ready: true } }],
          ports: ports.map((port) => ({
            protocol: 'TCP',
            ...(port as { readonly name: string }),
            port: 1,
            appProtocol: undefined,
          })),
        },
      ]
    : []),
];

const pods = ['1.4', '1.4', '1.4', 'v1.5'].map((version, index) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `failing-web-${index}`, namespace: own, labels: { app: 'failing-web', version } },
  // No node takes it: its labels are all that is wanted.
  spec: { nodeSelector: { incident: 'nowhere' }, containers: [{ name: 'web', image: 'none' }] },
}));

const denied = (name: string, operation: object): object => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: `failing-${name}`, namespace },
  spec: {
    selector: { matchLabels: { istio: 'ingressgateway' } },
    action: 'DENY',
    rules: [{ to: [{ operation: { hosts: [`${name}.${domain}`, `${name}.${domain}:*`], ...operation } }] }],
  },
});

const tls = { trafficPolicy: { tls: { mode: 'SIMPLE' } } };
const objects: readonly object[] = [
  gateway('main', [`*.${domain}`]),
  gateway('second', [`*.${domain}`, 'lost.failing-b.wmnet']),
  gateway('typo', ['typo.failing-c.wmnet'], { app: 'nobody' }),
  ...service(
    'web',
    [
      { name: 'http', port: 80 },
      { name: 'https', port: 443 },
    ],
    { app: 'failing-web' },
  ),
  ...service('hidden', [{ name: 'https', port: 8443 }]),
  ...service('plain', [{ name: 'https', port: 8443 }]),
  ...service('app', [{ name: 'web', port: 9000, appProtocol: 'https' }]),
  ...pods,
  rule('web', { subsets: [{ name: 'canary', labels: { version: '1.5' } }] }),
  rule('hidden', { ...tls, exportTo: ['.'], subsets: [{ name: 'v2', labels: { version: '2' } }] }),
  rule('app', { trafficPolicy: { connectionPool: { tcp: { maxConnections: 7 } } } }),
  routed('port', 'web', 8000),
  routed('absent', 'wbe', 80),
  routed('empty', 'web', 80, 'canary'),
  routed('undefined', 'web', 80, 'blue'),
  routed('hidden', 'hidden', 8443),
  routed('hidden-subset', 'hidden', 8443, 'v2'),
  routed('plain', 'plain', 8443),
  routed('app', 'app', 9000),
  routes('shadow-a', 'shadow', [under('/a', 'short'), under('/c', 'wide'), under('/c/d', 'behind')]),
  routes('shadow-b', 'shadow', [under('/a/b', 'long')]),
  routes('rbac', 'rbac', [under('/', 'all')]),
  routes('rbac-path', 'rbac-path', [under('/', 'all')]),
  denied('rbac', {}),
  denied('rbac-path', { paths: ['/secret/*'] }),
];

const kinds = 'gateways.networking.istio.io,virtualservices,destinationrules,services,endpointslices,pods';

function removeAll(): void {
  const names = kubectl('-n', own, 'get', kinds, '-o', 'name')
    .split('\n')
    .filter((name) => name.includes('/failing-'));
  if (names.length > 0) kubectl('-n', own, 'delete', '--wait=false', '--ignore-not-found', ...names);
  kubectl('-n', namespace, 'delete', 'authorizationpolicy', 'failing-rbac', 'failing-rbac-path', '--ignore-not-found');
}

interface Reason {
  readonly code: string;
  readonly objects: readonly { readonly kind: string; readonly namespace: string; readonly name: string }[];
  readonly text: string;
  readonly next: readonly string[];
}

interface Item {
  readonly losers: readonly { readonly route: { readonly name: string }; readonly repair?: string }[];
  readonly outcomes: readonly { readonly kind: string; readonly reasons?: readonly Reason[] }[];
  readonly sent?: readonly {
    readonly code?: number;
    readonly isDecided: boolean;
    readonly logged?: { readonly flags: readonly string[]; readonly details?: string };
  }[];
}

const itemsOf = ({ out }: Outcome): readonly Item[] => (JSON.parse(out) as { readonly items: readonly Item[] }).items;

async function explained(url: string): Promise<Item> {
  const outcome = await kii('explain', `https://${url}`, '-o', 'json');
  const [first, ...others] = itemsOf(outcome);
  assert.equal(others, [], `${url}: the pods agree`);
  assert.ok(first, outcome.err);
  return first;
}

const reasonOf = (item: Item): Reason | undefined => item.outcomes.flatMap(({ reasons = [] }) => reasons)[0];

/** As a user pastes it: kubectl finds the binary as its plugin. */
const paste = (command: string): Promise<Outcome> =>
  start(['-c', `PATH="${dirname(binary)}:$PATH"; ${command}`], {}, 'sh').outcome;

async function nextStepsShow(next: readonly string[], names: readonly string[], what: string): Promise<void> {
  assert.ok(next.length > 0, `${what}: it has a next step`);
  for (const command of next) {
    const { code, out, err } = await paste(command);
    assert.is(code, 0, `${what}: ${command}\n${err}`);
    assert.ok(
      names.some((name) => out.includes(name)),
      `${what}: ${command} shows ${names.join(' or ')}\n${out.slice(0, 500)}`,
    );
  }
}

/** By host: the reason's code, its first object, its words. */
const reasons: Readonly<Record<string, readonly [code: string, object: string, text: string]>> = {
  [`port.${domain}`]: [
    'service-port',
    'VirtualService failing-port',
    'Service svc8/failing-web has ports 80 and 443, not 8000',
  ],
  [`absent.${domain}`]: [
    'service-absent',
    'VirtualService failing-absent',
    'Service svc8/failing-wbe does not exist: svc8/failing-web is there',
  ],
  [`empty.${domain}`]: [
    'subset-without-pods',
    'DestinationRule failing-web',
    'wants version=1.5; the pods have 1.4 (3) and v1.5 (1)',
  ],
  [`undefined.${domain}`]: ['subset-absent', 'DestinationRule failing-web', 'has subset canary, not blue'],
  [`hidden.${domain}`]: [
    'plain-text-to-tls',
    'DestinationRule failing-hidden',
    'would give it, but exportTo [.] hides it from istio-system',
  ],
  [`hidden-subset.${domain}`]: [
    'subset-absent',
    'DestinationRule failing-hidden',
    'would give subset v2, but exportTo [.] hides it from istio-system',
  ],
  [`plain.${domain}`]: [
    'plain-text-to-tls',
    'Service failing-plain',
    'takes TLS (its name is https); no DestinationRule is for',
  ],
  [`app.${domain}`]: [
    'plain-text-to-tls',
    'DestinationRule failing-app',
    'takes TLS (appProtocol https); DestinationRule svc8/failing-app gives no TLS to this port',
  ],
  'lost.failing-b.wmnet': [
    'gateway-conflict',
    'Gateway failing-second',
    `Gateway svc8/failing-main has *.${domain}, which it asks for as well`,
  ],
  'typo.failing-c.wmnet': [
    'gateway-selector',
    'Gateway failing-typo',
    'the pods of this gateway have app=istio-ingressgateway',
  ],
};

test.before(async () => {
  apply({ apiVersion: 'v1', kind: 'List', items: objects });
  await until(
    'the last routes are there',
    async () =>
      (
        await kii(
          'wait',
          '--for',
          `route=app.${domain}/`,
          '--for',
          `route=shadow.${domain}/a/b`,
          '--for',
          'synced',
          '--timeout',
          '30s',
        )
      ).code === 0,
  );
});

test.after(removeAll);

for (const [host, [code, object, text]] of Object.entries(reasons)) {
  test(`${host}: ${code}`, async () => {
    const reason = reasonOf(await explained(host));
    const [first] = reason?.objects ?? [];
    assert.equal([reason?.code, `${first?.kind} ${first?.name}`], [code, object], reason?.text);
    assert.match(reason?.text ?? '', text);
    await nextStepsShow(
      reason?.next ?? [],
      (reason?.objects ?? []).map(({ name }) => name),
      host,
    );
  });
}

test('a route that comes later and matches too loses: of another VirtualService, and of the same', async () => {
  const losers = async (path: string): Promise<unknown> =>
    (await explained(`shadow.${domain}${path}`)).losers.map(({ route, repair }) => [route.name, repair]);
  assert.equal(await losers('/a/b'), [['long', 'move-into-winner']]);
  assert.equal(await losers('/c/d'), [['behind', 'move-before-winner']]);
});

test('check --for finds what hurts the owner, and its next steps show it', async () => {
  // What its next step shows of the log.
  for (const url of [`https://rbac.${domain}/`, `https://rbac-path.${domain}/secret/x`]) await sent(url);
  const { out } = await kii('check', '--for', own, '--only', 'routes,gateways', '-o', 'json');
  const { items } = JSON.parse(out) as {
    readonly items: readonly {
      readonly name: string;
      readonly findings: readonly { readonly text: string; readonly next: readonly string[] }[];
    }[];
  };
  const expected: readonly (readonly [check: string, about: string, text: string])[] = [
    ['cluster-missing', 'failing-web:8000', 'has ports 80 and 443, not 8000'],
    ['cluster-missing', 'failing-hidden:8443 (v2)', 'exportTo [.] hides it'],
    ['no-endpoint', 'failing-web:80 (canary)', 'the pods have 1.4 (3) and v1.5 (1)'],
    ['plain-text-to-tls', 'failing-hidden:8443', 'exportTo [.] hides it'],
    ['gateway-conflict', 'failing-second', 'lost.failing-b.wmnet'],
    ['gateway-selector', 'failing-typo', 'these pods have app=istio-ingressgateway'],
    ['shadowed-route', `shadow.${domain}`, 'long'],
    ['refused-by-policy', `every request to rbac.${domain}`, `AuthorizationPolicy ${namespace}/failing-rbac`],
    ['refused-by-policy', `some requests to rbac-path.${domain}`, 'spec.rules[0], path /secret/*'],
  ];
  for (const [name, about, text] of expected) {
    const found = items.find((one) => one.name === name)?.findings.filter((one) => one.text.includes(about)) ?? [];
    assert.match(found.map((one) => one.text).join('\n'), text, `${name} ${about}`);
    // The selector's other side is the labels of a pod.
    const shown = name === 'gateway-selector' ? ['failing-typo', 'app=istio-ingressgateway'] : ['failing-'];
    await nextStepsShow(found[0]?.next ?? [], shown, `${name} ${about}`);
  }
});

async function sent(
  url: string,
  ...flags: readonly string[]
): Promise<{ readonly outcome: Outcome; readonly ms: number }> {
  const began = performance.now();
  const outcome = await kii('explain', url, '--send', '-o', 'json', ...flags);
  return { outcome, ms: performance.now() - began };
}

test('a connection that the gateway closes is known from its access log, on all pods in seconds', async () => {
  for (const url of ['https://nobody.failing-d.wmnet/', 'https://typo.failing-c.wmnet/']) {
    const { outcome, ms } = await sent(url);
    assert.is(outcome.code, 0, outcome.err);
    const all = itemsOf(outcome).flatMap((item) => item.sent ?? []);
    assert.is(all.length, gateways().length);
    for (const { code, isDecided } of all) assert.equal([code, isDecided], [undefined, true]);
    assert.ok(ms < 9_000, `${url} took ${ms} ms`);
  }
});

test('what a policy refuses is 403 as it was predicted', async () => {
  for (const [url, policy] of [
    [`https://rbac.${domain}/`, 'failing-rbac'],
    [`https://rbac-path.${domain}/secret/x`, 'failing-rbac-path'],
  ] as const) {
    const predicted = await kii('explain', url, '--expect', 'code=418');
    assert.is(predicted.code, 1, predicted.err);
    assert.match(predicted.err, 'expected code=418, would be 403');
    assert.match(predicted.out, `AuthorizationPolicy ${namespace}/${policy} denies it`);
    assert.is((await kii('explain', url, '--expect', 'code=403')).code, 0);
    const { outcome } = await sent(url, '--expect', 'code=418');
    assert.is(outcome.code, 1, outcome.err);
    assert.match(outcome.err, 'expected code=418, would be 403');
    const [first] = itemsOf(outcome).flatMap((item) => item.sent ?? []);
    assert.match(first?.logged?.details ?? '', policy);
  }
  assert.is((await sent(`https://rbac-path.${domain}/open`, '--expect', 'code=418')).outcome.code, 0);
  // The policies are for other requests: nothing may answer before the route.
  assert.is((await kii('explain', `https://rbac-path.${domain}/open`, '--expect', 'code=418')).code, 0);
});

test.run();
