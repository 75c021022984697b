// The clusters that a gateway would hold after Services and DestinationRules change: those of other Services stay as they
// are.

import type { KubeObject } from '#core/kube-object.ts';
import type { Cluster } from '#model/cluster.ts';
import { parseClusterName } from '#model/cluster-name.ts';
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
