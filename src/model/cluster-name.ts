// The names that Istio gives to Envoy clusters: `outbound|PORT|SUBSET|FQDN`, and `outbound_.PORT_.SUBSET_.FQDN` as SNI.
// Source: pilot/pkg/model/push_context.go BuildSubsetKey, BuildDNSSrvSubsetKey.

import { memoize } from '#core/memoize.ts';

export interface ClusterName {
  readonly direction: string;
  readonly port: number;
  /** Empty where there is none. */
  readonly subset: string;
  readonly fqdn: string;
}

/** Undefined for names of another form (BlackHoleCluster, prometheus_stats, …). Kept: who sorts asks again and again. */
export const parseClusterName = memoize((name): ClusterName | undefined => {
  const parts = /^(outbound|inbound)(?:\|(\d+)\|([^|]*)\||_\.(\d+)_\.([^_]*)_\.)(.*)$/.exec(name);
  if (!parts) return undefined;
  const [, direction = '', port, subset, srvPort, srvSubset, fqdn = ''] = parts;
  return { direction, port: Number(port ?? srvPort), subset: subset ?? srvSubset ?? '', fqdn };
});

/**
 * As statistics and `%UPSTREAM_CLUSTER%` name a cluster since Istio 1.24, it ends with a semicolon. Source: istio
 * pilot/pkg/networking/util DelimitedStatsPrefix.
 */
export const withoutDelimiter = (name: string): string => (name.endsWith(';') ? name.slice(0, -1) : name);

/**
 * A log that may have statistics' names (`outboundClusterStatName` of MeshConfig) in place of those of clusters cannot
 * say that it was another one.
 */
export const isOtherCluster = (logged: string, name: string): boolean =>
  logged !== name && (parseClusterName(logged) !== undefined || parseClusterName(name) === undefined);

/** A server name that AUTO_PASSTHROUGH hands on to the cluster of the name: none that clients know as a host. */
export const isClusterServerName = (serverName: string): boolean => serverName.startsWith('outbound_.');

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** `svc.ns` of `svc.ns.svc.cluster.local`; undefined for hosts outside the cluster. */
export function serviceOfFqdn(fqdn: string): ServiceName | undefined {
  const [name, namespace, svc] = fqdn.split('.');
  return name && namespace && svc === 'svc' ? { namespace, name } : undefined;
}

/** The Service of a cluster; undefined for hosts outside the Kubernetes cluster. */
export const serviceOfCluster = (cluster: string): ServiceName | undefined =>
  serviceOfFqdn(parseClusterName(cluster)?.fqdn ?? '');
