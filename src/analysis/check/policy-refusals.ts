// Which hosts AuthorizationPolicies of the gateway refuse requests to: all of them, those of a route, or some.

import { type AskedRequests, type Refusal, refusalOfConnections, refusalsOf } from '#analysis/request/access-rules.ts';
import { isActive } from '#analysis/request/filter-answers.ts';
import { hostOfDomain } from '#core/host.ts';
import { type FilterChain, filterChainsOf, type HttpHandler, type Listener, routesBehind } from '#model/listener.ts';
import type { Route, VirtualHost } from '#model/route.ts';
import type { Configuration } from './facts.ts';

export interface RefusedHost extends Pick<Refusal, 'action' | 'rules'> {
  readonly host: string;
  /** `some`: of no route all requests are refused. */
  readonly extent: 'every request' | 'every connection' | 'routes' | 'some';
  /** Those of which all requests are refused, where that is not all of the host's. */
  readonly routes: readonly Route[];
}

export const refusedHosts = ({ listeners, routes }: Pick<Configuration, 'listeners' | 'routes'>): RefusedHost[] =>
  listeners
    .filter(({ state }) => state === 'active')
    .flatMap((listener) => [
      ...handlersOf(listener).flatMap((handler) =>
        (routesBehind(handler, routes)?.virtualHosts ?? []).flatMap((host) => refusedIn(host, handler, listener.port)),
      ),
      ...filterChainsOf(listener).flatMap((chain) => closedIn(chain, listener.port)),
    ]);

/** Connections that are no HTTP to the gateway. */
function closedIn(chain: FilterChain, port: number): RefusedHost[] {
  const refusal = refusalOfConnections(chain, port);
  const { serverNames } = chain.match;
  const hosts = serverNames.length === 0 ? [`*:${port}`] : serverNames;
  return refusal ? hosts.map((host) => ({ ...refusal, host, extent: 'every connection', routes: [] })) : [];
}

const handlersOf = (listener: Listener): HttpHandler[] =>
  filterChainsOf(listener).flatMap(({ handler }) =>
    handler.kind === 'http' && handler.httpFilters.some(({ policies }) => policies) ? [handler] : [],
  );

function refusedIn({ domains, routes }: VirtualHost, handler: HttpHandler, port: number): RefusedHost[] {
  return domains.flatMap((domain) => {
    const host = hostOfDomain(domain);
    const pairs = routes.flatMap((route) =>
      refusalsOfRoute(route, handler, requestsOf(route, host, port)).map((refusal) => ({ route, refusal })),
    );
    return [...Map.groupBy(pairs, ({ refusal }) => keyOf(refusal)).values()].flatMap((group): RefusedHost[] => {
      const [first] = group;
      if (!first) return [];
      const refused = group.filter(({ refusal }) => refusal.extent === 'all').map(({ route }) => route);
      const extent = refused.length === routes.length ? 'every request' : refused.length > 0 ? 'routes' : 'some';
      const { action, rules } = first.refusal;
      return [{ host, action, rules, extent, routes: extent === 'routes' ? refused : [] }];
    });
  });
}

/** A route may switch a filter off, or have rules of its own, which are not looked at. */
const refusalsOfRoute = (route: Route, handler: HttpHandler, asked: AskedRequests): Refusal[] =>
  handler.httpFilters
    .filter(({ name }) => isActive(name, handler, route) && !route.configuredFilters?.includes(name))
    .flatMap((filter) => refusalsOf(filter, asked));

const requestsOf = (route: Route, authority: string, port: number): AskedRequests => ({
  authority,
  path: route.match.path,
  port,
  holds: () => undefined,
});

/** Rules of all filters of one action are told apart by their policy and place. */
export const keyOf = ({ action, rules }: Pick<Refusal, 'action' | 'rules'>): string =>
  JSON.stringify([action, rules.map(({ policy, index }) => [policy, index])]);
