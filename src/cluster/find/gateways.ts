// Which pods are the gateway: a workload, a Service, a pod or a selector → the pods behind it, and the nodes that lack
// one.

import type { Rest } from '#cluster/access/rest.ts';
import { ToolError } from '#core/error.ts';
import type { Gateway, NodeWithoutPod, Pod } from '#core/fleet.ts';
import { globMatcher } from '#core/glob.ts';
import type { Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { PodObject } from '#core/kube-schema.ts';
import type { GatewayOptions } from '#core/source-options.ts';
import { nearest } from '#core/suggestion.ts';
import { isFinished, readPod } from './pods.ts';
import { nodeMeantFor, type PodSpec, wantsPodOn } from './scheduling.ts';
import { selectorOf, serviceSelectorOf } from './selector.ts';

/** Istio's own label; its Gateways select by it. */
const defaultSelector = 'istio=ingressgateway';

type Lister = Pick<Rest, 'list' | 'read'>;

interface Workload {
  readonly kind: Gateway['kind'];
  readonly name: string;
  readonly pods: readonly PodObject[];
  readonly daemonSet: KubeObject | undefined;
}

/** Throws ToolError `not-found` where there is no such gateway, and what listing throws. */
export async function findGateway(rest: Lister, options: GatewayOptions): Promise<Gateway> {
  const { namespace } = options;
  const workload =
    options.gateway === undefined ? await bySelector(rest, options) : await byName(rest, namespace, options.gateway);
  const live = workload.pods.filter((pod) => !isFinished(pod));
  const placed = live
    .filter(({ spec }) => spec?.nodeName !== undefined)
    .map(readPod)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const isChosen = narrowing(options, live);
  const isNodeWanted = options.node === undefined ? () => true : globMatcher(options.node);
  const missing = options.pod === undefined ? await nodesWithoutPod(rest, workload, live) : [];
  return {
    namespace,
    name: workload.name,
    kind: workload.kind,
    pods: placed.filter(isChosen),
    others: placed.filter((pod) => !isChosen(pod)),
    nodesWithoutPod: missing.filter(({ node }) => isNodeWanted(node)),
    nodesWanted: wantedBy(workload.daemonSet),
  };
}

/** istiod's pods, every revision. */
export async function findIstiods(rest: Lister, namespace: string): Promise<Pod[]> {
  const pods = (await rest.list('pods', { namespace, labelSelector: 'app=istiod' })) as readonly PodObject[];
  return pods.filter((pod) => !isFinished(pod)).map(readPod);
}

function narrowing({ pod, node }: GatewayOptions, all: readonly PodObject[]): (one: Pod) => boolean {
  const hasName = pod === undefined ? () => true : globMatcher(pod);
  const hasNode = node === undefined ? () => true : globMatcher(node);
  const isWanted = (one: Pod): boolean => hasName(one.name) && hasNode(one.node ?? '');
  if (all.length === 0 || all.map(readPod).some(isWanted)) return isWanted;
  const [flag, asked, names] =
    pod !== undefined
      ? ['--pod', pod, all.map(({ metadata }) => metadata.name)]
      : ['--node', node, all.map(({ spec }) => spec?.nodeName ?? '')];
  const near = nearest(asked ?? '', names);
  throw new ToolError(
    'not-found',
    `cannot narrow the gateway to ${flag} ${asked}: none of its ${all.length} pods matches`,
    {
      hint:
        near === undefined
          ? `there are ${names.slice(0, 5).join(', ')}${names.length > 5 ? '…' : ''}`
          : `did you mean ${near}?`,
    },
  );
}

async function bySelector(rest: Lister, { namespace, selector = defaultSelector }: GatewayOptions): Promise<Workload> {
  const [pods, daemonSets] = await Promise.all([
    rest.list('pods', { namespace, labelSelector: selector }) as Promise<readonly PodObject[]>,
    selector === defaultSelector ? daemonSetsOf(rest, namespace, selector) : [],
  ]);
  const owners = [...new Set(pods.map(ownerOf))];
  const [owner] = owners;
  if (owners.length === 1 && owner) {
    const [kind, name] = owner.split('/') as [Gateway['kind'], string];
    if (kind !== 'DaemonSet') return { kind, name, pods, daemonSet: undefined };
    const listed = daemonSets.find(({ metadata }) => metadata.name === name);
    return {
      kind,
      name,
      pods,
      daemonSet: listed ?? (await rest.read('daemonsets', namespace, name).catch(ifForbidden)),
    };
  }
  const [daemonSet] = daemonSets;
  if (pods.length === 0 && daemonSet) return { kind: 'DaemonSet', name: daemonSet.metadata.name, pods, daemonSet };
  if (pods.length === 0) throw await nothingSelected(rest, namespace, selector);
  return { kind: 'Selector', name: selector, pods, daemonSet: undefined };
}

/** The tool can do without everything but the pods. */
function ifForbidden(error: unknown): undefined {
  if (!(error instanceof ToolError) || error.code !== 'forbidden') throw error;
}

const daemonSetsOf = async (rest: Lister, namespace: string, labelSelector: string): Promise<readonly KubeObject[]> =>
  (await rest.list('daemonsets', { namespace, labelSelector }).catch(ifForbidden)) ?? [];

/**
 * `DaemonSet/NAME`, or `Deployment/NAME` of a ReplicaSet's pod: its name without the hash that the pod is labelled
 * with.
 */
function ownerOf({ metadata }: PodObject): string | undefined {
  const owners = (metadata.ownerReferences ?? []) as readonly {
    readonly kind: string;
    readonly name: string;
    readonly controller?: boolean;
  }[];
  const owner = owners.find(({ controller }) => controller) ?? owners[0];
  const hash = metadata.labels?.['pod-template-hash'];
  if (owner?.kind === 'DaemonSet') return `DaemonSet/${owner.name}`;
  if (owner?.kind === 'ReplicaSet') return `Deployment/${hash ? owner.name.replace(`-${hash}`, '') : owner.name}`;
  return undefined;
}

async function nothingSelected(rest: Lister, namespace: string, selector: string): Promise<ToolError> {
  const elsewhere = (await rest.list('pods', { labelSelector: selector }).catch(() => [])) as readonly KubeObject[];
  const namespaces = [...new Set(elsewhere.map(({ metadata }) => metadata.namespace ?? ''))];
  const [first] = namespaces;
  return new ToolError(
    'not-found',
    `cannot find a gateway in namespace ${namespace}: it has no pods labelled ${selector}`,
    {
      hint:
        first === undefined
          ? 'name it with -n NAMESPACE and -g ds/NAME, or -l SELECTOR'
          : `there are some in ${namespaces.join(', ')}: add -n ${first}`,
    },
  );
}

const kinds: Readonly<Record<string, readonly [Gateway['kind'], Resource]>> = {
  ds: ['DaemonSet', 'daemonsets'],
  daemonset: ['DaemonSet', 'daemonsets'],
  daemonsets: ['DaemonSet', 'daemonsets'],
  deploy: ['Deployment', 'deployments'],
  deployment: ['Deployment', 'deployments'],
  deployments: ['Deployment', 'deployments'],
  svc: ['Service', 'services'],
  service: ['Service', 'services'],
  services: ['Service', 'services'],
  po: ['Pod', 'pods'],
  pod: ['Pod', 'pods'],
  pods: ['Pod', 'pods'],
};

async function byName(rest: Lister, namespace: string, text: string): Promise<Workload> {
  const slash = text.indexOf('/');
  const [prefix, name] = slash === -1 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
  const known = prefix === undefined ? undefined : kinds[prefix.split('.')[0] ?? ''];
  if (name === '' || (prefix !== undefined && known === undefined)) {
    throw new ToolError('usage', `--gateway takes ds/NAME, deploy/NAME, svc/NAME or pod/NAME; not "${text}"`);
  }
  for (const [kind, resource] of known
    ? [known]
    : ([kinds.ds, kinds.deploy, kinds.pod] as (readonly [Gateway['kind'], Resource])[])) {
    const object = await rest.read(resource, namespace, name);
    if (object) return workloadOf(rest, namespace, kind, object);
  }
  throw await noSuchWorkload(rest, namespace, text);
}

async function workloadOf(
  rest: Lister,
  namespace: string,
  kind: Gateway['kind'],
  object: KubeObject,
): Promise<Workload> {
  const { name } = object.metadata;
  if (kind === 'Pod') return { kind, name, pods: [object as PodObject], daemonSet: undefined };
  const labelSelector = kind === 'Service' ? serviceSelectorOf(object) : selectorOf(object);
  if (labelSelector === '')
    throw new ToolError(
      'not-found',
      `cannot find the pods of ${kind.toLowerCase()} ${namespace}/${name}: it selects none`,
    );
  const pods = (await rest.list('pods', { namespace, labelSelector })) as readonly PodObject[];
  const isOwn = (pod: PodObject): boolean => kind === 'Service' || ownerOf(pod) === `${kind}/${name}`;
  return { kind, name, pods: pods.filter(isOwn), daemonSet: kind === 'DaemonSet' ? object : undefined };
}

async function noSuchWorkload(rest: Lister, namespace: string, text: string): Promise<ToolError> {
  const pods = (await rest
    .list('pods', { namespace, labelSelector: defaultSelector })
    .catch(() => [])) as readonly PodObject[];
  const owners = [
    ...new Set(
      pods.flatMap((pod) => ownerOf(pod)?.replace('DaemonSet/', 'ds/').replace('Deployment/', 'deploy/') ?? []),
    ),
  ];
  return new ToolError('not-found', `cannot find the gateway ${text} in namespace ${namespace}: it does not exist`, {
    hint:
      owners.length === 0
        ? 'see what there is: kubectl get ds,deploy -A -l istio=ingressgateway'
        : `there is ${owners.join(', ')}`,
  });
}

const wantedBy = (daemonSet: KubeObject | undefined): number | undefined =>
  (daemonSet?.status as { desiredNumberScheduled?: number } | undefined)?.desiredNumberScheduled;

async function nodesWithoutPod(
  rest: Lister,
  { daemonSet }: Workload,
  pods: readonly PodObject[],
): Promise<NodeWithoutPod[]> {
  const waiting = pods
    .filter(({ spec }) => spec?.nodeName === undefined)
    .map((pod) => ({ node: nodeMeantFor((pod.spec ?? {}) as PodSpec) ?? 'unscheduled', reason: whyNotScheduled(pod) }));
  const wanted = wantedBy(daemonSet) ?? 0;
  // Nodes are many and often forbidden: they are read only where the counts say that one is missing.
  if (!daemonSet || pods.length >= wanted) return waiting;
  const template = (daemonSet.spec as { template?: { spec?: PodSpec } } | undefined)?.template?.spec ?? {};
  const nodes = (await rest.list('nodes', {}).catch(ifForbidden)) ?? [];
  const taken = new Set([...pods.map(({ spec }) => spec?.nodeName), ...waiting.map(({ node }) => node)]);
  const empty = nodes.filter((node) => !taken.has(node.metadata.name) && wantsPodOn(template, node));
  return [...waiting, ...empty.map((node) => ({ node: node.metadata.name, reason: 'the DaemonSet has made none' }))];
}

function whyNotScheduled({ status = {} }: PodObject): string {
  const condition = status.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  return inShort(condition?.message ?? '') || (condition?.reason ?? 'it waits to be scheduled');
}

/**
 * `0/4 nodes are available: 1 Insufficient cpu, 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. …` → `Insufficient
 * cpu`: the pod is meant for one node, and the others say nothing. Source: kubernetes/pkg/scheduler/framework FitError.
 */
function inShort(message: string): string {
  const [, reasons] = /^\d+\/\d+ nodes are available: (.*?)\.(?: |$)/.exec(message) ?? [];
  if (reasons === undefined) return message;
  const own = reasons.split(', ').filter((reason) => !/NodeAffinity|node affinity|node selector/.test(reason));
  return own.map((reason) => reason.replace(/^\d+ (node\(s\) )?/, '')).join(', ') || reasons;
}
