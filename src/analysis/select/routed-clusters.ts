// Which clusters the ingress routes to: by its routes, and by the TCP and passthrough chains of its listeners.

import { filterChainsOf, type Handler, type Listener } from '#model/listener.ts';
import { type ListenerRow, rowsOfListeners } from '#model/listener-row.ts';
import {
  clustersOfAction,
  type Route,
  type RouteAction,
  type RouteConfiguration,
  type RouteRow,
  rowsOfRoutes,
} from '#model/route.ts';

/** What leads to a cluster: a route, or a filter chain that hands connections on as they are. */
export type Lead =
  | { readonly kind: 'route'; readonly row: RouteRow }
  | { readonly kind: 'chain'; readonly row: ListenerRow };

export interface RoutedClusters {
  /** By the name of a destination, a share of one, or a mirror. */
  readonly leads: ReadonlyMap<string, readonly Lead[]>;
  /**
   * Why any other cluster may be a destination too, which the configuration does not tell; empty where it tells all.
   */
  readonly unknown: readonly string[];
}

/** Static listeners (readiness, metrics) are the proxy's own and no part of the ingress. */
export function routedClusters(
  listeners: readonly Listener[],
  routeConfigurations: readonly RouteConfiguration[],
): RoutedClusters {
  const own = listeners.filter(({ state }) => state !== 'static');
  const handlers = own.flatMap(handlersOf);
  const inline = handlers.flatMap((handler) =>
    handler.kind === 'http' && handler.inlineRoutes ? [handler.inlineRoutes] : [],
  );
  const configurations = [...routeConfigurations.filter(({ state }) => state !== 'static'), ...inline];
  return {
    leads: leadsOf(rowsOfListeners(own), rowsOfRoutes(configurations)),
    unknown: unknownDestinations(handlers, configurations),
  };
}

/** `change` makes one route of one. */
export const withEachRoute = ({ leads, unknown }: RoutedClusters, change: (route: Route) => Route): RoutedClusters => ({
  leads: new Map([...leads].map(([cluster, all]) => [cluster, all.map((lead) => withRoute(lead, change))])),
  unknown,
});

const withRoute = (lead: Lead, change: (route: Route) => Route): Lead =>
  lead.kind === 'route' && lead.row.route ? { ...lead, row: { ...lead.row, route: change(lead.row.route) } } : lead;

const handlersOf = (listener: Listener): Handler[] => filterChainsOf(listener).map(({ handler }) => handler);

function leadsOf(chains: readonly ListenerRow[], routes: readonly RouteRow[]): Map<string, readonly Lead[]> {
  const all = [
    ...routes.map((row) => ({
      lead: { kind: 'route', row } as const,
      clusters: row.route ? clustersOfAction(row.route.action) : [],
    })),
    ...chains.map((row) => ({ lead: { kind: 'chain', row } as const, clusters: clustersOfChain(row) })),
  ];
  const pairs = all.flatMap(({ lead, clusters }) => [...new Set(clusters)].map((cluster) => ({ cluster, lead })));
  return new Map(
    [...Map.groupBy(pairs, ({ cluster }) => cluster)].map(([cluster, led]) => [cluster, led.map(({ lead }) => lead)]),
  );
}

const clustersOfChain = ({ chain }: ListenerRow): string[] =>
  chain?.to.kind === 'tcp' ? chain.to.clusters.map(({ cluster }) => cluster) : [];

function unknownDestinations(
  handlers: readonly Handler[],
  configurations: readonly RouteConfiguration[],
): readonly string[] {
  const hosts = configurations.flatMap(({ virtualHosts }) => virtualHosts);
  const unknown = [
    ...hosts.flatMap(({ routes }) => routes.flatMap(({ action }) => unknownOfAction(action))),
    ...hosts.flatMap(({ name, hasMatcherTree }) =>
      hasMatcherTree ? [`virtual host ${name} routes by a matcher tree`] : [],
    ),
    ...handlers.flatMap(unknownOfHandler),
  ];
  return [...new Set(unknown)].sort();
}

function unknownOfAction(action: RouteAction): string[] {
  if (action.kind === 'unknown') return [`a route does ${action.type}`];
  if (action.kind !== 'forward') return [];
  if (action.to.kind === 'header') return [`a route takes the cluster named by header ${action.to.header}`];
  return action.to.kind === 'unknown' ? [`a route chooses its cluster by ${action.to.type}`] : [];
}

/**
 * AUTO_PASSTHROUGH: a TCP proxy without a cluster takes the one that is named by the SNI. Source: istio
 * pilot/pkg/networking/core/gateway.go.
 */
function unknownOfHandler(handler: Handler): string[] {
  if (handler.kind === 'unknown') return [`a filter chain ends in ${handler.type}`];
  return handler.kind === 'tcp' && handler.clusters.length === 0
    ? ['a filter chain takes a cluster that it does not name']
    : [];
}
