// Which pods are the gateway, of lists as the API server gives them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findGateway, findIstiods } from '#cluster/find/gateways.ts';
import { ToolError } from '#core/error.ts';
import type { Gateway } from '#core/fleet.ts';
import type { Resource } from '#core/kinds.ts';
import type { KubeObject, ListOptions } from '#core/kube-object.ts';
import { labelSelector } from '#core/label-selector.ts';
import type { GatewayOptions } from '#core/source-options.ts';
import { rejection } from '../../support/rejection.ts';

type Objects = Readonly<Partial<Record<Resource, readonly KubeObject[]>>>;
type Lister = Parameters<typeof findGateway>[0];

/** `forbidden` resources are refused, wherever they are asked for. */
function api(objects: Objects, forbidden: readonly Resource[] = []): Lister & { readonly asked: string[] } {
  const asked: string[] = [];
  const all = (resource: Resource, verb: string): readonly KubeObject[] => {
    asked.push(`${verb} ${resource}`);
    if (forbidden.includes(resource)) throw new ToolError('forbidden', `cannot ${verb} ${resource}`);
    return objects[resource] ?? [];
  };
  return {
    asked,
    list: async (resource, { namespace, labelSelector: text = '' }: ListOptions) => {
      const matches = labelSelector(text);
      assert.type(matches, 'function');
      return all(resource, 'list').filter(
        ({ metadata }) =>
          (namespace === undefined || metadata.namespace === namespace) &&
          (matches as (labels: object) => boolean)(metadata.labels ?? {}),
      );
    },
    read: async (resource, namespace, name) =>
      all(resource, 'get').find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
  };
}

const gatewayLabels = { istio: 'ingressgateway', app: 'gw' };

interface PodParts {
  readonly node?: string;
  readonly phase?: string;
  readonly owner?: readonly [kind: string, name: string];
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly conditions?: readonly object[];
  readonly containerStatuses?: readonly object[];
  readonly namespace?: string;
}

function pod(
  name: string,
  {
    node,
    phase = 'Running',
    owner = ['DaemonSet', 'gw'],
    labels = gatewayLabels,
    spec,
    conditions,
    containerStatuses,
    namespace = 'ns',
  }: PodParts = {},
): KubeObject {
  const [kind, ownerName] = owner;
  return {
    metadata: { name, namespace, labels, ownerReferences: [{ kind, name: ownerName, controller: true }] },
    spec: { ...(node === undefined ? {} : { nodeName: node }), ...spec },
    status: { phase, conditions, containerStatuses },
  };
}

const daemonSet = (wanted: number, template: object = {}): KubeObject => ({
  metadata: { name: 'gw', namespace: 'ns', labels: gatewayLabels },
  spec: { selector: { matchLabels: { app: 'gw' } }, template: { spec: template } },
  status: { desiredNumberScheduled: wanted },
});

const node = (name: string, more: object = {}): KubeObject => ({ metadata: { name }, ...more });
const replicaSetLabels = { ...gatewayLabels, 'pod-template-hash': 'abc' };
const deployment: KubeObject = {
  metadata: { name: 'gw', namespace: 'ns' },
  spec: { selector: { matchLabels: { app: 'gw' } } },
};

const find = (lister: Lister, options: Partial<GatewayOptions> = {}): Promise<Gateway> =>
  findGateway(lister, { namespace: 'ns', istioNamespace: 'istio-system', ...options });
const brief = ({ kind, name, pods }: Gateway): string => `${kind} ${name}: ${pods.map((one) => one.name).join(' ')}`;

const fleet: Objects = {
  pods: [pod('gw-b', { node: 'n2' }), pod('gw-a', { node: 'n1' }), pod('other', { node: 'n1', labels: { app: 'x' } })],
  daemonsets: [daemonSet(2)],
};

test('the default is what is labelled istio=ingressgateway, named by its owner, sorted', async () => {
  assert.is(brief(await find(api(fleet))), 'DaemonSet gw: gw-a gw-b');
});

test('finished pods are none', async () => {
  const pods = [
    ...(fleet.pods ?? []),
    pod('gw-old', { node: 'n1', phase: 'Succeeded' }),
    pod('gw-evicted', { node: 'n1', phase: 'Failed' }),
  ];
  assert.is(brief(await find(api({ ...fleet, pods }))), 'DaemonSet gw: gw-a gw-b');
});

test('a Deployment is named without the hash of its ReplicaSet', async () => {
  const pods = [pod('gw-abc-1', { node: 'n1', owner: ['ReplicaSet', 'gw-abc'], labels: replicaSetLabels })];
  const gateway = await find(api({ pods }));
  assert.is(brief(gateway), 'Deployment gw: gw-abc-1');
  assert.is(gateway.nodesWanted, undefined);
});

test('pods of several owners are named by the selector', async () => {
  const pods = [
    pod('gw-a', { node: 'n1' }),
    pod('gw-2', { node: 'n2', owner: ['ReplicaSet', 'gw-abc'], labels: replicaSetLabels }),
  ];
  assert.is(brief(await find(api({ ...fleet, pods }))), 'Selector istio=ingressgateway: gw-2 gw-a');
});

const named: Objects = {
  ...fleet,
  deployments: [deployment],
  services: [{ metadata: { name: 'svc', namespace: 'ns' }, spec: { selector: { app: 'gw' } } }],
};
for (const [text, expected] of [
  ['ds/gw', 'DaemonSet gw: gw-a gw-b'],
  ['daemonset/gw', 'DaemonSet gw: gw-a gw-b'],
  ['daemonsets.apps/gw', 'DaemonSet gw: gw-a gw-b'],
  ['gw', 'DaemonSet gw: gw-a gw-b'],
  ['svc/svc', 'Service svc: gw-a gw-b'],
  ['pod/gw-b', 'Pod gw-b: gw-b'],
  ['gw-b', 'Pod gw-b: gw-b'],
  // Its selector takes the DaemonSet's pods too; they are not its own.
  ['deploy/gw', 'Deployment gw: '],
] as const) {
  test(`-g ${text}`, async () => assert.is(brief(await find(api(named), { gateway: text })), expected));
}

test('a bare name that is no DaemonSet is a Deployment', async () => {
  const pods = [pod('gw-abc-1', { node: 'n1', owner: ['ReplicaSet', 'gw-abc'], labels: replicaSetLabels })];
  assert.is(brief(await find(api({ pods, deployments: [deployment] }), { gateway: 'gw' })), 'Deployment gw: gw-abc-1');
});

test('-l is a selector of its own', async () => {
  assert.is(brief(await find(api(fleet), { selector: 'app in (gw)' })), 'DaemonSet gw: gw-a gw-b');
});

test('a DaemonSet without a pod is a gateway without pods, and all its nodes lack one', async () => {
  const gateway = await find(api({ daemonsets: [daemonSet(1)], nodes: [node('n1')] }));
  assert.is(brief(gateway), 'DaemonSet gw: ');
  assert.equal(gateway.nodesWithoutPod, [{ node: 'n1', reason: 'the DaemonSet has made none' }]);
});

test('--pod and --node narrow it; the others are known', async () => {
  const gateway = await find(api(fleet), { pod: '*-a' });
  assert.is(brief(gateway), 'DaemonSet gw: gw-a');
  assert.equal(
    gateway.others.map(({ name }) => name),
    ['gw-b'],
  );
  assert.is(brief(await find(api(fleet), { node: 'n2' })), 'DaemonSet gw: gw-b');
});

test('nodes are not asked for where no pod is missing', async () => {
  const lister = api({ ...fleet, nodes: [node('n1'), node('n2'), node('n3')] });
  assert.equal((await find(lister)).nodesWithoutPod, []);
  assert.not.ok(lister.asked.includes('list nodes'));
});

test('nodes that should have a pod and have none: only those that the DaemonSet wants', async () => {
  const nodes = [
    node('n1'),
    node('n2'),
    node('n3', { metadata: { name: 'n3', labels: { role: 'edge' } } }),
    node('n4', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } }),
  ];
  const { nodesWithoutPod, nodesWanted } = await find(api({ ...fleet, daemonsets: [daemonSet(3)], nodes }));
  assert.equal(nodesWithoutPod, [{ node: 'n3', reason: 'the DaemonSet has made none' }]);
  assert.is(nodesWanted, 3);
});

const waiting = (message: string): KubeObject => {
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n3'] }] }];
  const spec = {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
  };
  return pod('gw-c', {
    phase: 'Pending',
    spec,
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
  });
};

test('why a container waits comes before how its last run ended, which a pod that runs again still says, and that before why it is not ready', async () => {
  const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
  const runs = { ready: true, restartCount: 2, state: { running: {} }, lastState };
  const waits = { ready: false, restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState };
  const pods = [
    pod('gw-a', { node: 'n1', containerStatuses: [runs] }),
    pod('gw-b', { node: 'n2', containerStatuses: [waits] }),
    pod('gw-c', { node: 'n3', conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }] }),
    pod('gw-d', { node: 'n4' }),
  ];
  const found = await find(api({ pods }));
  assert.equal(
    found.pods.map(({ restarts, reason }) => [restarts, reason]),
    [
      [2, 'OOMKilled'],
      [2, 'CrashLoopBackOff'],
      [0, 'ContainersNotReady'],
      [0, undefined],
    ],
  );
});

test('a pod that waits for its node is a node without a pod, with the reason that is its own', async () => {
  const message =
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available";
  const objects = { ...fleet, pods: [...(fleet.pods ?? []), waiting(message)], daemonsets: [daemonSet(3)] };
  const { nodesWithoutPod, pods } = await find(api(objects));
  assert.equal(nodesWithoutPod, [{ node: 'n3', reason: 'Insufficient cpu' }]);
  assert.is(pods.length, 2);
});

for (const [message, reason] of [
  ['0/1 nodes are available: 1 node(s) had untolerated taint {x: y}. no new claims', 'had untolerated taint {x: y}'],
  [
    "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
    "2 node(s) didn't match Pod's node affinity/selector",
  ],
  ['something else', 'something else'],
  ['', 'Unschedulable'],
] as const) {
  test(`the scheduler's "${message}" is "${reason}"`, async () => {
    const { nodesWithoutPod } = await find(api({ ...fleet, pods: [waiting(message)], daemonsets: [daemonSet(1)] }));
    assert.equal(nodesWithoutPod, [{ node: 'n3', reason }]);
  });
}

test('nodes and DaemonSets that may not be read cost what they tell, not the answer', async () => {
  const withoutNodes = await find(api({ ...fleet, daemonsets: [daemonSet(3)] }, ['nodes']));
  assert.equal(
    [brief(withoutNodes), withoutNodes.nodesWithoutPod, withoutNodes.nodesWanted],
    ['DaemonSet gw: gw-a gw-b', [], 3],
  );
  const withoutDaemonSets = await find(api(fleet, ['daemonsets']));
  assert.equal([brief(withoutDaemonSets), withoutDaemonSets.nodesWanted], ['DaemonSet gw: gw-a gw-b', undefined]);
});

test('pods that may not be listed are an error', async () => {
  assert.is((await rejection(find(api(fleet, ['pods'])))).code, 'forbidden');
});

for (const [title, objects, options, message, hint] of [
  [
    'a namespace without a gateway, where another one has it',
    { pods: [pod('gw', { node: 'n', namespace: 'elsewhere' })] },
    {},
    'cannot find a gateway in namespace ns: it has no pods labelled istio=ingressgateway',
    'there are some in elsewhere: add -n elsewhere',
  ],
  [
    'no gateway at all',
    {},
    {},
    'cannot find a gateway in namespace ns: it has no pods labelled istio=ingressgateway',
    'name it with -n NAMESPACE and -g ds/NAME, or -l SELECTOR',
  ],
  [
    'a name that is not there',
    fleet,
    { gateway: 'ds/nope' },
    'cannot find the gateway ds/nope in namespace ns: it does not exist',
    'there is ds/gw',
  ],
  [
    'a Service without a selector',
    { services: [{ metadata: { name: 's', namespace: 'ns' }, spec: {} }] },
    { gateway: 'svc/s' },
    'cannot find the pods of service ns/s: it selects none',
    undefined,
  ],
  [
    'a --pod that matches none',
    fleet,
    { pod: 'gw-x' },
    'cannot narrow the gateway to --pod gw-x: none of its 2 pods matches',
    'did you mean gw-a?',
  ],
  [
    'a --node that matches none',
    fleet,
    { node: 'rack*' },
    'cannot narrow the gateway to --node rack*: none of its 2 pods matches',
    'there are n2, n1',
  ],
] as const) {
  test(title, async () => {
    const error = await rejection(find(api(objects as Objects), options));
    assert.equal([error.code, error.message, error.hint], ['not-found', message, hint]);
  });
}

for (const text of ['foo/gw', 'ds/', '/gw', '']) {
  test(`-g "${text}" is wrong usage`, async () => {
    assert.is((await rejection(find(api(fleet), { gateway: text }))).code, 'usage');
  });
}

test('istiods are found by their label, every revision, finished ones left out', async () => {
  const istiod = (name: string, phase?: string): KubeObject =>
    pod(name, { namespace: 'istio-system', labels: { app: 'istiod' }, ...(phase && { phase }) });
  const found = await findIstiods(
    api({ pods: [istiod('a'), istiod('b'), istiod('c', 'Failed'), pod('gw')] }),
    'istio-system',
  );
  assert.equal(
    found.map(({ name }) => name),
    ['a', 'b'],
  );
});

test.run();
