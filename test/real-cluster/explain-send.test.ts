// `explain --send` on the real gateways: what comes is what was predicted, and where it is not that is said.

import { randomUUID } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  apply,
  type Gateway,
  gatewayLog,
  gateways,
  kii,
  kubectl,
  type Outcome,
  request,
  until,
} from './truth/cluster.ts';

const all = gateways();
const [node0] = all as readonly [Gateway];
const pods = all.map(({ pod }) => pod);

interface Sent {
  readonly pod: string;
  readonly code?: number;
  readonly location?: string;
  readonly serial?: string;
  readonly isOfService: boolean;
  readonly isDecided: boolean;
  readonly ended?: string;
  readonly logged?: { readonly flags: readonly string[]; readonly upstreamCluster?: string };
  readonly differs: readonly string[];
}

const serviceOne = 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local';

const send = (args: readonly string[]): Promise<Outcome> => kii('explain', ...args, '--send', '-o', 'json');

const sentIn = ({ out }: Outcome): readonly Sent[] =>
  (JSON.parse(out) as { readonly items: readonly { readonly sent: readonly Sent[] }[] }).items.flatMap(
    (item) => item.sent,
  );

async function sent(args: readonly string[], code: number): Promise<readonly Sent[]> {
  const outcome = await send(args);
  assert.is(outcome.code, code, outcome.err + outcome.out);
  return sentIn(outcome);
}

test('a service answers through every pod, with the certificate that was predicted', async () => {
  const told = await sent(['https://svc1.discovery.wmnet/one'], 0);
  assert.equal(told.map(({ pod }) => pod).sort(), [...pods].sort());
  for (const { code, isOfService, differs, serial } of told)
    assert.equal([code, isOfService, differs, typeof serial], [200, true, [], 'string']);
  assert.ok(
    all.every((gateway) => /"kubectl-istio-ingress\/[^"]+ \(explain --send [0-9a-f]{8}\)"/.test(gatewayLog(gateway))),
  );
  for (const { logged } of told) assert.equal([logged?.flags, logged?.upstreamCluster], [[], serviceOne]);
});

test('what the gateway answers itself, and a connection that it ends, are as predicted', async () => {
  const [moved] = await sent(['http://svc1.discovery.wmnet/x?y', '--pod', node0.pod], 0);
  assert.equal([moved?.code, moved?.location, moved?.isOfService], [301, 'https://svc1.discovery.wmnet/x?y', false]);
  const [missing] = await sent(['https://svc1.discovery.wmnet/nothing', '--pod', node0.pod], 0);
  assert.equal([missing?.code, missing?.logged?.flags, missing?.differs], [404, ['NR'], []]);
  const [ended] = await sent(['https://unknown.discovery.wmnet/', '--pod', node0.pod], 0);
  assert.equal([ended?.code, ended?.differs], [undefined, []]);
});

test("TLS inside the gateway's own TLS, which no prediction can see the end of, does not get through", async () => {
  // The DestinationRule of svc4 is for the routes that end TLS at the gateway; this one passes it through.
  const words = ['https://pass.discovery.wmnet:8445/', '--pod', node0.pod];
  const outcome = await send(words);
  const [passed] = sentIn(outcome);
  // Which side gives up first is chance, and so is whether one does in time: else nobody can say.
  assert.equal([passed?.code, typeof passed?.ended], [undefined, 'string']);
  assert.is(outcome.code, passed?.isDecided ? 1 : 3, outcome.err);
  assert.match((await kii('explain', ...words)).out, "inside a TLS of the gateway's own");
});

test('where the gateway answers in place of the service, prediction and reality differ', async () => {
  // Its endpoint takes connections and does not speak TLS as the DestinationRule says: Envoy cannot know before it
  // tries.
  const spec = { host: 'svc1-tls-service.svc1.svc.cluster.local', trafficPolicy: { tls: { mode: 'DISABLE' } } };
  apply({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'svc1-main', namespace: 'svc1' },
    spec,
  });
  try {
    const isBroken = async (): Promise<boolean> =>
      (await kii('explain', 'https://svc1.discovery.wmnet/one', '--send', '--pod', node0.pod)).code === 1;
    await until('the service is called in plain text', isBroken);
    const { out } = await kii('explain', 'https://svc1.discovery.wmnet/one', '--send', '--pod', node0.pod);
    assert.match(out, /✗ predicted an answer of outbound\|4001\|\|svc1-tls-service/);
    assert.match(out, 'of the gateway itself');
    assert.match(out, /access log: flags (UF|UC|UPE|URX)/);
  } finally {
    const tls = { mode: 'SIMPLE', insecureSkipVerify: true };
    apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'svc1-main', namespace: 'svc1' },
      spec: { ...spec, trafficPolicy: { connectionPool: { tcp: { maxConnections: 1000 } }, tls } },
    });
  }
  await until(
    'the service answers again',
    async () => (await kii('explain', 'https://svc1.discovery.wmnet/one', '--send')).code === 0,
  );
});

test('a service without endpoints fails as predicted; one whose endpoint refuses does not, and the log says why', async () => {
  const metadata = { name: 'nobody', namespace: 'svc1' };
  const host = 'nobody.svc1.svc.cluster.local';
  const words = ['https://svc1.discovery.wmnet/nobody', '--pod', node0.pod];
  const until503 = (flag: string): Promise<void> =>
    until(`503 with ${flag}`, async () => sentIn(await send(words))[0]?.logged?.flags.includes(flag) ?? false);
  const http = [{ match: [{ uri: { prefix: '/nobody' } }], route: [{ destination: { host, port: { number: 80 } } }] }];
  apply({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'http', port: 80 }] } });
  apply({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata,
    spec: { hosts: ['svc1.discovery.wmnet'], gateways: ['svc1/svc1-main'], http },
  });
  try {
    await until503('UH');
    const [none] = await sent(words, 0);
    assert.equal([none?.code, none?.isOfService, none?.logged?.flags, none?.differs], [503, false, ['UH'], []]);
    const labels = { 'kubernetes.io/service-name': 'nobody' };
    // Nobody listens there, and the kernel says so.
    const endpoints = [{ addresses: [node0.address], conditions: { ready: true } }];
    const ports = [{ name: 'http', port: 1, protocol: 'TCP' }];
    apply({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels },
      addressType: 'IPv4',
      endpoints,
      ports,
    });
    await until503('UF');
    const [refused] = await sent(words, 1);
    assert.equal(
      [refused?.code, refused?.isOfService, refused?.logged?.upstreamCluster],
      [503, false, `outbound|80||${host}`],
    );
    assert.equal(refused?.differs, [`predicted an answer of outbound|80||${host}`]);
  } finally {
    kubectl(
      '-n',
      'svc1',
      'delete',
      '--ignore-not-found',
      'virtualservice/nobody',
      'endpointslice/nobody',
      'service/nobody',
    );
  }
  await until('the route is gone', async () => sentIn(await send(words))[0]?.code === 404);
});

test('a request of a client is found by its id, with what came of it', async () => {
  const path = `/nothing-${randomUUID()}`;
  assert.is(request(node0, `https://svc1.discovery.wmnet:8443${path}`), 404);
  const line = async (): Promise<{ readonly requestId?: string } | undefined> => {
    const { out } = await kii('logs', '--path', path, '-o', 'json');
    return out === '' ? undefined : JSON.parse(out.split('\n')[0] ?? '');
  };
  await until('the request is in the log', async () => (await line())?.requestId !== undefined);
  const { code, out, err } = await kii('explain', '--request-id', (await line())?.requestId ?? '', '-o', 'json');
  assert.is(code, 0, err);
  const document = JSON.parse(out) as {
    readonly request: { readonly path: string };
    readonly items: readonly { readonly sent?: readonly Sent[] }[];
  };
  const [came] = document.items.flatMap((item) => item.sent ?? []);
  assert.is(document.request.path, path);
  assert.equal([came?.pod, came?.code, came?.logged?.flags, came?.differs], [node0.pod, 404, ['NR'], []]);
  const unknown = await kii('explain', '--request-id', randomUUID(), '--since', '1m');
  assert.is(unknown.code, 2);
  assert.match(unknown.err, new RegExp(`cannot find request .* this tool read .*${node0.pod} \\d+ lines`));
});

test('a method that may change something is refused, and sent where that is allowed', async () => {
  const refused = await kii('explain', 'https://svc1.discovery.wmnet/one', '-X', 'POST', '--send');
  assert.equal([refused.code, refused.out], [2, '']);
  const [posted] = await sent(
    ['https://svc1.discovery.wmnet/one', '-X', 'POST', '--allow-unsafe', '--pod', node0.pod],
    0,
  );
  assert.is(posted?.code, 200);
});

test.run();
