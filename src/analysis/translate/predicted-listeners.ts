// The listeners that pods would hold: those that they hold now, with the filter chains of what changes put in their place.

import { type GatewayServer, isForServices, plainHost, type ServerTls } from '#analysis/istio/gateway-merge.ts';
import { raw } from '#model/content.ts';
import type { DownstreamTls, FilterChain, HttpHandler, Listener } from '#model/listener.ts';
import { matchesForServices } from './auto-passthrough.ts';
import { routeConfigurationOf } from './route-configurations.ts';
import { servedStreamKey, serverNamesOf, streamKey, type TranslatedStream } from './streams.ts';
import type { Translation } from './translate.ts';

/** What is made of objects, and the names of the clusters beside it. */
export interface TranslatedWorld {
  readonly translation: Translation;
  readonly clusters: readonly string[];
}

/** Filter chains of servers that come, go or change; a listener for a port that had none. */
export function predictedListeners(
  served: readonly Listener[],
  before: TranslatedWorld,
  after: TranslatedWorld,
): Listener[] {
  const [old, young] = [chainsOf(before), chainsOf(after)];
  const touched = new Set(
    [...old.keys(), ...young.keys()].filter((name) => old.get(name)?.content !== young.get(name)?.content),
  );
  if (touched.size === 0) return [...served];
  const handler = likeliestHandler(served);
  const added = [...young].flatMap(([name, chain]) => (touched.has(name) ? [chain] : []));
  const byPort = Map.groupBy(added, ({ port }) => port);
  const kept = served.map((listener) => {
    const chains = listener.filterChains.filter((chain) => !touched.has(keyOfChain(listener, chain)));
    const { state, port, transport } = listener;
    const made = state === 'draining' ? [] : (byPort.get(port) ?? []).map(({ chain }) => chain(handler));
    const own = transport === 'UDP' ? made.flatMap(overQuic) : made;
    if (chains.length === listener.filterChains.length && own.length === 0) return listener;
    const { [raw]: _, ...rest } = listener;
    const filterChains = [...chains, ...own];
    if (transport === 'UDP') return { ...rest, filterChains };
    return { ...rest, filterChains, listenerFilters: withInspector(listener.listenerFilters, filterChains) };
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
        group.map(({ chain }) => chain(handler)),
      ),
    ),
  ];
}

/** Of a listener of QUIC, which has no passthrough. Source: listener.go BuildListenerTLSContext. */
const overQuic = (chain: FilterChain): FilterChain[] =>
  chain.tls === undefined || chain.handler.kind !== 'http'
    ? []
    : [
        {
          ...chain,
          tls: { ...chain.tls, alpn: ['h3'], mode: chain.tls.mode === 'MUTUAL' ? 'OPTIONAL_MUTUAL' : chain.tls.mode },
        },
      ];

/** Without it Envoy does not know of server names. Source: listener.go buildGatewayListener. */
function withInspector(names: readonly string[], chains: readonly FilterChain[]): readonly string[] {
  const inspector = 'envoy.filters.listener.tls_inspector';
  const isNeeded = chains.some(({ tls, match }) => tls !== undefined || match.serverNames.length > 0);
  return isNeeded && !names.includes(inspector) ? [...names, inspector] : names;
}

const isOpen = ({ state, transport }: Listener): boolean => state !== 'draining' && transport === undefined;

/** As `chainsOf` names it. */
function keyOfChain(listener: Listener, { handler, match }: FilterChain): string {
  if (handler.kind === 'http') return handler.routeConfiguration ?? '';
  return handler.kind === 'tcp' ? servedStreamKey(listener, match.serverNames.toSorted().join()) : '';
}

interface AskedChain {
  readonly port: number;
  readonly content: string;
  chain(handler: HttpHandler): FilterChain;
}

/** Of servers that end TLS one each, of plain HTTP one for the port, each stream, and what is for Services. */
function chainsOf({ translation: { servers, streams }, clusters }: TranslatedWorld): Map<string, AskedChain> {
  const chains = new Map<string, AskedChain>();
  for (const server of servers) {
    const name = routeConfigurationOf(server);
    if (name === undefined || chains.has(name)) continue;
    const { listenerPort, bind, tls, hosts, isTls } = server;
    chains.set(name, {
      port: listenerPort,
      content: JSON.stringify([listenerPort, bind, isTls && [tls, hosts]]),
      chain: (handler) => chainOf(name, server, handler),
    });
  }
  for (const stream of streams)
    chains.set(streamKey(stream.server, stream.serverNames.join()), {
      port: stream.server.listenerPort,
      content: streamContent(stream),
      chain: () => streamChain(stream),
    });
  for (const server of servers.filter(isForServices))
    for (const match of matchesForServices(server, clusters))
      chains.set(streamKey(server, match.serverNames.join()), {
        port: server.listenerPort,
        content: '',
        chain: () => ({
          name: undefined,
          match: { ...anyConnection, ...match },
          tls: undefined,
          handler: {
            kind: 'tcp',
            clusters: match.serverNames.map((cluster) => ({ cluster, weight: 1 })),
            accessLogs: [],
          },
          networkFilters: [],
        }),
      });
  return chains;
}

const streamContent = ({ server: { tls }, serverNames, endsTls, clusters }: TranslatedStream): string =>
  JSON.stringify([serverNames, endsTls && tls, clusters]);

export const streamChain = ({ server: { tls }, serverNames, endsTls, clusters }: TranslatedStream): FilterChain => ({
  name: undefined,
  match: { ...anyConnection, serverNames },
  tls: endsTls && tls ? downstreamTls(tls) : undefined,
  handler: { kind: 'tcp', clusters, accessLogs: [] },
  networkFilters: [],
});

function chainOf(name: string, { isTls, hosts, tls }: GatewayServer, handler: HttpHandler): FilterChain {
  return {
    name: undefined,
    match: { ...anyConnection, serverNames: isTls ? serverNamesOf(hosts.map(plainHost)) : [] },
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
  listenerFilters: withInspector([], filterChains),
});
