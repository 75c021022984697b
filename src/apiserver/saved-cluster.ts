// A snapshot, as the API server serves it. Its file may be a stranger's: whatever is wrong in it becomes the answer to
// who asks for it.

import type { Admin, IstiodDebug } from '#core/admin.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, type Pod, type PodOutcome, type PodRef } from '#core/fleet.ts';
import { asItCame } from '#core/ill-typed.ts';
import { parseJson } from '#core/json.ts';
import { type Resource, resources } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { limits } from '#core/limits.ts';
import { type LoggedWorkload, loggedContainer } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import { isSameName } from '#model/resource.ts';
import type { EnvoyAnswers } from './admin.ts';
import { type Listed, type LoggedLine, type PodLog, podRef, type ServedCluster, type Words } from './cluster.ts';
import { namespacesOf } from './namespaces.ts';
import { gatewayPort, type IstiodAnswers, istiodPort } from './pod-ports.ts';
import { type ResourceType, resourceTypes, unreadTypes } from './resource-type.ts';
import { newestVersion } from './rest.ts';
import { type ObjectWatches, objectWatches } from './watches.ts';

const words: Words = {
  noChange: 'a snapshot cannot be changed',
  noCommand: 'a snapshot runs nothing: exec answers pilot-agent request GET PATH, and pilot-discovery request GET PATH',
  noPrevious: 'the snapshot has no log of the container before this one',
  noPort: ({ name }, port) =>
    `port ${port} of ${name} is not in the snapshot: it has ports 15000, 15020 and 15090 of the gateway's pods, 15012, 15014 and 8080 of istiod's`,
};

/** `source` is a snapshot's. Rejects where it is none. */
export async function savedCluster(source: Source): Promise<ServedCluster> {
  const { asOf, chosenBy } = source;
  if (asOf === undefined || chosenBy === undefined)
    throw new ToolError(
      'unsupported',
      `cannot serve ${source.origin}: it is no snapshot, and has no pods and no logs`,
      {
        hint: 'make one with: kubectl istio-ingress snapshot FILE',
      },
    );
  const gateway = await source.gateway();
  const istiods = await istiodPods(source);
  const lists = await everyList(source, [...new Set([gateway.namespace, chosenBy.istioNamespace])]);
  const list = async ({ resource }: ResourceType, namespace?: string): Promise<Listed> => {
    const listed = lists.get(resource);
    if (listed instanceof ToolError) throw listed;
    const { objects, warning, wholeIn = [] } = listed ?? { objects: [] };
    return { objects, warning: namespace !== undefined && wholeIn.includes(namespace) ? undefined : warning };
  };
  const watches = new Map<string, ObjectWatches>();
  return {
    version: () => versionOf(source),
    user: 'snapshot',
    mayI: (verb, resource) => ['get', 'list', 'watch'].includes(verb) || (verb === 'create' && opened.has(resource)),
    now: () => asOf,
    types: [...resourceTypes, ...unreadTypes].filter(({ resource }) => isThere(lists.get(resource))),
    list,
    read: async (type, namespace, name) => {
      if (type.resource === 'secrets' && namespace !== undefined) return source.read('secrets', namespace, name);
      const isIt = ({ metadata }: KubeObject): boolean => metadata.name === name && metadata.namespace === namespace;
      const found = (await list(type)).objects.find(isIt);
      if (!found && unreadTypes.includes(type)) throw new ToolError('unsupported', none(type.kind));
      return found;
    },
    watches: async (type) => {
      const { objects } = await list(type);
      const known = watches.get(type.resource) ?? objectWatches(objects, Number(newestVersion(objects)));
      watches.set(type.resource, known);
      return known;
    },
    port: (object, port) => {
      const pod = podRef(object);
      const ofGateway = gateway.pods.find((one) => isSameName(one, pod));
      if (ofGateway) return gatewayPort(envoyOf(source, ofGateway), port);
      return istiods.some((one) => isSameName(one, pod))
        ? istiodPort(istiodOf(source, pod), pod.name, asOf, port)
        : undefined;
    },
    log: (object, container, which) =>
      which === 'previous' ? Promise.resolve(undefined) : logOf(source, gateway, istiods, podRef(object), container),
    words,
  };
}

/** Streams and tokens, which change nothing. */
const opened: ReadonlySet<string> = new Set(['pods/portforward', 'pods/exec', 'serviceaccounts/token']);

/** A kind that the cluster did not have is not served. */
const isThere = (listed: Listed | ToolError | undefined): boolean =>
  listed !== undefined && !(listed instanceof ToolError && listed.code === 'not-found');

async function istiodPods(source: Source): Promise<readonly Pod[]> {
  const outcomes = await source.everyIstiod(async () => {}).catch((): PodOutcome<void>[] => []);
  return outcomes.map(({ pod }) => pod);
}

interface SavedList extends Listed {
  /** The namespaces of which there is all, where a warning is about others. */
  readonly wholeIn?: readonly string[];
}

type Lists = ReadonlyMap<string, SavedList | ToolError>;

/** `own`: the namespaces of which objects were read where those of all were not. */
async function everyList(source: Source, own: readonly string[]): Promise<Lists> {
  const lists = new Map<string, SavedList | ToolError>();
  for (const resource of resources) lists.set(resource, await listOf(source, resource, own));
  const all = [...lists.values()].flatMap((listed) => (listed instanceof ToolError ? [] : listed.objects));
  if (lists.get('namespaces') instanceof ToolError)
    lists.set('namespaces', {
      objects: namespacesOf(all),
      warning: `${none('Namespace')}: these are those of its objects`,
    });
  for (const { resource, kind } of unreadTypes)
    lists.set(resource, { objects: [], warning: `${none(kind)}: an empty list says nothing of the cluster` });
  const isCustom = (type: ResourceType): boolean => type.isCustom && isThere(lists.get(type.resource));
  lists.set('customresourcedefinitions', {
    objects: resourceTypes.filter(isCustom).map(definitionOf),
    warning: `${none('CustomResourceDefinition')}: these are those whose objects it has, without their schemas`,
  });
  return lists;
}

const none = (kind: string): string => `a snapshot has no ${kind}s`;

const definitionOf = ({ resource, group, kind, shortName, versions, isNamespaced }: ResourceType): KubeObject => ({
  metadata: { name: `${resource}.${group}`, resourceVersion: '1' },
  spec: {
    group,
    scope: isNamespaced ? 'Namespaced' : 'Cluster',
    names: {
      ...{ kind, plural: resource, singular: kind.toLowerCase(), listKind: `${kind}List` },
      shortNames: shortName === undefined ? [] : [shortName],
    },
    versions: versions.map((name, index) => ({ name, served: true, storage: index === 0 })),
  },
});

async function listOf(source: Source, resource: Resource, own: readonly string[]): Promise<SavedList | ToolError> {
  const whole = await attempt(source.list(resource), resource);
  if (!(whole instanceof ToolError))
    return { objects: whole.map(asItCame), warning: resource === 'secrets' ? ownSecrets : undefined };
  const parts = new Map<string, readonly KubeObject[]>();
  for (const namespace of own) {
    const part = await attempt(source.list(resource, { namespace }), resource);
    if (!(part instanceof ToolError)) parts.set(namespace, part);
  }
  if (parts.size === 0) return whole;
  return { objects: [...parts.values()].flat().map(asItCame), warning: whole.message, wholeIn: [...parts.keys()] };
}

const ownSecrets = 'the snapshot has the Secrets that the gateway uses, and of them their public certificates only';

const attempt = <T>(asked: Promise<T>, resource: string): Promise<T | ToolError> =>
  asked.catch((error: unknown) => asToolError(error, `read the ${resource} of the snapshot`));

async function versionOf(source: Source): Promise<unknown> {
  const { version } = await (await source.access()).version();
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return { major, minor, gitVersion: version };
}

/** What was asked of the pod then; what it failed at is thrown again. */
function envoyOf(source: Source, pod: Pod): EnvoyAnswers {
  const ask = async <T>(question: (admin: Admin) => Promise<T>): Promise<T> => {
    const outcome = await source.onePod(pod, question);
    if (hasAnswered(outcome)) return outcome.ok;
    throw outcome.failed;
  };
  return {
    json: (path) =>
      ask(async (admin) => {
        const query = queries[path];
        return parseJson(await admin.get({ path, ...(query && { query }) }), `${path} of ${pod.name}`);
      }),
    prometheus: async () => {
      throw new ToolError('unsupported', `cannot read stats/prometheus of ${pod.name}: a snapshot has stats as JSON`);
    },
    levels: () =>
      ask(async (admin) => {
        const text = await admin.logging();
        return new Map([...text.matchAll(/^ {2}(\S+): (\S+)$/gm)].map((m) => [m[1] as string, m[2] as string]));
      }),
    change: words.noChange,
  };
}

/** As they are saved. */
const queries: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = {
  config_dump: { include_eds: '' },
  clusters: { format: 'json' },
  listeners: { format: 'json' },
  stats: { usedonly: '', format: 'json' },
};

function istiodOf(source: Source, pod: PodRef): IstiodAnswers {
  const ask = async (path: Parameters<IstiodDebug['get']>[0]): Promise<Buffer> => {
    const outcomes = await source.everyIstiod(async (debug) =>
      isSameName(debug.pod, pod) ? debug.get(path) : Buffer.alloc(0),
    );
    const outcome = outcomes.find((one) => isSameName(one.pod, pod));
    if (outcome && hasAnswered(outcome)) return outcome.ok;
    throw outcome?.failed ?? new ToolError('not-found', `the snapshot has nothing of ${pod.name}`);
  };
  return {
    syncz: async () => parseJson(await ask('debug/syncz'), `syncz of ${pod.name}`),
    connections: async () => parseJson(await ask('debug/connections'), `connections of ${pod.name}`),
    mesh: async () => parseJson(await ask('debug/mesh'), `mesh of ${pod.name}`),
    version: async () => (await ask('version')).toString('utf8'),
  };
}

async function logOf(
  source: Source,
  gateway: Gateway,
  istiods: readonly Pod[],
  pod: PodRef,
  container: string,
): Promise<PodLog> {
  const workload = workloadOf(gateway, istiods, pod);
  if (workload === undefined || container !== loggedContainer[workload])
    throw new ToolError(
      'unsupported',
      `the snapshot has no log of container ${container} of ${pod.name}: it has those of istio-proxy in the gateway's pods, of discovery in istiod's`,
    );
  const stream = await source.logs({
    of: workload,
    container,
    since: undefined,
    until: undefined,
    tailLines: undefined,
    follow: false,
    maxBytes: limits.logBytes,
    note: () => {},
  });
  const lines: LoggedLine[] = [];
  for await (const some of stream)
    for (const line of some) if (line.pod === pod.name) lines.push({ time: line.time, text: printable(line.text) });
  const outcome = stream.coverage().find((one) => isSameName(one.pod, pod));
  if (outcome && !hasAnswered(outcome)) throw outcome.failed;
  return { lines };
}

function workloadOf(gateway: Gateway, istiods: readonly Pod[], pod: PodRef): LoggedWorkload | undefined {
  if (gateway.pods.some((one) => isSameName(one, pod))) return 'gateway';
  return istiods.some((one) => isSameName(one, pod)) ? 'istiod' : undefined;
}

/** kubectl prints logs as they are: a stranger's must not steer the terminal. */
const printable = (text: string): string => text.replace(/(?!\t)\p{Cc}/gu, '\u{fffd}');
