// The unit of every answer: a gateway workload with all its pods, and what each pod answered or why it did not.

import { compareText } from './compare.ts';
import { ToolError } from './error.ts';

/** A pod, by namespace and name. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
}

export interface Pod extends PodRef {
  readonly node: string | undefined;
  readonly ip: string | undefined;
  readonly phase: string;
  /** Containers ready and in all, e.g. 1 of 1. */
  readonly ready: { readonly containers: number; readonly of: number };
  readonly isReady: boolean;
  /** Set once deletion began. */
  readonly deletedAt: string | undefined;
  readonly startedAt: string | undefined;
  readonly restarts: number;
  /**
   * Why a container waits or last ended, or the pod is not ready, in the kubelet's word (CrashLoopBackOff, OOMKilled,
   * ContainersNotReady).
   */
  readonly reason: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly images: readonly string[];
  /** Bytes that its proxy may take; undefined where there is no limit, and in directories of before it was saved. */
  readonly memoryLimit?: number | undefined;
  /**
   * Ports that its containers declare; undefined where it has its node's network, in which each port is reached, and in
   * directories of before it was saved.
   */
  readonly declaredPorts?: readonly number[] | undefined;
}

/** A node on which the DaemonSet should run a pod and does not. */
export interface NodeWithoutPod {
  readonly node: string;
  readonly reason: string;
}

/** The workload asked, e.g. daemonset/istio-ingressgateway, as `--pod` and `--node` narrowed it. */
export interface Gateway {
  readonly namespace: string;
  /** e.g. `istio-ingressgateway`, or the selector where pods have no common owner. */
  readonly name: string;
  readonly kind: 'DaemonSet' | 'Deployment' | 'Pod' | 'Service' | 'Selector';
  /** Sorted by name; every pod of the workload that was not narrowed away. */
  readonly pods: readonly Pod[];
  /** Pods that `--pod` and `--node` narrowed away; sorted by name. */
  readonly others: readonly Pod[];
  readonly nodesWithoutPod: readonly NodeWithoutPod[];
  /** Nodes on which a pod is wanted; undefined where that has no meaning (Deployment) or may not be read. */
  readonly nodesWanted: number | undefined;
}

/** In the order of their names. */
export const podsOf = ({ pods, others }: Gateway, withOthers: boolean): readonly Pod[] =>
  withOthers ? [...pods, ...others].sort((a, b) => compareText(a.name, b.name)) : pods;

/** The pod to ask where any of them will do: the first that is ready, or else the first. */
export const readiestPod = ({ pods }: Pick<Gateway, 'pods'>): Pod | undefined =>
  pods.find(({ isReady }) => isReady) ?? pods[0];

/** Why nothing can be said of what a gateway without pods serves. */
export const withoutPods = ({ kind, namespace, name }: Gateway): ToolError =>
  new ToolError(
    'not-ready',
    `cannot ask ${kind} ${namespace}/${name}: ${kind === 'Pod' ? 'it is on no node' : 'it has no pod on any node'}`,
    { hint: 'see: kubectl istio-ingress status' },
  );

export type PodOutcome<T> = { readonly pod: Pod; readonly ok: T } | { readonly pod: Pod; readonly failed: ToolError };

export const hasAnswered = <T>(o: PodOutcome<T>): o is { readonly pod: Pod; readonly ok: T } => 'ok' in o;
