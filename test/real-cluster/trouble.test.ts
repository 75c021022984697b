// The fleet when something is wrong with it: a gateway that lost istiod, a pod without a proxy, one that does not
// answer, a configuration that Envoy rejects, and an older Envoy. Each test puts the cluster back.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  apply,
  dumped,
  envoyProcess,
  type Gateway,
  gateways,
  harness,
  kii,
  kiiJson,
  kubectl,
  namespace,
  start,
  until,
} from './truth/cluster.ts';
import { whileListenersAreRejected, whyRejected } from './truth/rejection.ts';
import { envoyOutputIsIstioctls, routesAreIstioctls } from './truth/routes.ts';
import { podIn, type StatusDocument } from './truth/status.ts';

const [node0, node1, node2] = gateways() as readonly [Gateway, Gateway, Gateway];
/** One test gives node0 another pod. */
const pods = [node0, node1, node2];
const host = 'trouble.discovery.wmnet';

const virtualService = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'trouble', namespace: 'svc1' },
  spec: {
    hosts: ['svc1.discovery.wmnet'],
    gateways: ['svc1/svc1-main'],
    http: [{ match: [{ uri: { prefix: '/trouble' } }], redirect: { authority: host } }],
  },
};

const serves = (gateway: Gateway): boolean => JSON.stringify(dumped(gateway, 'dynamic_route_configs')).includes(host);
const status = (...flags: readonly string[]): Promise<StatusDocument> => kiiJson<StatusDocument>(['status', ...flags]);
const isHealthy = ({ items }: StatusDocument): boolean =>
  items.length === pods.length &&
  items.every(({ sync, difference }) => sync.state === 'connected' && difference === undefined);
async function healed(): Promise<void> {
  let last = '';
  const isHealed = async (): Promise<boolean> => {
    const { code, out } = await kii('status', '-o', 'json');
    last = out;
    return code === 0 && isHealthy(JSON.parse(out) as StatusDocument);
  };
  await until('the fleet is healthy again', isHealed).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}; the last status was ${last}`, { cause: error });
  });
}

test('a gateway that has lost istiod is NOT CONNECTED, and what it serves differently is counted and named', async () => {
  harness('cut', [node2.node, 'on']);
  try {
    apply(virtualService);
    await until('the others serve the new route', () => serves(node0) && serves(node1));
    assert.not.ok(serves(node2));
    await until('istiod has forgotten it', async () => podIn(await status(), node2.pod).sync.state === 'not-connected');
    const document = await status();
    assert.equal(podIn(document, node2.pod).difference, { routes: 1, certificates: 0 });
    assert.equal(podIn(document, node0.pod).difference, undefined);
    const { code, out } = await kii('status');
    assert.is(code, 0);
    assert.match(out, new RegExp(`${node2.pod} .*NOT CONNECTED`));
    assert.match(out, 'do not restart it');
    const routes = await kii('routes', '--path', '/trouble', '--host', 'svc1.discovery.wmnet');
    assert.is(routes.code, 0);
    assert.match(routes.out, /\/trouble .* 2\/3/);
  } finally {
    harness('cut', [node2.node, 'off']);
    kubectl('-n', 'svc1', 'delete', 'virtualservice', 'trouble', '--ignore-not-found');
  }
  await healed();
});

test('a pod that does not answer in time costs a line, and never the answer of the others', async () => {
  const envoy = envoyProcess(node1);
  process.kill(envoy, 'SIGSTOP');
  try {
    const { code, out, err } = await kii('routes', '--pod-timeout', '4s', '-o', 'json');
    assert.is(code, 3);
    const document = JSON.parse(out) as StatusDocument & {
      readonly items: readonly { readonly pods: readonly string[] }[];
    };
    assert.is(document.complete, false);
    assert.equal(
      document.pods.map(({ name, status: state }) => [name, state]).sort(),
      pods.map(({ pod }) => [pod, pod === node1.pod ? 'failed' : 'ok']).sort(),
    );
    assert.ok(document.items.length > 20);
    for (const item of document.items) assert.equal([...item.pods].sort(), [node0.pod, node2.pod].sort());
    assert.match(err, new RegExp(`^[^\\n]*${namespace}/${node1.pod}[^\\n]*4 s`));
  } finally {
    process.kill(envoy, 'SIGCONT');
  }
  await healed();
});

test('Ctrl-C while a pod does not answer ends with 130, at once and without a word too many', async () => {
  const envoy = envoyProcess(node1);
  process.kill(envoy, 'SIGSTOP');
  try {
    const running = start(['routes']);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const began = performance.now();
    running.process.kill('SIGINT');
    const { code, out, err } = await running.outcome;
    assert.is(code, 130);
    assert.is(out, '');
    assert.not.match(err, / at /);
    assert.ok(performance.now() - began < 2_000, 'it does not wait for the pod');
  } finally {
    process.kill(envoy, 'SIGCONT');
  }
  await healed();
});

test('a pod whose proxy is gone is said to be so; the other two answer', async () => {
  kubectl('-n', namespace, 'delete', 'pod', node0.pod, '--wait=true', '--timeout=60s');
  try {
    const replacement = (): Gateway | undefined =>
      gateways().find(({ node, address }) => node === node0.node && address !== undefined);
    await until('the DaemonSet has a new pod, and the pod an address', () => replacement() !== undefined);
    const fresh = replacement();
    for (const command of ['status', 'routes', 'secrets', 'listeners', 'clusters', 'endpoints']) {
      const { code, out, err } = await kii(command, '-o', 'json');
      assert.is(code, 3, command);
      const { pods: outcomes } = JSON.parse(out) as StatusDocument;
      assert.equal(
        outcomes.filter((outcome) => outcome.status === 'failed').map(({ name }) => name),
        [fresh?.pod],
        command,
      );
      assert.match(err, `${namespace}/${fresh?.pod}`);
    }
  } finally {
    harness('gateways');
  }
  await healed();
});

test('a listener that Envoy rejects is NACK, with its text', async () => {
  await whileListenersAreRejected(async () => {
    const isRejected = async (): Promise<boolean> =>
      (await status()).items.every(({ sync }) => sync.types?.['LDS']?.state === 'NACK');
    await until('istiod has the rejections of all', isRejected, 120_000);
    const { items } = await status();
    for (const { sync } of items) assert.match(sync.types?.['LDS']?.error ?? '', whyRejected);
    const { code, out } = await kii('status');
    assert.is(code, 0);
    assert.match(out, /LDS NACK/);
    assert.match(out, /rejected/);
    const listeners = await kii('listeners');
    assert.is(listeners.code, 0);
    assert.match(listeners.out, /✗ update rejected \(.*(ago|now)\): .*script load error.* · pods /);
  });
  await healed();
});

/** Envoy takes no empty suffix; istiod does not look into what an EnvoyFilter adds. */
const brokenRoute = {
  name: 'broken',
  match: { prefix: '/broken', headers: [{ name: 'x-broken', string_match: { suffix: '' } }] },
  direct_response: { status: 200 },
};

test('routes that Envoy rejects are told by name, and the step that is printed finds the reason', async () => {
  const metadata = { name: 'broken', namespace };
  const match = { context: 'GATEWAY', routeConfiguration: { vhost: { name: 'svc1.discovery.wmnet:443' } } };
  const configPatches = [{ applyTo: 'HTTP_ROUTE', match, patch: { operation: 'INSERT_FIRST', value: brokenRoute } }];
  const spec = { workloadSelector: { labels: { istio: 'ingressgateway' } }, configPatches };
  apply({ apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter', metadata, spec });
  try {
    await until('istiod has the rejections of all', async () =>
      (await status()).items.every(({ sync }) => sync.types?.['RDS']?.state === 'NACK'),
    );
    const { out } = await kii('status');
    // One line for all pods, although each prints the resource in a way of its own.
    const [line = '', ...others] = out.split('\n').filter((one) => one.includes('rejected the last RDS update'));
    assert.match(
      line,
      /have rejected the last RDS update: "https\.443\.https\.svc1-main\.svc1: a field breaks a rule; which one is cut off here, and stands in the pod's log"$/,
    );
    assert.equal(others, []);
    const [, pod = ''] = /kubectl -n istio-system logs (\S+) \| grep 'validation failed'/.exec(out) ?? [];
    const log = kubectl('-n', namespace, 'logs', pod, '--tail=5000').split('\n');
    assert.match(
      log.findLast((one) => one.includes('validation failed')) ?? '',
      'Suffix: value length must be at least 1 characters',
    );
  } finally {
    kubectl('-n', namespace, 'delete', 'envoyfilter', 'broken');
  }
  await healed();
});

test('an older Envoy is read as well, and its version stands out', async () => {
  harness('gateways', [], { KII_ENVOY_VERSION: '1.36.2', KII_ENVOY_NODES: node1.node });
  try {
    await healed();
    await routesAreIstioctls(gateways());
    await envoyOutputIsIstioctls('routes', node1);
    await envoyOutputIsIstioctls('secrets', node1);
    await envoyOutputIsIstioctls('listeners', node1);
    await envoyOutputIsIstioctls('clusters', node1, '--whole-mesh');
    assert.is((await kii('endpoints', '-o', 'json')).code, 0);
    assert.is(podIn(await status(), node1.pod).report?.proxy.envoyVersion, '1.36.2');
    assert.match((await kii('status')).out, /1\.36\.2/);
  } finally {
    harness('gateways', [], { KII_ENVOY_NODES: node1.node });
  }
  await healed();
});

test.run();
