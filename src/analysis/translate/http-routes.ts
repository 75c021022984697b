// The routes of one VirtualService for one server of a Gateway. Source: istio
// pilot/pkg/networking/core/route/route.go BuildHTTPRoutesForVirtualService, TranslateRoute, sourceMatchHTTP.

import { type HttpMatch, type HttpRoute, routeName } from '#analysis/istio/virtual-service.ts';
import type { Route } from '#model/route.ts';
import { type RoutePlace, translateAction } from './http-action.ts';
import { translateFault, translatePreflight } from './http-filters.ts';
import { isCatchAll, translateMatch } from './http-match.ts';
import type { MergedVirtualService } from './merged-virtual-services.ts';

/** What matches ask of the proxy. */
export interface ProxyFacts {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface TranslatedRoute {
  readonly route: Route;
  /** What istiod may do otherwise, and why. */
  readonly unsure: readonly string[];
  /** The route of the object, for what the model of routes does not have: operations on headers. */
  readonly of: HttpRoute;
}

/** Of `position` only the order counts. Routes behind one that takes everything are left out, as istiod does. */
export function translateRoutes(
  { ref, http }: MergedVirtualService,
  gateway: string,
  proxy: ProxyFacts,
  place: RoutePlace,
): TranslatedRoute[] {
  const all: TranslatedRoute[] = [];
  for (const own of http) {
    for (const match of own.match?.length ? own.match : [undefined]) {
      if (match && !isFor(match, gateway, proxy, place)) continue;
      const translated = translateRoute(own, match, place);
      all.push({ ...translated, route: { ...translated.route, position: all.length + 1, from: ref } });
      if (isCatchAll(translated.route.match)) return all;
    }
    if (!own.match?.length) return all;
  }
  return all;
}

/** With names of gateways, these alone count. */
function isFor(match: HttpMatch, gateway: string, { labels, namespace }: ProxyFacts, { port }: RoutePlace): boolean {
  const { gateways = [], sourceLabels = {}, sourceNamespace } = match;
  if (match.port && match.port !== port) return false;
  if (gateways.length > 0) return gateways.includes(gateway);
  return (
    Object.entries(sourceLabels).every(([key, value]) => labels[key] === value) &&
    (!sourceNamespace || sourceNamespace === namespace)
  );
}

function translateRoute(http: HttpRoute, match: HttpMatch | undefined, place: RoutePlace): TranslatedRoute {
  const { action, unsure } = translateAction(http, place);
  const route: Route = {
    position: 0,
    name: routeName(http, match),
    match: translateMatch(match),
    action,
    from: undefined,
    ...(http.fault ? { fault: translateFault(http.fault) } : {}),
    ...(http.corsPolicy ? { preflight: translatePreflight(http.corsPolicy) } : {}),
  };
  return { route, unsure, of: http };
}
