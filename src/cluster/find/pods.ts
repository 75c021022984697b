// Pods as the API server gives them → the fleet's pods. Source: kubernetes api core/v1 types.go PodStatus.

import type { Pod } from '#core/fleet.ts';
import type { Condition, Limited, PodObject } from '#core/kube-schema.ts';
import { readQuantity } from '#core/quantity.ts';

export function readPod(object: PodObject): Pod {
  const { metadata, spec = {}, status = {} } = object;
  const running = runningIn(spec);
  const sidecars = new Set(running.map(({ name }) => name));
  const containers = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ];
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    node: spec.nodeName,
    ip: status.podIP,
    phase: status.phase ?? 'Unknown',
    ready: {
      containers: containers.filter(({ ready }) => ready).length,
      of: spec.containers ? running.length : containers.length,
    },
    isReady: status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    deletedAt: metadata.deletionTimestamp as string | undefined,
    startedAt: status.startTime,
    restarts: containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    reason: reasonOf(object),
    labels: metadata.labels ?? {},
    images: running.flatMap(({ image }) => image ?? []),
    memoryLimit: memoryLimitOf(spec),
    declaredPorts: spec.hostNetwork === true ? undefined : declaredPortsOf(spec),
  };
}

type PodSpec = NonNullable<PodObject['spec']>;

/** With the init containers that go on beside the others: of Istio 1.27 and newer, the proxy of an injected pod is one. */
const runningIn = ({ containers = [], initContainers = [] }: PodSpec) => [
  ...containers,
  ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always'),
];

const declaredPortsOf = (spec: PodSpec): number[] =>
  runningIn(spec).flatMap(({ ports = [] }) => ports.flatMap(({ containerPort }) => containerPort ?? []));

/** The tighter of the proxy's own and the pod's (KEP-2837). */
function memoryLimitOf(spec: PodSpec): number | undefined {
  const containers = runningIn(spec);
  const proxy = containers.find(({ name }) => name === 'istio-proxy') ?? containers[0];
  const limits = [spec, proxy].flatMap((one) => readLimit(one) ?? []);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

const readLimit = (one: Limited | undefined): number | undefined => readQuantity(one?.resources?.limits?.memory ?? '');

/** Evicted and completed pods stay in the list; they serve nothing. */
export const isFinished = ({ status }: PodObject): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

function reasonOf({ status = {} }: PodObject): string | undefined {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const waiting = all.find(({ ready, state }) => !ready && (state?.waiting?.reason || state?.terminated?.reason));
  const ofContainer = waiting?.state?.waiting?.reason ?? waiting?.state?.terminated?.reason;
  const unmet = (type: string): Condition | undefined =>
    status.conditions?.find((one) => one.type === type && one.status === 'False');
  const ended = all.flatMap(({ lastState }) => lastState?.terminated?.reason ?? [])[0];
  return ofContainer ?? status.reason ?? unmet('PodScheduled')?.message ?? ended ?? unmet('Ready')?.reason;
}
