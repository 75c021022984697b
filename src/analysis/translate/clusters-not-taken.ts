// Clusters that are older than a change of what has a part in them. They are not translated, and the change may be none
// for them: whoever tells of them has a witness besides that Envoy rejected an update of clusters then.

import { changesClusters } from '#analysis/istio/brought-by.ts';
import { isFor } from '#analysis/istio/destination-rules.ts';
import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import { compareText } from '#core/compare.ts';
import { hostOfDomain } from '#core/host.ts';
import { field } from '#core/json.ts';
import { changedAt, type KubeObject } from '#core/kube-object.ts';
import { someOf } from '#core/phrase.ts';
import type { Cluster } from '#model/cluster.ts';
import { parseClusterName } from '#model/cluster-name.ts';
import type { NotTaken } from '#model/gathered.ts';
import { clustersOfAction, type RouteConfiguration } from '#model/route.ts';
import { pushMs } from './not-taken.ts';

export interface ClusterBringers {
  /** Those for this gateway. */
  readonly envoyFilters: readonly KubeObject[];
  readonly destinationRules: readonly KubeObject[];
}

interface Served {
  readonly clusters: readonly Cluster[];
  readonly routes: readonly RouteConfiguration[];
}

export function clustersNotTaken(
  { envoyFilters, destinationRules }: ClusterBringers,
  served: Served,
  now: Date,
): Omit<NotTaken, 'pods'>[] {
  const clusters = served.clusters.flatMap(readOnce);
  const latestMs = now.getTime() - pushMs;
  const bringers = [
    ...envoyFilters.filter(changesClusters).map((one) => ['EnvoyFilter', one, isPatched(one)] as const),
    ...destinationRules.map((one) => ['DestinationRule', one, isOfRule(one)] as const),
  ];
  return bringers.flatMap(([kind, object, has]) => {
    const at = changedAt(object.metadata);
    const changed = Date.parse(at ?? '');
    if (at === undefined || !(changed < latestMs)) return [];
    const older = clusters
      .filter((cluster) => cluster.takenMs < changed && has(cluster))
      .toSorted((a, b) => compareText(a.name, b.name));
    const [first] = older;
    if (first === undefined) return [];
    return [
      {
        kind: 'cluster' as const,
        name: first.name,
        takenAt: first.takenAt,
        objects: [{ ...refOf(kind, object), changedAt: at }],
        hosts: hostsTo(new Set(older.map(({ name }) => name)), served.routes),
        difference: someOf(
          older.map(({ name }) => name),
          1,
        ),
      },
    ];
  });
}

/** What every one of many objects asks of a cluster. */
interface TakenCluster {
  readonly name: string;
  readonly takenAt: string;
  /** Times of API server and Envoy have other digits: they are compared as numbers. */
  readonly takenMs: number;
  readonly parsed: ReturnType<typeof parseClusterName>;
}

function readOnce({ name, lastUpdated }: Cluster): TakenCluster[] {
  if (lastUpdated === undefined) return [];
  return [{ name, takenAt: lastUpdated, takenMs: Date.parse(lastUpdated), parsed: parseClusterName(name) }];
}

const isOfRule =
  (rule: KubeObject) =>
  ({ parsed }: TakenCluster): boolean =>
    isFor(rule, parsed?.fqdn ?? '');

/** Source: networking/v1alpha3 envoy_filter.proto, ClusterMatch. */
const isPatched =
  ({ spec }: KubeObject) =>
  ({ name: own, parsed }: TakenCluster): boolean => {
    const patches = field(spec, 'configPatches');
    return (Array.isArray(patches) ? patches : []).some((patch) => {
      const match = field(field(patch, 'match'), 'cluster');
      const isOrAny = (name: string, value: unknown): boolean => [undefined, value].includes(field(match, name));
      return (
        field(patch, 'applyTo') === 'CLUSTER' &&
        isOrAny('name', own) &&
        isOrAny('service', parsed?.fqdn) &&
        isOrAny('portNumber', parsed?.port) &&
        isOrAny('subset', parsed?.subset)
      );
    });
  };

const hostsTo = (clusters: ReadonlySet<string>, routes: readonly RouteConfiguration[]): string[] => {
  const leads = routes
    .flatMap(({ virtualHosts }) => virtualHosts)
    .filter((host) => host.routes.some(({ action }) => clustersOfAction(action).some((name) => clusters.has(name))));
  return [...new Set(leads.flatMap(({ domains }) => domains.map(hostOfDomain)))].sort();
};
