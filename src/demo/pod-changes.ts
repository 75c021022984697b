// What happens to the demo's pods while it runs, and who watches: restarts, deletions, new pods. Everything else stays
// as recorded.

import { type ObjectWatches, objectWatches } from '#apiserver/watches.ts';
import type { ContainerLogs } from './container-logs.ts';
import { type DemoPod, type Fleet, podKey } from './fleet.ts';
import type { RecordedObject } from './recording.ts';

export interface PodChanges {
  /** The container ends and starts again. */
  restart(pod: string): void;
  /** The container ends and waits for its next start (CrashLoopBackOff). */
  crash(pod: string): void;
  /** The memory limit of the first container, such as `1Gi`: since Kubernetes 1.33 that of a running pod can change. */
  resize(pod: string, memory: string | undefined): void;
  remove(pod: string): void;
  /** A pod like another, on a node of its own. */
  add(name: string, like: string): void;
  readonly watches: ObjectWatches;
  readonly endWatches: ObjectWatches['end'];
}

/** `now` is the demo's clock. */
export function podChanges(fleet: Fleet, logs: ContainerLogs, now: () => Date): PodChanges {
  // The fleet's own array and map, which nobody else changes.
  const pods = fleet.objects.pods as RecordedObject[];
  const demoPods = fleet.pods as Map<string, DemoPod>;
  const lastVersion = Math.max(
    ...Object.values(fleet.objects).flatMap((list) => list.map((o) => Number(o.metadata.resourceVersion ?? 0))),
  );
  const watches = objectWatches(pods, lastVersion);
  const emit = (type: Parameters<typeof watches.emit>[0], object: RecordedObject): RecordedObject =>
    watches.emit(type, object) as RecordedObject;
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
        withState(pods[index] as RecordedObject, () => ({
          ready: false,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
        })),
      );
    },
    resize: (name, memory) => {
      const index = indexOf(name);
      pods[index] = emit('MODIFIED', resized(pods[index] as RecordedObject, memory));
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
    watches,
    endWatches: watches.end,
  };
}

function resized(pod: RecordedObject, memory: string | undefined): RecordedObject {
  const spec = pod['spec'] as { readonly containers: readonly object[] };
  const [first, ...others] = spec.containers;
  return { ...pod, spec: { ...spec, containers: [{ ...first, resources: { limits: { memory } } }, ...others] } };
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
  return {
    ...pod,
    status: { ...status, containerStatuses: status.containerStatuses.map((one) => ({ ...one, ...change(one) })) },
  };
}
