// One run of a container, from its start to its end. Each run has its own log. Source: kubernetes api core/v1
// ContainerStatus.

import type { PodObject } from '#core/kube-schema.ts';

export interface ContainerRun {
  /** The same for as long as the same process runs. */
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'terminated';
  readonly startedAt: string | undefined;
  readonly restarts: number;
}

interface Status {
  readonly name: string;
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: object;
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: { readonly startedAt?: string; readonly containerID?: string };
  };
}

/**
 * Undefined while the pod has no such container yet. Not every runtime writes a container id; the count of restarts and
 * the start do.
 */
export function containerRun(pod: PodObject, container: string): ContainerRun | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const statuses = [...containerStatuses, ...initContainerStatuses] as readonly Status[];
  const status = statuses.find(({ name }) => name === container);
  if (!status) return undefined;
  const { state = {}, restartCount: restarts = 0 } = status;
  const startedAt = state.running?.startedAt ?? state.terminated?.startedAt;
  const id = state.terminated?.containerID || status.containerID || `${restarts} ${startedAt ?? ''}`;
  return { id, state: state.running ? 'running' : state.terminated ? 'terminated' : 'waiting', startedAt, restarts };
}
