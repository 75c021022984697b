// The pods of a gateway by what they serve: those that are configured alike are a group, the largest first.

import { differenceOf } from '#analysis/fleet/pod-problems.ts';
import type { Gateway } from '#core/fleet.ts';
import type { Fleet, FleetPod } from '#model/report.ts';
import type { PodStatus } from '#model/status.ts';
import { openTypes, type PodSync } from '#model/sync.ts';

export function fleetOf(statuses: readonly PodStatus[], { nodesWithoutPod }: Gateway): Fleet {
  const groups = groupsOf(statuses);
  return {
    groups: groups.map((group) => ({
      fingerprint: group[0]?.report?.fingerprint ?? '',
      pods: group.length,
      differs: group[0] && differenceOf(group[0])[0],
    })),
    pods: statuses.map((status) =>
      podOf(
        status,
        groups.findIndex((group) => group.includes(status)),
      ),
    ),
    nodesWithoutPod,
  };
}

/** Those that did not answer are in none. */
export const groupsOf = (statuses: readonly PodStatus[]): PodStatus[][] =>
  [
    ...Map.groupBy(
      statuses.filter(({ report }) => report),
      ({ report }) => report?.fingerprint,
    ).values(),
  ].sort((a, b) => b.length - a.length);

function podOf({ pod, report, failure, sync }: PodStatus, group: number): FleetPod {
  const { istioVersion, envoyVersion } = report?.proxy ?? {};
  return {
    name: pod.name,
    node: pod.node,
    group: group < 0 ? undefined : group,
    isReady: pod.isReady,
    restarts: pod.restarts,
    startedAt: pod.startedAt,
    version: report && (istioVersion === undefined ? `Envoy ${envoyVersion}` : `${istioVersion} (${envoyVersion})`),
    sync: describeSync(sync),
    isOutOfSync: sync.state === 'not-connected' || unlike(sync).length > 0,
    failure,
  };
}

function describeSync(sync: PodSync): string {
  if (sync.state === 'unknown') return `unknown: ${sync.why}`;
  if (sync.state === 'not-connected') return 'connected to no istiod';
  return unlike(sync).join(', ') || 'in sync';
}

/** `LDS NACK` */
const unlike = (sync: PodSync): string[] =>
  sync.state === 'connected' ? openTypes(sync.types).map((type) => `${type} ${sync.types[type]?.state}`) : [];
