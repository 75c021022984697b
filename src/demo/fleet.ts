// The demo's pods: the recorded ones, and as many replicas of the healthy ones as are asked for, with their own names,
// nodes and addresses. Bodies are built once per recorded pod and shared.

import type { ServedAnswer } from '#apiserver/cluster.ts';
import { namespacesOf } from '#apiserver/namespaces.ts';
import { type RecordedObject, type RecordedPod, type Recording, referred, wholeDump } from './recording.ts';

export interface DemoPod {
  readonly namespace: string;
  readonly name: string;
  readonly recorded: RecordedPod | undefined;
  readonly node: string | undefined;
  readonly ip: string | undefined;
  /** Loggers and their levels; changed by POST /logging. */
  readonly levels: Map<string, string>;
}

export interface Fleet {
  readonly recording: Recording;
  readonly pods: ReadonlyMap<string, DemoPod>;
  readonly objects: Readonly<Record<string, readonly RecordedObject[]>>;
  readonly syncz: readonly unknown[];
  dump(pod: RecordedPod): { readonly configs: readonly object[] };
  answer(pod: RecordedPod, path: string): unknown;
  list(pod: RecordedPod, what: 'certs' | 'clusters'): readonly unknown[];
  /** What `build` makes, made once for each recorded pod and key, with the pod's own names put in. */
  once(pod: DemoPod, key: string, build: () => Promise<ServedAnswer>): Promise<ServedAnswer>;
}

/** The key of a pod in `Fleet.pods`. */
export const podKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** The recorded cluster with `podsWanted` gateway pods; never fewer than were recorded. */
export function makeFleet(recording: Recording, podsWanted: number): Fleet {
  const replicas = replicate(recording, podsWanted);
  const objects = withReplicas(recording, replicas);
  const pods = new Map<string, DemoPod>();
  const recorded = new Map([...recording.pods, ...replicas.map(({ pod }) => pod)].map((pod) => [pod.name, pod]));
  for (const object of objects.pods ?? []) {
    const pod = demoPod(recording, object, recorded.get(object.metadata.name));
    pods.set(podKey(pod.namespace, pod.name), pod);
  }
  const answers = new Map<string, ServedAnswer>();
  return {
    recording,
    pods,
    objects,
    syncz: [...recording.istiod.syncz, ...replicas.flatMap(({ pod, like }) => syncOf(recording, pod, like))],
    dump: (pod) => wholeDump(recording, pod),
    answer: (pod, path) => recording.elements[pod.answers[path] as number],
    list: (pod, what) => referred(recording, pod[what]),
    once: async (pod, key, build) => {
      const recordedPod = pod.recorded as RecordedPod;
      const shared = `${origin(recordedPod)} ${key}`;
      const answer = answers.get(shared) ?? (await build());
      // How many answers are kept: clients may ask for anything by name_regex.
      if (answers.size < 256) answers.set(shared, answer);
      return { ...answer, body: ownText(answer.body, recordedPod) };
    },
  };
}

const origins = new WeakMap<RecordedPod['dump'], string>();
/** Replicas share the dump of what they replicate. */
function origin(pod: RecordedPod): string {
  const known = origins.get(pod.dump) ?? pod.name;
  origins.set(pod.dump, known);
  return known;
}

/** Puts the pod's own name, address and node in the place of `{pod}`, `{ip}` and `{node}`. */
const ownText = (text: string, pod: RecordedPod): string =>
  text.replaceAll('{pod}', pod.name).replaceAll('{ip}', pod.ip).replaceAll('{node}', pod.node);

function demoPod(recording: Recording, object: RecordedObject, recorded: RecordedPod | undefined): DemoPod {
  const text = recorded ? String(recording.elements[recorded.answers.logging as number]) : '';
  const levels = new Map([...text.matchAll(/^ {2}(\S+): (\S+)$/gm)].map((m) => [m[1] as string, m[2] as string]));
  const { nodeName } = object.spec as { nodeName?: string };
  const { podIP } = object.status as { podIP?: string };
  return {
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    recorded,
    node: nodeName,
    ip: podIP,
    levels,
  };
}

interface Replica {
  readonly pod: RecordedPod;
  readonly like: RecordedPod;
}

/** Only pods that an istiod knows are replicated: one stale pod in two hundred is what happens. */
function replicate(recording: Recording, podsWanted: number): Replica[] {
  const synced = JSON.stringify(recording.istiod.syncz);
  const healthy = recording.pods.filter((pod) => synced.includes(pod.name));
  return Array.from({ length: Math.max(0, podsWanted - recording.pods.length) }, (_, i) => {
    const like = healthy[i % healthy.length] as RecordedPod;
    const number = i + recording.pods.length + 1;
    const pod = {
      ...like,
      name: `istio-ingressgateway-${suffix(number)}`,
      node: `node${number}`,
      ip: `10.200.${number >> 8}.${number & 255}`,
    };
    return { pod, like };
  });
}

/** Five of the letters that Kubernetes gives names (no vowels), a different one for each number. */
function suffix(number: number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  let rest = (number * 7_919_527) % letters.length ** 5;
  return Array.from({ length: 5 }, () => {
    const letter = letters[rest % letters.length] as string;
    rest = Math.floor(rest / letters.length);
    return letter;
  }).join('');
}

function withReplicas(recording: Recording, replicas: readonly Replica[]): Fleet['objects'] {
  const { pods = [], nodes = [], daemonsets = [] } = recording.objects;
  const podObjects = replicas.map(({ pod, like }) =>
    rewritten(pods.find((o) => o.metadata.name === like.name) as RecordedObject, pod, like),
  );
  const nodeObjects = replicas.map(({ pod }) =>
    rewritten(
      nodes[0] as RecordedObject,
      { ...pod, name: pod.node },
      { node: 'node0', name: 'node0', ip: '10.64.255.1' },
    ),
  );
  const byName = (a: RecordedObject, b: RecordedObject): number => (a.metadata.name < b.metadata.name ? -1 : 1);
  return {
    ...recording.objects,
    namespaces: namespacesOf(Object.values(recording.objects).flat()) as RecordedObject[],
    pods: [...pods, ...podObjects].sort(byName),
    nodes: [...nodes, ...nodeObjects],
    daemonsets: daemonsets.map((daemonset) => ({ ...daemonset, status: grown(daemonset.status, replicas.length) })),
  };
}

function grown(status: unknown, by: number): object {
  const counts = [
    'desiredNumberScheduled',
    'currentNumberScheduled',
    'numberReady',
    'numberAvailable',
    'updatedNumberScheduled',
  ];
  return Object.fromEntries(
    Object.entries(status as Record<string, number>).map(([name, n]) => [name, counts.includes(name) ? n + by : n]),
  );
}

function rewritten(
  object: RecordedObject,
  pod: Pick<RecordedPod, 'name' | 'node' | 'ip'>,
  like: Pick<RecordedPod, 'name' | 'node' | 'ip'>,
): RecordedObject {
  const text = JSON.stringify(object);
  const renamed = text
    .replaceAll(like.name, pod.name)
    .replaceAll(`"${like.node}"`, `"${pod.node}"`)
    .replaceAll(`"${like.ip}"`, `"${pod.ip}"`);
  return JSON.parse(
    renamed.replace(/("uid":"[0-9a-f-]{28})[0-9a-f]{8}"/, (_, head: string) => `${head}${suffixHex(pod.name)}"`),
  );
}

const suffixHex = (name: string): string => Buffer.from(name.slice(-4)).toString('hex');

const syncOf = (recording: Recording, pod: RecordedPod, like: RecordedPod): unknown[] =>
  recording.istiod.syncz
    .filter((entry) => (entry as { proxy: string }).proxy.startsWith(`${like.name}.`))
    .map((entry) => JSON.parse(JSON.stringify(entry).replaceAll(like.name, pod.name)));
