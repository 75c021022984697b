// What happens to the demo's pods while it runs, and who watches: restarts, deletions, new pods. Everything else stays as recorded.
// Source: kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of changes".

import type { ServerResponse } from 'node:http';
import type { BadSelector } from '#core/label-selector.ts';
import type { ContainerLogs } from './container-logs.ts';
import { type DemoPod, type Fleet, podKey } from './fleet.ts';
import type { RecordedObject } from './recording.ts';
import { labelSelector } from './selector.ts';
import { type ApiAnswer, badRequest, failure } from './status.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

interface WatchEvent {
  readonly type: EventType;
  readonly version: number;
  readonly object: RecordedObject;
}

export interface PodChanges {
  /** The container ends and starts again. */
  restart(pod: string): void;
  /** The container ends and waits for its next start (CrashLoopBackOff). */
  crash(pod: string): void;
  remove(pod: string): void;
  /** A pod like another, on a node of its own. */
  add(name: string, like: string): void;
  /** Serves the stream of events, or says why not. */
  watch(response: ServerResponse, namespace: string | undefined, query: URLSearchParams): ApiAnswer | undefined;
  /** Ends every watch; with `expired` the versions up to now are forgotten. */
  endWatches(expired?: 'expired'): void;
}

interface Watcher {
  readonly response: ServerResponse;
  readonly sees: (object: RecordedObject) => boolean;
}

/** `now` is the demo's clock. */
export function podChanges(fleet: Fleet, logs: ContainerLogs, now: () => Date): PodChanges {
  // The fleet's own array and map, which nobody else changes.
  const pods = fleet.objects.pods as RecordedObject[];
  const demoPods = fleet.pods as Map<string, DemoPod>;
  const watchers = new Set<Watcher>();
  const events: WatchEvent[] = [];
  let version = Math.max(...Object.values(fleet.objects).flatMap((list) => list.map((o) => Number(o.metadata.resourceVersion ?? 0))));
  let oldest = 0;
  const emit = (type: EventType, object: RecordedObject): RecordedObject => {
    const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } };
    const event = { type, version, object: versioned };
    events.push(event);
    for (const watcher of watchers) send(watcher, event);
    return versioned;
  };
  const indexOf = (name: string): number => {
    const index = pods.findIndex(({ metadata }) => metadata.name === name);
    if (index === -1) throw new Error(`the demo has no pod ${name}`);
    return index;
  };
  return {
    restart: (name) => {
      const index = indexOf(name);
      logs.restart(name);
      pods[index] = emit('MODIFIED', restarted(pods[index] as RecordedObject, now()));
    },
    crash: (name) => {
      const index = indexOf(name);
      logs.end(name);
      pods[index] = emit(
        'MODIFIED',
        withState(pods[index] as RecordedObject, () => ({ ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } })),
      );
    },
    remove: (name) => {
      const [object] = pods.splice(indexOf(name), 1);
      demoPods.delete(podKey(object?.metadata.namespace ?? '', name));
      logs.remove(name);
      emit('DELETED', object as RecordedObject);
    },
    add: (name, like) => {
      const model = pods[indexOf(like)] as RecordedObject;
      const made = JSON.parse(JSON.stringify(model).replaceAll(like, name)) as RecordedObject;
      const known = demoPods.get(podKey(model.metadata.namespace ?? '', like)) as DemoPod;
      demoPods.set(podKey(model.metadata.namespace ?? '', name), { ...known, name, recorded: undefined });
      pods.push(emit('ADDED', restarted({ ...made, metadata: { ...made.metadata, uid: name } }, now())));
    },
    watch: (response, namespace, query) => {
      const sees = selection(namespace, query.get('labelSelector') ?? '');
      if ('wrong' in sees) return badRequest(sees.wrong);
      const watcher: Watcher = { response, sees };
      const from = Number(query.get('resourceVersion') ?? 0);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      if (from > 0 && from < oldest) return sendExpired(response);
      const missed = from > 0 ? events.filter((one) => one.version > from) : pods.map((object) => ({ type: 'ADDED', version, object }) as const);
      for (const event of missed) send(watcher, event);
      watchers.add(watcher);
      response.on('close', () => watchers.delete(watcher));
      return undefined;
    },
    endWatches: (expired) => {
      if (expired) oldest = version + 1;
      for (const { response } of watchers) response.end();
      watchers.clear();
    },
  };
}

function selection(namespace: string | undefined, labels: string): Watcher['sees'] | BadSelector {
  const matches = labelSelector(labels);
  if (typeof matches !== 'function') return matches;
  return (object) => (namespace === undefined || object.metadata.namespace === namespace) && matches(object);
}

function send({ response, sees }: Watcher, { type, object }: WatchEvent): void {
  if (sees(object)) response.write(`${JSON.stringify({ type, object })}\n`);
}

function sendExpired(response: ServerResponse): undefined {
  const { body } = failure(410, 'Expired', 'too old resource version');
  response.end(`{"type":"ERROR","object":${body}}\n`);
  return undefined;
}

interface ContainerStatus {
  readonly restartCount: number;
}

const restarted = (pod: RecordedObject, now: Date): RecordedObject =>
  withState(pod, ({ restartCount }) => ({
    restartCount: restartCount + 1,
    containerID: `containerd://${pod.metadata.name}-${restartCount + 1}`,
    state: { running: { startedAt: `${now.toISOString().slice(0, 19)}Z` } },
  }));

function withState(pod: RecordedObject, change: (status: ContainerStatus) => object): RecordedObject {
  const status = pod['status'] as { readonly containerStatuses: readonly ContainerStatus[] };
  return { ...pod, status: { ...status, containerStatuses: status.containerStatuses.map((one) => ({ ...one, ...change(one) })) } };
}
