// Which clusters the ingress routes to: by its routes, and by the TCP and passthrough chains of its listeners.

import type { Handler, Listener } from '#model/listener.ts';
import { clustersOfAction, type RouteAction, type RouteConfiguration } from '#model/route.ts';

export interface RoutedClusters {
  /** Destinations, shares of them and mirrors. */
  readonly names: ReadonlySet<string>;
  /** Why any other cluster may be a destination too, which the configuration does not tell; empty where it tells all. */
  readonly unknown: readonly string[];
}

/** Static listeners (readiness, metrics) are the proxy's own and no part of the ingress. */
export function routedClusters(listeners: readonly Listener[], routeConfigurations: readonly RouteConfiguration[]): RoutedClusters {
  const handlers = listeners.filter(({ state }) => state !== 'static').flatMap(handlersOf);
  const inline = handlers.flatMap((handler) => (handler.kind === 'http' && handler.inlineRoutes ? [handler.inlineRoutes] : []));
  const configurations = [...routeConfigurations.filter(({ state }) => state !== 'static'), ...inline];
  const hosts = configurations.flatMap(({ virtualHosts }) => virtualHosts);
  const actions = hosts.flatMap(({ routes }) => routes.map(({ action }) => action));
  const unknown = [
    ...actions.flatMap(unknownOfAction),
    ...hosts.flatMap(({ name, hasMatcherTree }) => (hasMatcherTree ? [`virtual host ${name} routes by a matcher tree`] : [])),
    ...handlers.flatMap((handler) => (handler.kind === 'unknown' ? [`a filter chain ends in ${handler.type}`] : [])),
  ];
  return {
    names: new Set([...actions.flatMap(clustersOfAction), ...handlers.flatMap(clustersOfHandler)]),
    unknown: [...new Set(unknown)].sort(),
  };
}

const handlersOf = ({ filterChains, defaultFilterChain }: Listener): Handler[] =>
  [...filterChains, ...(defaultFilterChain ? [defaultFilterChain] : [])].map(({ handler }) => handler);

const clustersOfHandler = (handler: Handler): string[] => (handler.kind === 'tcp' ? handler.clusters.map(({ cluster }) => cluster) : []);

function unknownOfAction(action: RouteAction): string[] {
  if (action.kind === 'unknown') return [`a route does ${action.type}`];
  if (action.kind !== 'forward') return [];
  if (action.to.kind === 'header') return [`a route takes the cluster named by header ${action.to.header}`];
  return action.to.kind === 'unknown' ? [`a route chooses its cluster by ${action.to.type}`] : [];
}
