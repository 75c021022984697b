// Does anything of the routes depend on Envoy's runtime? It is dear to ask for.

import type { PodConfiguration } from '#model/configuration.ts';
import { filterChainsOf } from '#model/listener.ts';
import { preflightsOf, type Route, type RouteFilters } from '#model/route.ts';

export function asksForRuntime({ routeConfigurations, listeners }: PodConfiguration): boolean {
  const handlers = listeners.flatMap(filterChainsOf).map(({ handler }) => handler);
  const http = handlers.flatMap((handler) => (handler.kind === 'http' ? [handler] : []));
  const configurations = [...routeConfigurations, ...http.flatMap(({ inlineRoutes }) => inlineRoutes ?? [])];
  const routes = configurations.flatMap(({ virtualHosts }) => virtualHosts.flatMap((host) => host.routes));
  return http.some(({ faults }) => faults !== undefined) || routes.some(routeAsks);
}

function routeAsks(route: Route): boolean {
  const { match, action } = route;
  const to = action.kind === 'forward' ? action.to : undefined;
  const shares = to?.kind === 'weighted' ? to.clusters.flatMap(({ filters }) => filters ?? []) : [];
  return (
    match.fraction?.runtimeKey !== undefined ||
    (to?.kind === 'weighted' && to.runtimeKeyPrefix !== undefined) ||
    [route, ...shares].some(filtersAsk)
  );
}

/** The fault filter looks for its keys whatever it is told. */
const filtersAsk = (filters: RouteFilters): boolean =>
  filters.fault !== undefined || preflightsOf(filters).some(({ enabled }) => enabled?.runtimeKey !== undefined);
