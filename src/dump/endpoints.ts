// `/clusters?format=json` → the hosts of all clusters. Source: envoy/admin/v3/clusters.proto; what makes a host
// unusable: envoy source/common/upstream/upstream_impl.h HostImpl::coarseHealth.

import {
  booleanIn,
  contentOf,
  enumIn,
  field,
  fieldNames,
  type JsonObject,
  numberIn,
  objectIn,
  objectsIn,
  rootObject,
  textIn,
} from '#core/json.ts';
import { memoize } from '#core/memoize.ts';
import type { Endpoint } from '#model/cluster.ts';
import { raw } from '#model/content.ts';
import type { UnusableCluster } from '#model/gathered.ts';
import { describeAddress } from './address.ts';

export interface EndpointsOptions {
  readonly keep?: (cluster: string) => boolean;
  /** Of an answer, half is counters. */
  readonly withCounters?: boolean;
}

/**
 * In Envoy's order, which no two pods share, of the clusters that `keep` accepts; warming clusters are not in it. Throws
 * ToolError `bad-answer` with the path of what cannot be read.
 */
export function readEndpoints(
  json: unknown,
  { keep = () => true, withCounters = true }: EndpointsOptions = {},
): Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const cluster of objectsIn(rootObject(json, 'the clusters'), 'cluster_statuses')) {
    const name = textIn(cluster, 'name') ?? '';
    if (!keep(name)) continue;
    for (const host of objectsIn(cluster, 'host_statuses')) endpoints.push(readHost(host, name, withCounters));
  }
  return endpoints;
}

/** Clusters without a host that takes requests. Of hosts nothing but their health is read. Throws as readEndpoints does. */
export function readUnusable(json: unknown): UnusableCluster[] {
  return objectsIn(rootObject(json, 'the clusters'), 'cluster_statuses').flatMap((cluster) => {
    const reasons = new Set<string>();
    const hosts = objectsIn(cluster, 'host_statuses');
    for (const host of hosts) {
      const { health, reasons: own } = readHealth(host);
      if (health === 'HEALTHY' || health === 'DEGRADED') return [];
      for (const reason of own) reasons.add(reason);
    }
    return [{ cluster: textIn(cluster, 'name') ?? '', endpoints: hosts.length, reasons: [...reasons].sort() }];
  });
}

/** Names of all clusters in use, those without a host as well; warming ones are not. Throws as readEndpoints does. */
export const readClusterNames = (json: unknown): string[] =>
  objectsIn(rootObject(json, 'the clusters'), 'cluster_statuses').map((cluster) => textIn(cluster, 'name') ?? '');

/** Names of those without a host, but for clusters of EDS, which tell their name there. Throws as readEndpoints does. */
export const readEmptyWithoutEds = (json: unknown): string[] =>
  objectsIn(rootObject(json, 'the clusters'), 'cluster_statuses').flatMap((cluster) =>
    objectsIn(cluster, 'host_statuses').length === 0 && !textIn(cluster, 'eds_service_name')
      ? [textIn(cluster, 'name') ?? '']
      : [],
  );

/**
 * The answer of `/clusters?format=json` with only the clusters whose name `keep` accepts. Throws as readEndpoints does.
 */
export const clustersDumpOf = (json: unknown, keep: (name: string) => boolean): object => ({
  cluster_statuses: objectsIn(rootObject(json, 'the clusters'), 'cluster_statuses').flatMap((cluster) =>
    keep(textIn(cluster, 'name') ?? '') ? [contentOf(cluster)] : [],
  ),
});

function readHost(host: JsonObject, cluster: string, withCounters: boolean): Endpoint {
  const address = objectIn(host, 'address');
  const successRate = objectIn(host, 'success_rate');
  const { health, reasons } = readHealth(host);
  return {
    cluster,
    address: address ? describeAddress(address) : '',
    health,
    reasons,
    weight: numberIn(host, 'weight') ?? 1,
    priority: numberIn(host, 'priority') ?? 0,
    locality: readLocality(host),
    successRate: successRate && (numberIn(successRate, 'value') ?? 0),
    hostname: textIn(host, 'hostname') || undefined,
    [raw]: host.fields,
    stats: withCounters ? readCounters(host) : undefined,
  };
}

const readCounters = (host: JsonObject): Record<string, number> =>
  Object.fromEntries(
    objectsIn(host, 'stats').map((stat) => [textIn(stat, 'name') ?? '', numberIn(stat, 'value') ?? 0]),
  );

type Judgement = Pick<Endpoint, 'health' | 'reasons'>;

const healthy: Judgement = { health: 'HEALTHY', reasons: [] };

function readHealth(host: JsonObject): Judgement {
  const status = objectIn(host, 'health_status');
  if (!status) return healthy;
  const byEds = enumIn(status, 'eds_health_status') ?? 'UNKNOWN';
  const health = healthFrom(status, byEds);
  if (health === 'HEALTHY') return healthy;
  const flags = fieldNames(status).filter((name) => field(status.fields, name) === true);
  return { health, reasons: byEds === 'HEALTHY' || byEds === 'UNKNOWN' ? flags : [...flags, `eds: ${byEds}`] };
}

/**
 * The worst wins. Hosts that wait for removal or for their first check carry the flag that makes them unusable beside
 * that one.
 */
function healthFrom(status: JsonObject, byEds: string): Endpoint['health'] {
  if (booleanIn(status, 'failed_active_health_check') || booleanIn(status, 'failed_outlier_check')) return 'UNHEALTHY';
  if (byEds === 'UNHEALTHY' || byEds === 'TIMEOUT') return 'UNHEALTHY';
  if (byEds === 'DRAINING') return 'DRAINING';
  return byEds === 'DEGRADED' || booleanIn(status, 'failed_active_degraded_check') ? 'DEGRADED' : 'HEALTHY';
}

function readLocality(host: JsonObject): string {
  const locality = objectIn(host, 'locality');
  if (!locality) return '';
  const [region, zone, subZone] = [textIn(locality, 'region'), textIn(locality, 'zone'), textIn(locality, 'sub_zone')];
  return withoutEnd(`${region ?? ''}/${zone ?? ''}/${subZone ?? ''}`);
}

/** Localities are few. */
const withoutEnd = memoize((path) => path.replace(/\/+$/, ''));
