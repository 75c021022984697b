// The clusters that a gateway would hold after Services and DestinationRules change: those of other Services stay as they
// are.

import type { KubeObject } from '#core/kube-object.ts';
import type { Cluster } from '#model/cluster.ts';
import { isClusterServerName, parseClusterName } from '#model/cluster-name.ts';
import type { Listener } from '#model/listener.ts';
import { rulesOf } from './destination-rules.ts';
import type { Services } from './destinations.ts';

export interface ClusterChange {
  /** Of Services whose object or rules change. */
  readonly fqdns: ReadonlySet<string>;
  readonly services: Services;
  readonly rules: readonly KubeObject[];
  /** Where the gateway is. */
  readonly namespace: string;
}

export function predictedClusters(served: readonly Cluster[], change: ClusterChange): Cluster[] {
  const isTouched = ({ name }: Cluster): boolean => change.fqdns.has(parseClusterName(name)?.fqdn ?? '');
  const known = new Map(served.map((cluster) => [cluster.name, cluster]));
  return [
    ...served.filter((cluster) => !isTouched(cluster)),
    ...[...change.fqdns].flatMap((fqdn) => clustersOf(fqdn, change, known)),
  ];
}

function clustersOf(
  fqdn: string,
  { services, rules, namespace }: ClusterChange,
  known: ReadonlyMap<string, Cluster>,
): Cluster[] {
  const { subsets, ref, tlsOf } = rulesOf(fqdn, rules, namespace);
  const { ports = [] } = services.portsOf(fqdn) ?? {};
  return ports.flatMap((port) =>
    ['', ...subsets].map((subset) => {
      const name = `outbound|${port}|${subset}|${fqdn}`;
      const own = { destinationRule: ref, tls: tlsOf(port, subset) };
      const there = known.get(name);
      // Without a rule TLS is chosen by what the pods are, which the cluster that is there tells.
      if (there) return ref === undefined && there.destinationRule === undefined ? there : { ...there, ...own };
      return { ...newCluster(name), ...own };
    }),
  );
}

/** Beside those of AUTO_PASSTHROUGH, which are named as the server names that they are for. */
export function withClustersForServices(clusters: readonly Cluster[], listeners: readonly Listener[]): Cluster[] {
  const known = new Set(clusters.map(({ name }) => name));
  const wanted = listeners.flatMap(({ filterChains }) =>
    filterChains.flatMap(({ match, handler }) =>
      handler.kind === 'tcp' && match.serverNames.some(isClusterServerName) ? handler.clusters : [],
    ),
  );
  const names = new Set(wanted.map(({ cluster }) => cluster).filter((name) => !known.has(name)));
  return [...clusters, ...[...names].map((name) => ({ ...newCluster(name), ...withoutRule }))];
}

const withoutRule = { destinationRule: undefined, tls: { mode: 'none' } } as const;

const newCluster = (name: string): Omit<Cluster, 'destinationRule' | 'tls'> => ({
  name,
  state: 'active',
  lastUpdated: undefined,
  rejected: undefined,
  type: 'EDS',
  edsServiceName: name,
  lbPolicy: undefined,
  connectTimeoutMs: undefined,
  circuitBreakers: [],
  outlierDetection: undefined,
  panicThreshold: 0,
  inlineEndpoints: [],
});
