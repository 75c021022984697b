// What was rolled out while requests failed: ReplicaSets that are new, gateway pods that started.

import type { Pod } from '#core/fleet.ts';
import type { KubeObject } from '#core/kube-object.ts';

export interface Rollout {
  /** RFC 3339. */
  readonly at: string;
  readonly what: string;
}

/** In the order of time. */
export function rolloutsBetween(
  from: string,
  to: string,
  replicaSets: readonly KubeObject[],
  gatewayPods: readonly Pod[],
): Rollout[] {
  const created = replicaSets.flatMap(({ metadata }) =>
    metadata.creationTimestamp === undefined
      ? []
      : [{ at: metadata.creationTimestamp, what: `rollout of ${metadata.namespace}/${metadata.name}` }],
  );
  const started = gatewayPods.flatMap(({ startedAt, name }) =>
    startedAt === undefined ? [] : [{ at: startedAt, what: `gateway pod ${name} started` }],
  );
  const [first, last] = [Date.parse(from), Date.parse(to)];
  return [...created, ...started]
    .filter(({ at }) => Date.parse(at) >= first && Date.parse(at) <= last)
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}
