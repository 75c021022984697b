// `endpoints` against each Envoy's own /clusters, istioctl and the EndpointSlices of Kubernetes.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import { admin, gateways, istioctlJson, kii, kiiJson, kubectlJson } from './truth/cluster.ts';

const pods = gateways();

interface EndpointItem {
  readonly cluster: string;
  readonly address?: string;
  readonly health?: string;
  readonly missing?: string;
  readonly isRouted: boolean;
  readonly stats?: Readonly<Record<string, number>>;
  readonly backend?: { readonly node?: string; readonly pod?: string };
  readonly pods: readonly string[];
}

interface EndpointList {
  readonly complete: boolean;
  readonly items: readonly EndpointItem[];
}

interface HostStatus {
  readonly address: {
    readonly socket_address?: { readonly address: string; readonly port_value: number };
    readonly pipe?: { readonly path: string };
  };
  readonly health_status: { readonly eds_health_status?: string; readonly failed_outlier_check?: boolean };
  readonly stats: readonly { readonly name: string; readonly value?: string }[];
}

interface Statuses {
  readonly cluster_statuses: readonly { readonly name: string; readonly host_statuses?: readonly HostStatus[] }[];
}

const statusesOf = (gateway: (typeof pods)[0]): Statuses => JSON.parse(admin(gateway, 'clusters?format=json'));
const addressOf = ({ address: { socket_address: socket, pipe } }: HostStatus): string =>
  socket ? `${socket.address}:${socket.port_value}` : (pipe?.path ?? '');
const healthOf = ({ health_status: status }: HostStatus): string =>
  status.failed_outlier_check ? 'UNHEALTHY' : (status.eds_health_status ?? 'HEALTHY');

test('the whole mesh is every endpoint of every pod, with its health', async () => {
  const document = await kiiJson<EndpointList>(['endpoints', '--whole-mesh']);
  assert.equal(schemaErrors(document), []);
  assert.is(document.complete, true);
  for (const gateway of pods) {
    const ours = document.items
      .filter(({ pods: names, address }) => names.includes(gateway.pod) && address !== undefined)
      .map(({ cluster, address, health }) => `${cluster} ${address} ${health}`);
    const theirs = statusesOf(gateway).cluster_statuses.flatMap(({ name, host_statuses = [] }) =>
      host_statuses.map((host) => `${name} ${addressOf(host)} ${healthOf(host)}`),
    );
    assert.ok(ours.length > 60);
    assert.equal(ours.sort(), theirs.sort(), gateway.pod);
  }
});

test('the nodes behind the endpoints are those of the EndpointSlices', async () => {
  interface Slices {
    readonly items: readonly {
      readonly endpoints: readonly { readonly addresses: readonly string[]; readonly nodeName: string }[];
    }[];
  }
  const { items: slices } = kubectlJson<Slices>('-n', 'svc2', 'get', 'endpointslices');
  const nodes = slices.flatMap(({ endpoints }) =>
    endpoints.map(({ addresses, nodeName }) => `${addresses[0]}:4000 ${nodeName}`),
  );
  const { items } = await kiiJson<EndpointList>(['endpoints', '--service', 'svc2/svc2-tls-service']);
  assert.ok(nodes.length > 0);
  assert.equal(items.map(({ address, backend }) => `${address} ${backend?.node}`).sort(), nodes.sort());
});

test('the pods behind the endpoints are those of the EndpointSlices', async () => {
  const { items } = await kiiJson<EndpointList>([
    'endpoints',
    '--whole-mesh',
    '--service',
    'istio-system/istio-ingressgateway',
    '--port',
    '443',
  ]);
  assert.equal(
    items.map(({ address, backend }) => `${address} ${backend?.pod}`).sort(),
    pods.map(({ pod, address }) => `${address}:8443 istio-system/${pod}`).sort(),
  );
});

test('counters are the sums of what the Envoys count', async () => {
  const before = sumOf('rq_total');
  const { items } = await kiiJson<EndpointList>(['endpoints', '--service', 'svc2-tls-service']);
  const told = items.reduce((sum, { stats }) => sum + (stats?.['rq_total'] ?? 0), 0);
  assert.ok(before > 0 && told >= before && told <= sumOf('rq_total'), `${before} ${told}`);
});

/** Others may send requests meanwhile: counters only grow. */
function sumOf(counter: string): number {
  const hosts = pods.flatMap((gateway) =>
    statusesOf(gateway).cluster_statuses.flatMap(({ name, host_statuses = [] }) =>
      /\bsvc2-tls-service\b/.test(name) ? host_statuses : [],
    ),
  );
  return hosts.reduce((sum, { stats }) => sum + Number(stats.find(({ name }) => name === counter)?.value ?? 0), 0);
}

test('pods that agree share one line, however much their counters differ', async () => {
  const { items } = await kiiJson<EndpointList>(['endpoints', '--service', 'svc1-tls-service']);
  assert.equal(
    items.map(({ pods: names }) => names.length),
    items.map(() => pods.length),
  );
  assert.is((await kii('endpoints', '--service', 'svc1-tls-service', '-o', 'envoy')).code, 0);
});

/** Counters grow from one request to the next. */
const withoutStats = (text: string): unknown =>
  JSON.parse(text, (name, value) => (name === 'stats' || name === 'successRate' ? undefined : value));

interface EnvoyStatus {
  readonly name: string;
}

for (const [index, { pod }] of pods.entries()) {
  test(`-o envoy of the whole mesh is istioctl's own JSON: pod ${index}`, async () => {
    const { code, out } = await kii('endpoints', '--whole-mesh', '--pod', pod, '-o', 'envoy');
    assert.is(code, 0);
    const byName = (list: unknown): readonly EnvoyStatus[] =>
      (list as readonly EnvoyStatus[]).toSorted((a, b) => a.name.localeCompare(b.name));
    const theirs = withoutStats(JSON.stringify(istioctlJson('endpoints', pod)));
    assert.ok(byName(theirs).length > 20);
    assert.equal(byName(withoutStats(out)), byName(theirs));
  });
}

test.run();
