// What kubectl's list of pods says of each. Source: kubernetes/pkg/printers/internalversion/printers.go, printPod.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Column } from './columns.ts';
import { humanDuration } from './human-duration.ts';
import { at, conditionOf, listAt } from './object-field.ts';

const statuses = (pod: KubeObject): readonly unknown[] => listAt(pod, 'status', 'containerStatuses');

const isReady = (status: unknown): boolean =>
  field(status, 'ready') === true && at(status, 'state', 'running') !== undefined;

function readyOf(pod: KubeObject): string {
  return `${statuses(pod).filter(isReady).length}/${listAt(pod, 'spec', 'containers').length}`;
}

/** `Completed`, `OOMKilled`, `ExitCode:1`, `Signal:9`. */
function endOf(terminated: unknown): string {
  const reason = field(terminated, 'reason');
  if (reason) return String(reason);
  const signal = field(terminated, 'signal');
  return signal ? `Signal:${signal}` : `ExitCode:${field(terminated, 'exitCode') ?? 0}`;
}

/** Why the first init container that is not done holds the pod up. */
function initStatus(pod: KubeObject): string | undefined {
  const all = listAt(pod, 'status', 'initContainerStatuses');
  const sidecars = new Set(
    listAt(pod, 'spec', 'initContainers')
      .filter((one) => field(one, 'restartPolicy') === 'Always')
      .map((one) => field(one, 'name')),
  );
  const isDone = (status: unknown): boolean =>
    at(status, 'state', 'terminated', 'exitCode') === 0 ||
    (sidecars.has(field(status, 'name')) && field(status, 'started') === true);
  const index = all.findIndex((status) => !isDone(status));
  if (index === -1) return undefined;
  const terminated = at(all[index], 'state', 'terminated');
  if (terminated !== undefined) return `Init:${endOf(terminated)}`;
  const waiting = at(all[index], 'state', 'waiting', 'reason');
  return waiting && waiting !== 'PodInitializing'
    ? `Init:${waiting}`
    : `Init:${index}/${listAt(pod, 'spec', 'initContainers').length}`;
}

function containersStatus(pod: KubeObject, phase: string): string {
  let reason = phase;
  for (const status of [...statuses(pod)].reverse()) {
    const waiting = at(status, 'state', 'waiting', 'reason');
    const terminated = at(status, 'state', 'terminated');
    if (waiting) reason = String(waiting);
    else if (terminated !== undefined) reason = endOf(terminated);
  }
  if (reason !== 'Completed' || !statuses(pod).some(isReady)) return reason;
  return field(conditionOf(pod, 'Ready'), 'status') === 'True' ? 'Running' : 'NotReady';
}

function statusOf(pod: KubeObject): string {
  const reason = at(pod, 'status', 'reason');
  const phase = String(reason ?? at(pod, 'status', 'phase') ?? '');
  const gated = field(conditionOf(pod, 'PodScheduled'), 'reason') === 'SchedulingGated' ? 'SchedulingGated' : phase;
  const status = initStatus(pod) ?? containersStatus(pod, gated);
  if (pod.metadata['deletionTimestamp'] === undefined) return status;
  return reason === 'NodeLost' ? 'Unknown' : 'Terminating';
}

/** `3`, or `3 (5m ago)` where it is known when the last run ended. */
function restartsOf(pod: KubeObject, now: Date): string {
  const all = initStatus(pod) === undefined ? statuses(pod) : listAt(pod, 'status', 'initContainerStatuses');
  const restarts = all.reduce<number>((sum, status) => sum + Number(field(status, 'restartCount') ?? 0), 0);
  const ends = all
    .map((status) => at(status, 'lastState', 'terminated', 'finishedAt'))
    .filter((time) => typeof time === 'string');
  const last = ends.sort().at(-1);
  return restarts === 0 || last === undefined
    ? String(restarts)
    : `${restarts} (${humanDuration(now.getTime() - Date.parse(last))} ago)`;
}

const orNone = (value: unknown): string => (value === undefined || value === '' ? '<none>' : String(value));

/** Without the name, and the age, which stands before the first wide one. */
export const podColumns: readonly Column[] = [
  { name: 'Ready', cell: readyOf },
  { name: 'Status', cell: statusOf },
  { name: 'Restarts', cell: restartsOf },
  { name: 'IP', isWide: true, cell: (pod) => orNone(at(pod, 'status', 'podIP')) },
  { name: 'Node', isWide: true, cell: (pod) => orNone(at(pod, 'spec', 'nodeName')) },
  { name: 'Nominated Node', isWide: true, cell: (pod) => orNone(at(pod, 'status', 'nominatedNodeName')) },
  { name: 'Readiness Gates', isWide: true, cell: readinessGates },
];

function readinessGates(pod: KubeObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  const conditions = listAt(pod, 'status', 'conditions');
  const isTrue = (gate: unknown): boolean =>
    conditions.some((one) => field(one, 'type') === field(gate, 'conditionType') && field(one, 'status') === 'True');
  return `${gates.filter(isTrue).length}/${gates.length}`;
}
