// What pods would hold: what they hold now, with the hosts that change put in their place as they were translated. So
// everything that no change touches stays as it is served, whether this tool could have translated it or not.

import type { GatewayServer, ServerTls } from '#analysis/istio/gateway-merge.ts';
import { hostOfDomain } from '#core/host.ts';
import { raw } from '#model/content.ts';
import type { DownstreamTls, FilterChain, HttpHandler, Listener } from '#model/listener.ts';
import type { RouteConfiguration, VirtualHost } from '#model/route.ts';
import { routeConfigurationOf, type TranslatedHost } from './route-configurations.ts';
import { hostKey, hostsOf, type Translation } from './translate.ts';

/** `changed`: of `hostKey`. */
export function predictedRoutes(
  served: readonly RouteConfiguration[],
  after: Translation,
  changed: ReadonlySet<string>,
): RouteConfiguration[] {
  const hosts = hostsOf(after);
  const wanted = after.configurations.map(({ name }) => name);
  const known = new Set(served.map(({ name }) => name));
  const touched = new Set([...changed].map((key) => key.slice(0, key.indexOf(' '))));
  const news = wanted.filter((name) => !known.has(name)).map(emptyConfiguration);
  return [...served, ...news]
    .filter(({ name }) => !touched.has(name) || wanted.includes(name))
    .map((one) => (touched.has(one.name) ? withHosts(one, changed, hosts) : one));
}

const emptyConfiguration = (name: string): RouteConfiguration => ({
  name,
  state: 'active',
  lastUpdated: undefined,
  rejected: undefined,
  ignorePortInHostMatching: true,
  virtualHosts: [],
});

function withHosts(
  { [raw]: _, ...configuration }: RouteConfiguration,
  changed: ReadonlySet<string>,
  hosts: ReadonlyMap<string, TranslatedHost>,
): RouteConfiguration {
  const { name } = configuration;
  const isChanged = (domain: string): boolean =>
    changed.has(hostKey({ routeConfiguration: name, host: hostOfDomain(domain) }));
  const kept = configuration.virtualHosts.flatMap((virtualHost) => withoutDomains(virtualHost, isChanged));
  const made = [...hosts.values()].filter((host) => host.routeConfiguration === name && changed.has(hostKey(host)));
  const virtualHosts = [...kept.filter((one) => made.length === 0 || !isBlackhole(one)), ...made.map(virtualHostOf)];
  return { ...configuration, virtualHosts };
}

function withoutDomains(virtualHost: VirtualHost, isChanged: (domain: string) => boolean): VirtualHost[] {
  const domains = virtualHost.domains.filter((domain) => !isChanged(domain));
  if (domains.length === virtualHost.domains.length) return [virtualHost];
  const { [raw]: _, ...rest } = virtualHost;
  return domains.length === 0 ? [] : [{ ...rest, domains }];
}

/** What istiod gives a route configuration without hosts. */
const isBlackhole = ({ name }: VirtualHost): boolean => name.startsWith('blackhole:');

const virtualHostOf = ({ host, requireTls, routes, servers }: TranslatedHost): VirtualHost => ({
  name: `${host}:${servers[0]?.port ?? 0}`,
  domains: [host],
  requireTls,
  routes: routes.map(({ route }) => route),
  hasMatcherTree: false,
});

/** Filter chains of servers that come, go or change; a listener for a port that had none. */
export function predictedListeners(served: readonly Listener[], before: Translation, after: Translation): Listener[] {
  const [old, young] = [chainsOf(before), chainsOf(after)];
  const touched = new Set(
    [...old.keys(), ...young.keys()].filter((name) => old.get(name)?.content !== young.get(name)?.content),
  );
  if (touched.size === 0) return [...served];
  const handler = likeliestHandler(served);
  const added = [...young].filter(([name]) => touched.has(name));
  const byPort = Map.groupBy(added, ([, { server }]) => server.listenerPort);
  const kept = served.map((listener) => {
    const chains = listener.filterChains.filter((chain) => !touched.has(routesOf(chain) ?? ''));
    const own = isOpen(listener) ? (byPort.get(listener.port) ?? []) : [];
    if (chains.length === listener.filterChains.length && own.length === 0) return listener;
    const { [raw]: _, ...rest } = listener;
    return { ...rest, filterChains: [...chains, ...own.map(([name, { server }]) => chainOf(name, server, handler))] };
  });
  const ports = new Set(served.filter(isOpen).map(({ port }) => port));
  const opened = [...byPort].filter(([port]) => !ports.has(port));
  return [
    ...kept.filter(
      ({ filterChains, defaultFilterChain }, at) =>
        filterChains.length > 0 || defaultFilterChain || served[at]?.filterChains.length === 0,
    ),
    ...opened.map(([port, group]) =>
      newListener(
        port,
        group.map(([name, { server }]) => chainOf(name, server, handler)),
      ),
    ),
  ];
}

const isOpen = ({ state, transport }: Listener): boolean => state !== 'draining' && transport === undefined;

const routesOf = ({ handler }: FilterChain): string | undefined =>
  handler.kind === 'http' ? handler.routeConfiguration : undefined;

interface ServerChain {
  readonly server: GatewayServer;
  readonly content: string;
}

/** By route configuration: of servers that end TLS one each, of plain HTTP one for the port. */
function chainsOf({ servers }: Translation): Map<string, ServerChain> {
  const chains = new Map<string, ServerChain>();
  for (const server of servers) {
    const name = routeConfigurationOf(server);
    if (name === undefined || chains.has(name)) continue;
    const { listenerPort, bind, tls, hosts, isTls } = server;
    chains.set(name, { server, content: JSON.stringify([listenerPort, bind, isTls && [tls, hosts]]) });
  }
  return chains;
}

function chainOf(name: string, { isTls, hosts, tls }: GatewayServer, handler: HttpHandler): FilterChain {
  const serverNames = isTls ? [...new Set(hosts.map((host) => host.slice(host.indexOf('/') + 1)))].sort() : [];
  return {
    name: undefined,
    match: { ...anyConnection, serverNames: serverNames.includes('*') ? [] : serverNames },
    tls: isTls && tls ? downstreamTls(tls) : undefined,
    handler: { ...handler, routeConfiguration: name },
    networkFilters: [],
  };
}

const anyConnection: FilterChain['match'] = {
  serverNames: [],
  transportProtocol: undefined,
  applicationProtocols: [],
  destinationPort: undefined,
  destinationPrefixes: [],
  sourcePrefixes: [],
  directSourcePrefixes: [],
  sourcePorts: [],
  sourceType: 'any',
};

/** Source: istio pilot/pkg/networking/core/listener.go BuildListenerTLSContext, pilot/pkg/security/model. */
function downstreamTls({ mode, credentialName, credentialNames = [] }: ServerTls): DownstreamTls {
  const names = credentialNames.length > 0 ? credentialNames : [credentialName ?? ''];
  const isMutual = mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  const sdsNames = names.filter((one) => one !== '').map(sdsName);
  return {
    mode: isMutual ? mode : 'SIMPLE',
    certificates: sdsNames,
    clientCa: isMutual && sdsNames[0] !== undefined ? `${sdsNames[0]}-cacert` : undefined,
    alpn: ['h2', 'http/1.1'],
    minVersion: undefined,
    maxVersion: undefined,
  };
}

/** Source: istio pilot/pkg/model/credentials/resource.go ToResourceName. */
export const sdsName = (credential: string): string =>
  credential.includes('://') ? credential : `kubernetes://${credential}`;

/** Settings of connections are the mesh's, and so the same for every server. */
const likeliestHandler = (listeners: readonly Listener[]): HttpHandler =>
  listeners
    .flatMap(({ filterChains }) => filterChains)
    .map(({ handler }) => handler)
    .find((handler): handler is HttpHandler => handler.kind === 'http' && handler.routeConfiguration !== undefined) ??
  usualHandler;

const usualHandler: HttpHandler = {
  kind: 'http',
  routeConfiguration: undefined,
  inlineRoutes: undefined,
  httpFilters: [],
  normalizePath: true,
  mergeSlashes: false,
  escapedSlashes: undefined,
  stripHostPort: undefined,
  stripTrailingHostDot: false,
  useRemoteAddress: true,
  accessLogs: [],
};

const newListener = (port: number, filterChains: readonly FilterChain[]): Listener => ({
  name: `0.0.0.0_${port}`,
  state: 'active',
  lastUpdated: undefined,
  address: '0.0.0.0',
  port,
  additionalAddresses: [],
  rejected: undefined,
  filterChains,
  defaultFilterChain: undefined,
  hasMatcherTree: false,
  listenerFilters: [],
});
