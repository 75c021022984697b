// `/clusters?format=json` → circuit breakers that are open. The gauges `circuit_breakers.*_open` say the same, but
// Istio's bootstrap keeps no statistics of clusters (its stats_matcher); what is counted per host is always there.
// Source: envoy/admin/v3/clusters.proto; counted beside each other: envoy source/common/conn_pool/conn_pool_base.cc.

import { enumIn, type JsonObject, numberIn, objectIn, objectsIn, rootObject, textIn } from '#core/json.ts';
import type { ReachedLimit } from '#model/gathered.ts';
import { statIn } from './host-stats.ts';

const limits = [
  { of: 'connections', limit: 'max_connections', gauge: 'cx_active' },
  // Envoy 1.36 has no such gauge; 1.40 has.
  { of: 'pending requests', limit: 'max_pending_requests', gauge: 'rq_pending_active' },
  { of: 'requests', limit: 'max_requests', gauge: 'rq_active' },
] as const;

/** Envoy's largest number, which Istio writes where nothing is set. */
const unlimited = 2 ** 32 - 1;

/**
 * Of the default priority, the only one that Istio's routes have. Throws ToolError `bad-answer` with the path of what
 * cannot be read.
 */
export function readReachedLimits(json: unknown): ReachedLimit[] {
  return objectsIn(rootObject(json, 'the clusters'), 'cluster_statuses').flatMap((cluster) => {
    const thresholds = thresholdsOf(cluster);
    if (!thresholds) return [];
    return limits.flatMap(({ of, limit, gauge }) => {
      const most = numberIn(thresholds, limit);
      if (most === undefined || most >= unlimited) return [];
      const counts = countsOf(cluster, gauge);
      const isKnown = counts.every((one) => one !== undefined);
      if (isKnown && sumOf(counts) < most) return [];
      if (gauge === 'cx_active' && !areUsed(cluster, most)) return [];
      return [{ cluster: textIn(cluster, 'name') ?? '', of, limit: most, isKnown }];
    });
  });
}

function thresholdsOf(cluster: JsonObject): JsonObject | undefined {
  const breakers = objectIn(cluster, 'circuit_breakers');
  return (breakers ? objectsIn(breakers, 'thresholds') : []).find(
    (one) => (enumIn(one, 'priority') ?? 'DEFAULT') === 'DEFAULT',
  );
}

/** Connections that are open and idle, as Envoy keeps them for an hour, take the next requests. */
const areUsed = (cluster: JsonObject, connections: number): boolean =>
  sumOf(countsOf(cluster, 'rq_active')) >= connections || sumOf(countsOf(cluster, 'rq_pending_active')) > 0;

const sumOf = (counts: readonly (number | undefined)[]): number =>
  counts.reduce<number>((sum, one = 0) => sum + one, 0);

/** Of each host; undefined: Envoy does not count that. */
const countsOf = (cluster: JsonObject, gauge: string): (number | undefined)[] =>
  objectsIn(cluster, 'host_statuses').map((host) => statIn(objectsIn(host, 'stats'), gauge));
