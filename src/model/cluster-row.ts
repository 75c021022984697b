// One line of `clusters`: a cluster, one that routes lead to and Envoy does not have, or an update that Envoy rejected.

import { comparing } from '#core/compare.ts';
import type { Cluster } from './cluster.ts';
import { parseClusterName } from './cluster-name.ts';
import { isPlainlySameContent, keyOfContent } from './content.ts';
import type { Rejection, ResourceState } from './resource.ts';

export interface ClusterRow {
  readonly name: string;
  /** The ingress routes to it, as destination, share or mirror; undefined where that was not asked for. */
  readonly isRouted: boolean | undefined;
  /** `missing`: the ingress routes to it, and Envoy has no such cluster. `rejected`: an update that Envoy refused. */
  readonly state: ResourceState | 'missing' | 'rejected';
  readonly rejected: Rejection | undefined;
  /** Undefined where it is missing, and for a rejected update. */
  readonly cluster: ClusterSettings | undefined;
}

type ClusterSettings = Omit<Cluster, 'name' | 'state' | 'rejected' | 'lastUpdated'>;

/**
 * The lines of a pod's clusters, in no particular order; those that `routed` names and are not there are missing. None
 * is where `routed` was not asked for.
 */
export function rowsOfClusters(clusters: readonly Cluster[], routed: ReadonlySet<string> | undefined): ClusterRow[] {
  const known = new Set(clusters.map(({ name }) => name));
  const missing = [...(routed ?? [])].filter((name) => !known.has(name));
  return [
    ...clusters.flatMap((cluster) => rowsOf(cluster, routed?.has(cluster.name))),
    ...missing.map(
      (name): ClusterRow => ({ name, isRouted: true, state: 'missing', rejected: undefined, cluster: undefined }),
    ),
  ];
}

function rowsOf(
  { name, state, rejected, lastUpdated: _, ...cluster }: Cluster,
  isRouted: ClusterRow['isRouted'],
): ClusterRow[] {
  const row: ClusterRow = { name, isRouted, state, rejected: undefined, cluster };
  return rejected ? [row, { ...row, state: 'rejected', rejected, cluster: undefined }] : [row];
}

const stateOrder: readonly ClusterRow['state'][] = ['active', 'static', 'warming', 'draining', 'missing', 'rejected'];

export const compareClusterRows = comparing(
  ({ name, state }: ClusterRow) => `${orderOfCluster(name)}\0${stateOrder.indexOf(state)}`,
);

/** Texts that sort by FQDN, port and subset; names of another form stand among the FQDNs. */
export function orderOfCluster(name: string): string {
  const { fqdn = name, port = 0, subset = '' } = parseClusterName(name) ?? {};
  return `${fqdn}\0${String(port).padStart(5, '0')}\0${subset}\0${name}`;
}

export const isPlainlySameCluster = (a: ClusterRow, b: ClusterRow): boolean =>
  a.state === b.state && a.isRouted === b.isRouted && isPlainlySameContent('cluster', a.cluster ?? {}, b.cluster ?? {});

/** Equal for clusters that do the same; when an update was rejected does not count, why does. */
export const clusterRowKey = ({ rejected, ...row }: ClusterRow): string =>
  JSON.stringify([{ ...row, rejected: rejected?.details }, keyOfContent('cluster', row.cluster ?? {})]);
