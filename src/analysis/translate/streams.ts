// Where connections go that a gateway does not read as HTTP: passed through by their server name, or as TCP, with or
// without its own TLS. Source: istio pilot/pkg/networking/core/gateway.go createGatewayTCPFilterChainOpts,
// buildGatewayNetworkFiltersFromTCPRoutes, buildGatewayNetworkFiltersFromTLSRoutes.

import { type GatewayServer, isForServices, passesThrough, plainHost } from '#analysis/istio/gateway-merge.ts';
import { hostsForNamespace, hostsMeet } from '#analysis/istio/host-names.ts';
import type { L4Match, RouteDestination } from '#analysis/istio/virtual-service.ts';
import { keyOf } from '#analysis/istio/virtual-service-binding.ts';
import type { Listener } from '#model/listener.ts';
import type { Stream } from '#model/preview.ts';
import type { WeightedCluster } from '#model/route.ts';
import { clusterOf, type Services } from './destinations.ts';
import type { MergedVirtualService } from './merged-virtual-services.ts';
import { routeConfigurationOf } from './route-configurations.ts';

/** What becomes one filter chain. */
export interface TranslatedStream extends Stream {
  readonly server: GatewayServer;
  /** Sorted, without `*`; empty: any connection. */
  readonly serverNames: readonly string[];
  /** What istiod may do otherwise, and why. */
  readonly unsure: readonly string[];
}

/** `servers`: those that istiod keeps, in its order. */
export function translateStreams(
  servers: readonly GatewayServer[],
  virtualServices: readonly MergedVirtualService[],
  services: Services,
): TranslatedStream[] {
  const taken = new Map<string, Set<string>>();
  return inOrderOfPorts(servers.filter((server) => routeConfigurationOf(server) === undefined)).flatMap((server) => {
    const own = virtualServices.filter((one) => isBound(one, server));
    const { listenerPort, bind, tls } = server;
    if (!tls || !passesThrough(tls)) return tcpStream(server, own, services);
    if (isForServices(server)) return [];
    const known = taken.get(`${listenerPort} ${bind}`) ?? new Set<string>();
    taken.set(`${listenerPort} ${bind}`, known);
    return tlsStreams(server, own, { services, known });
  });
}

/** Those with equal port, protocol and bind stand together, where the first of them is. */
const inOrderOfPorts = (servers: readonly GatewayServer[]): GatewayServer[] =>
  [
    ...Map.groupBy(servers, ({ listenerPort, protocol, bind }) => `${listenerPort} ${protocol} ${bind}`).values(),
  ].flat();

const isBound = ({ gateways, hosts, ref }: MergedVirtualService, { gateway, hosts: open }: GatewayServer): boolean =>
  gateways.includes(keyOf(gateway)) &&
  hostsForNamespace(open, ref.namespace).some((own) => hosts.some((host) => hostsMeet(own, host)));

/** Of all VirtualServices the first route whose match is for the server, and that leads somewhere. */
function tcpStream(
  server: GatewayServer,
  virtualServices: readonly MergedVirtualService[],
  services: Services,
): TranslatedStream[] {
  const found = virtualServices.flatMap(({ ref, tcp }) =>
    tcp
      .filter(({ match = [], route = [] }) => route.length > 0 && (match.length === 0 || match.some(isFor(server))))
      .map(({ route = [] }) => ({ ref, route })),
  );
  const [first] = found;
  if (!first) return [];
  const names = server.tls ? server.hosts.map(plainHost) : [];
  const { clusters, unsure } = clustersOf(first.route, server, services);
  return [
    { server, serverNames: serverNamesOf(names), endsTls: server.tls !== undefined, clusters, unsure, from: first.ref },
  ];
}

/** Labels and namespaces of sources say nothing of a gateway's clients, and istiod does not look at them here. */
const isFor =
  ({ port, gateway }: GatewayServer) =>
  (match: L4Match): boolean =>
    (!match.port || match.port === port) && (!match.gateways?.length || match.gateways.includes(keyOf(gateway)));

/** One for each match; one with a server name that is taken on the port is left out whole. */
function tlsStreams(
  server: GatewayServer,
  virtualServices: readonly MergedVirtualService[],
  { services, known }: { readonly services: Services; readonly known: Set<string> },
): TranslatedStream[] {
  const matches = virtualServices.flatMap(({ ref, tls }) =>
    tls.flatMap(({ match = [], route = [] }) =>
      route.length === 0 ? [] : match.filter(isFor(server)).map(({ sniHosts = [] }) => ({ ref, route, sniHosts })),
    ),
  );
  return matches.flatMap(({ ref, route, sniHosts }) => {
    if (sniHosts.some((host) => known.has(host))) return [];
    for (const host of sniHosts) known.add(host);
    const { clusters, unsure } = clustersOf(route, server, services);
    return [{ server, serverNames: serverNamesOf(sniHosts), endsTls: false, clusters, unsure, from: ref }];
  });
}

/** As a filter chain has them. */
export const serverNamesOf = (names: readonly string[]): string[] =>
  names.includes('*') ? [] : [...new Set(names.map((name) => name.toLowerCase()))].sort();

/** A weight of 0 counts only where it is alone. */
function clustersOf(
  route: readonly RouteDestination[],
  { port }: GatewayServer,
  services: Services,
): { readonly clusters: readonly WeightedCluster[]; readonly unsure: readonly string[] } {
  const shares =
    route.length === 1 ? route.map((one) => ({ ...one, weight: 1 })) : route.filter(({ weight }) => weight);
  const found = shares.map(({ destination, weight = 0 }) => ({ ...clusterOf(destination, services, port), weight }));
  return {
    clusters: found.map(({ cluster, weight }) => ({ cluster, weight })),
    unsure: found.flatMap(({ unsure }) => unsure ?? []),
  };
}

/** By port, address and server name, `*` for any. Keys look like those of hosts in route configurations. */
export const streamsByHost = (streams: readonly TranslatedStream[]): ReadonlyMap<string, TranslatedStream> =>
  new Map(
    streams.flatMap((stream) =>
      hostsOfChain(stream.serverNames).map((host) => [streamKey(stream.server, host), stream] as const),
    ),
  );

export const hostsOfChain = (serverNames: readonly string[]): readonly string[] =>
  serverNames.length === 0 ? ['*'] : serverNames;

export const streamKey = ({ listenerPort, bind }: Pick<GatewayServer, 'listenerPort' | 'bind'>, host: string): string =>
  `tcp.${listenerPort}${bind === '' ? '' : `.${bind}`} ${host}`;

/** The same of what a listener has. A server without `bind` listens everywhere. */
export const servedStreamKey = ({ address, port }: Pick<Listener, 'address' | 'port'>, host: string): string =>
  streamKey({ listenerPort: port, bind: address === '0.0.0.0' || address === '::' ? '' : address }, host);
