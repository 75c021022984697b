// From Gateways and VirtualServices to the virtual hosts that Envoy is given. Source: istio
// pilot/pkg/networking/core/gateway.go buildGatewayHTTPRouteConfig, pilot/pkg/model/gateway.go gatewayRDSRouteName,
// pkg/config/host/names.go Intersection.

import { type GatewayServer, isHttp, passesThrough } from '#analysis/istio/gateway-merge.ts';
import { hostsForNamespace, takesHost } from '#analysis/istio/host-names.ts';
import { keyOf } from '#analysis/istio/virtual-service-binding.ts';
import type { VirtualHost } from '#model/route.ts';
import type { RoutePlace } from './http-action.ts';
import { isCatchAll } from './http-match.ts';
import { type ProxyFacts, type TranslatedRoute, translateRoutes } from './http-routes.ts';
import type { MergedVirtualService } from './merged-virtual-services.ts';

/** One host in one route configuration. */
export interface TranslatedHost {
  readonly routeConfiguration: string;
  /** In lower case. */
  readonly host: string;
  readonly requireTls: VirtualHost['requireTls'];
  /** In Envoy's order; none: 404. */
  readonly routes: readonly TranslatedRoute[];
  /** The servers that let it in. */
  readonly servers: readonly GatewayServer[];
}

export interface TranslatedConfiguration {
  readonly name: string;
  /** None: every request gets 404. */
  readonly hosts: readonly TranslatedHost[];
}

/** The name of a server's route configuration; undefined where it carries no HTTP, or hands TLS through. */
export function routeConfigurationOf(server: GatewayServer): string | undefined {
  const { protocol, port, listenerPort, portName, gateway, bind, tls } = server;
  const suffix = bind === '' ? '' : `.${bind}`;
  if (isHttp(protocol)) return `http.${listenerPort}${suffix}`;
  if (protocol !== 'HTTPS' || passesThrough(tls)) return undefined;
  return `https.${port}.${portName}.${gateway.name}.${gateway.namespace}${suffix}`;
}

export type HttpContext = Pick<RoutePlace, 'services' | 'defaultRetry' | 'withoutSecrets'> & {
  readonly proxy: ProxyFacts;
};

/** `servers`: those that istiod keeps, in its order. */
export function translateConfigurations(
  servers: readonly GatewayServer[],
  virtualServices: readonly MergedVirtualService[],
  context: HttpContext,
): TranslatedConfiguration[] {
  const named = servers.flatMap((server) => {
    const name = routeConfigurationOf(server);
    return name === undefined ? [] : [{ name, server }];
  });
  const byGateway = new Map<string, MergedVirtualService[]>();
  for (const one of virtualServices)
    for (const gateway of new Set(one.gateways)) byGateway.set(gateway, [...(byGateway.get(gateway) ?? []), one]);
  return [...Map.groupBy(named, ({ name }) => name)].map(([name, group]) => ({
    name,
    hosts: translateHosts(
      name,
      group.map(({ server }) => server),
      byGateway,
      context,
    ),
  }));
}

interface OpenHost {
  readonly routes: TranslatedRoute[];
  readonly servers: Set<GatewayServer>;
  requireTls: VirtualHost['requireTls'];
}

function translateHosts(
  routeConfiguration: string,
  servers: readonly GatewayServer[],
  byGateway: ReadonlyMap<string, readonly MergedVirtualService[]>,
  context: HttpContext,
): TranslatedHost[] {
  const hosts = new Map<string, OpenHost>();
  const open = (host: string, server: GatewayServer): OpenHost => {
    const found = hosts.get(host) ?? { routes: [], servers: new Set(), requireTls: 'none' as const };
    found.servers.add(server);
    if (server.tls?.httpsRedirect) found.requireTls = 'all';
    hosts.set(host, found);
    return found;
  };
  const routesOf = routesByGateway(context);
  for (const server of servers) {
    for (const one of byGateway.get(keyOf(server.gateway)) ?? [])
      for (const { host, routes } of routesInto(server, one, routesOf)) open(host, server).routes.push(...routes);
    if (server.tls?.httpsRedirect) for (const host of server.hosts) open(host.toLowerCase(), server);
  }
  return [...hosts].map(([host, { routes, servers: from, requireTls }]) => ({
    routeConfiguration,
    host,
    requireTls,
    routes: inOrder(routes),
    servers: [...from],
  }));
}

type RoutesOf = (server: GatewayServer, one: MergedVirtualService) => readonly TranslatedRoute[];

function routesInto(
  server: GatewayServer,
  one: MergedVirtualService,
  routesOf: RoutesOf,
): Pick<TranslatedHost, 'host' | 'routes'>[] {
  const shared = sharedHosts(server, one);
  const routes = shared.length === 0 ? [] : routesOf(server, one);
  return routes.length === 0 ? [] : shared.map((host) => ({ host: host.toLowerCase(), routes }));
}

/** istiod makes the routes of a VirtualService once for each Gateway: with the port of its first server. */
function routesByGateway({ proxy, ...place }: HttpContext): RoutesOf {
  const known = new Map<string, readonly TranslatedRoute[]>();
  return (server, one) => {
    const gateway = keyOf(server.gateway);
    const key = `${gateway} ${keyOf(one.ref)}`;
    const routes =
      known.get(key) ??
      translateRoutes(one, gateway, proxy, { ...place, port: server.port, isTls: server.tls !== undefined });
    known.set(key, routes);
    return routes;
  };
}

/** Routes that take everything go to the end; so the oldest VirtualService's wins. Source: SortVHostRoutes. */
function inOrder(routes: readonly TranslatedRoute[]): TranslatedRoute[] {
  const isLast = ({ route }: TranslatedRoute): boolean => isCatchAll(route.match);
  return [...routes.filter((one) => !isLast(one)), ...routes.filter(isLast)].map((one, index) => ({
    ...one,
    route: { ...one.route, position: index + 1 },
  }));
}

/** Of two hosts, one of which is part of the other, the smaller. */
function sharedHosts(server: Pick<GatewayServer, 'hosts'>, { hosts, ref }: MergedVirtualService): string[] {
  const shared = hostsForNamespace(server.hosts, ref.namespace).flatMap((own) =>
    hosts.flatMap((other) => (takesHost(other, own) ? [own] : takesHost(own, other) ? [other] : [])),
  );
  return [...new Set(shared)];
}
