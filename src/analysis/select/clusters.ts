// The filters of `clusters` and `endpoints`: by what leads to a cluster (host, path, VirtualService), and by its name.

import { globMatcher } from '#core/glob.ts';
import { parseClusterName } from '#model/cluster-name.ts';
import { originsOf } from '#model/route.ts';
import type { Selection } from '#model/selection.ts';
import { listenerFilter } from './listeners.ts';
import type { Lead, RoutedClusters } from './routed-clusters.ts';
import { routeFilter } from './routes.ts';
import { ownership, serviceMatcher } from './service-match.ts';

export interface ClusterFilter {
  readonly host?: string | undefined;
  readonly path?: string | undefined;
  readonly vs?: string | undefined;
  readonly port?: number | undefined;
  readonly service?: string | undefined;
  readonly name?: string | undefined;
  /** NAMESPACE or NAMESPACE/NAME: what concerns a service's owner. */
  readonly for?: string | undefined;
}

/** `leads` of a cluster that the ingress does not route to are none. */
type Predicate = (cluster: string, leads: readonly Lead[]) => boolean;

/** All given ones must hold; host, path and VirtualService at one and the same route. */
function clusterFilter(filter: ClusterFilter): Predicate {
  const { host, path, vs, port, service, name } = filter;
  const predicates: Predicate[] = [];
  if ([host, path, vs].some((one) => one !== undefined)) predicates.push(byLead({ host, path, vs }));
  if (port !== undefined) predicates.push((cluster) => parseClusterName(cluster)?.port === port);
  if (service !== undefined) predicates.push(serviceMatcher(service));
  if (name !== undefined) predicates.push(globMatcher(name));
  if (filter.for !== undefined) predicates.push(byOwner(filter.for));
  return (cluster, leads) => predicates.every((holds) => holds(cluster, leads));
}

function byLead({ host, path, vs }: Pick<ClusterFilter, 'host' | 'path' | 'vs'>): Predicate {
  const hasRoute = routeFilter({ host, path, vs });
  const hasChain = listenerFilter({ host });
  const holds = (lead: Lead): boolean =>
    lead.kind === 'route' ? hasRoute(lead.row) : path === undefined && vs === undefined && hasChain(lead.row);
  return (_, leads) => leads.some(holds);
}

/** The owner's services, and those that the owner's VirtualServices lead to. */
function byOwner(wanted: string): Predicate {
  const owner = ownership(wanted);
  return (cluster, leads) =>
    owner.hasServiceOf(cluster) ||
    leads.some((lead) => lead.kind === 'route' && lead.row.route && originsOf(lead.row.route).some(owner.has));
}

export interface Wanted {
  readonly filter: ClusterFilter;
  /** Also what is not routed to. */
  readonly wholeMesh: boolean;
  /**
   * Says of the whole mesh what is routed to, and what of that is missing. It stands in listeners and routes, which cost
   * Envoy more than the clusters.
   */
  readonly withRouted: boolean;
}

/** Whether listeners and routes are needed: they tell what is routed to, by which routes, and for whom. */
export const needsRouted = ({ filter, wholeMesh, withRouted }: Wanted): boolean =>
  !wholeMesh || withRouted || !(isByName(filter) && filter.for === undefined);

/**
 * Of the rows of a pod, which stand for clusters by `nameOf`: those that are wanted, and what is said of the others.
 * `routed` is undefined where it is not needed.
 */
export function select<Row extends { readonly isRouted: boolean | undefined }>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  routed: RoutedClusters | undefined,
  { filter, wholeMesh }: Pick<Wanted, 'filter' | 'wholeMesh'>,
): { readonly rows: readonly Row[]; readonly selection: Selection } {
  const meets = clusterFilter(filter);
  const matching = rows.filter((row) => meets(nameOf(row), routed?.leads.get(nameOf(row)) ?? []));
  const unrouted = asksByName(filter) && !wholeMesh ? matching.filter(({ isRouted }) => !isRouted).map(nameOf) : [];
  return {
    rows: wholeMesh ? matching : matching.filter(({ isRouted }) => isRouted),
    selection: { routed: routed?.leads.keys(), unrouted, unknown: wholeMesh ? [] : (routed?.unknown ?? []) },
  };
}

/**
 * Whether a cluster that is not routed to can be meant: whoever asks by host, path or VirtualService asks for what they
 * lead to.
 */
export const asksByName = (filter: ClusterFilter): boolean =>
  isByName(filter) && [filter.port, filter.service, filter.name, filter.for].some((value) => value !== undefined);

const isByName = ({ host, path, vs }: ClusterFilter): boolean => [host, path, vs].every((value) => value === undefined);
