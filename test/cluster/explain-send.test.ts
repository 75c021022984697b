// `explain --send` on the real gateways: what comes is what was predicted, and where it is not that is said.

import { randomUUID } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply, type Gateway, gatewayLog, gateways, kii, request, until } from './truth/cluster.ts';

const all = gateways();
const [node0] = all as readonly [Gateway];
const pods = all.map(({ pod }) => pod);

interface Sent {
  readonly pod: string;
  readonly code?: number;
  readonly location?: string;
  readonly serial?: string;
  readonly isOfService: boolean;
  readonly ended?: string;
  readonly logged?: { readonly flags: readonly string[]; readonly upstreamCluster?: string };
  readonly differs: readonly string[];
}

const serviceOne = 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local';

async function sent(args: readonly string[], code: number): Promise<readonly Sent[]> {
  const outcome = await kii('explain', ...args, '--send', '-o', 'json');
  assert.is(outcome.code, code, outcome.err + outcome.out);
  return (JSON.parse(outcome.out) as { readonly items: readonly { readonly sent: readonly Sent[] }[] }).items.flatMap((item) => item.sent);
}

test('a service answers through every pod, with the certificate that was predicted', async () => {
  const told = await sent(['https://svc1.discovery.wmnet/one'], 0);
  assert.equal(told.map(({ pod }) => pod).sort(), [...pods].sort());
  for (const { code, isOfService, differs, serial } of told) assert.equal([code, isOfService, differs, typeof serial], [200, true, [], 'string']);
  assert.ok(all.every((gateway) => /"kubectl-istio-ingress\/[^"]+ \(explain --send [0-9a-f]{8}\)"/.test(gatewayLog(gateway))));
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
  const [passed] = await sent(words, 1);
  // Which side gives up first is chance.
  assert.equal([passed?.code, typeof passed?.ended], [undefined, 'string']);
  assert.match((await kii('explain', ...words)).out, "inside a TLS of the gateway's own");
});

test('where the gateway answers in place of the service, prediction and reality differ', async () => {
  // Its endpoint takes connections and does not speak TLS as the DestinationRule says: Envoy cannot know before it tries.
  const spec = { host: 'svc1-tls-service.svc1.svc.cluster.local', trafficPolicy: { tls: { mode: 'DISABLE' } } };
  apply({ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name: 'svc1-main', namespace: 'svc1' }, spec });
  try {
    const isBroken = async (): Promise<boolean> => (await kii('explain', 'https://svc1.discovery.wmnet/one', '--send', '--pod', node0.pod)).code === 1;
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
  await until('the service answers again', async () => (await kii('explain', 'https://svc1.discovery.wmnet/one', '--send')).code === 0);
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
  const document = JSON.parse(out) as { readonly request: { readonly path: string }; readonly items: readonly { readonly sent?: readonly Sent[] }[] };
  const [came] = document.items.flatMap((item) => item.sent ?? []);
  assert.is(document.request.path, path);
  assert.equal([came?.pod, came?.code, came?.logged?.flags, came?.differs], [node0.pod, 404, ['NR'], []]);
  const unknown = await kii('explain', '--request-id', randomUUID(), '--since', '1m');
  assert.is(unknown.code, 2);
  assert.match(unknown.err, new RegExp(`cannot find request .* read were .*${node0.pod} \\d+ lines`));
});

test('a method that may change something is refused, and sent where that is allowed', async () => {
  const refused = await kii('explain', 'https://svc1.discovery.wmnet/one', '-X', 'POST', '--send');
  assert.equal([refused.code, refused.out], [2, '']);
  const [posted] = await sent(['https://svc1.discovery.wmnet/one', '-X', 'POST', '--allow-unsafe', '--pod', node0.pod], 0);
  assert.is(posted?.code, 200);
});

test.run();
