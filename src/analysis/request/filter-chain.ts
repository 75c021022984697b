// Which filter chain a connection gets: nested look-ups, at each level the most specific key that exists, and no way
// back. Source: envoy source/common/listener_manager/filter_chain_manager_impl.cc, findFilterChain.

import type { FilterChain, FilterChainMatch, Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';

/** What the connection brings. Addresses are not known from outside: chains that ask for them are a caveat. */
export interface Connection {
  readonly serverName: string | undefined;
  readonly isTls: boolean;
  /** Absent: TCP. */
  readonly isQuic?: boolean;
  /** In the client's order. */
  readonly alpn: readonly string[];
  readonly port: number;
}

/**
 * Only the TLS inspector reads the client's hello: without it, every connection is plain text to Envoy. QUIC needs none,
 * and its protocol is always `h3`. Source: envoy source/common/quic/envoy_quic_dispatcher.cc CreateQuicSession.
 */
export function connectionOf(
  { listenerFilters, transport }: Pick<Listener, 'listenerFilters' | 'transport'>,
  { scheme, sni, alpn }: Pick<Request, 'scheme' | 'sni' | 'alpn'>,
  port: number,
): Connection {
  if (transport === 'UDP') return { serverName: sni, isTls: true, isQuic: true, alpn: ['h3'], port };
  const isInspected = listenerFilters.some((name) => /tls_?inspector\)?$/i.test(name));
  return isInspected
    ? { serverName: sni, isTls: scheme === 'https', alpn, port }
    : { serverName: undefined, isTls: false, alpn: [], port };
}

export interface ChainChoice {
  readonly chain: FilterChain | undefined;
  /** Nothing matched and the listener's default chain takes it. */
  readonly isDefault: boolean;
  /** The server name that matched: exact, `*.suffix`, or undefined where the chain takes any. */
  readonly serverName: string | undefined;
  /** The level at which nothing matched. */
  readonly failedAt: LevelName | undefined;
  /** Chains that also ask for addresses of the connection, which this tool does not know. */
  readonly asksForAddresses: boolean;
}

type LevelName = 'destination port' | 'server name' | 'transport protocol' | 'application protocol';

interface Level {
  readonly name: LevelName;
  readonly keysOf: (match: FilterChainMatch) => readonly string[];
  /** What this connection looks up, most specific first; `any` stands for chains that do not ask. */
  readonly lookups: readonly string[];
}

const any = '';

export function chooseFilterChain(listener: Listener, connection: Connection): ChainChoice {
  let chains = listener.filterChains;
  let serverName: string | undefined;
  for (const level of levelsFor(connection)) {
    const key = level.lookups.find((lookup) => chains.some((chain) => hasKey(level, chain, lookup)));
    if (key === undefined) return byDefault(listener, level.name);
    chains = chains.filter((chain) => hasKey(level, chain, key));
    if (level.name === 'server name') serverName = key === any ? undefined : key;
  }
  const unaddressed = chains.find((chain) => !asksForAddresses(chain.match));
  return {
    chain: unaddressed ?? chains[0],
    isDefault: false,
    serverName,
    failedAt: undefined,
    asksForAddresses: chains.some((chain) => asksForAddresses(chain.match)),
  };
}

function levelsFor(connection: Connection): Level[] {
  return [
    {
      name: 'destination port',
      keysOf: (match) => (match.destinationPort === undefined ? [] : [String(match.destinationPort)]),
      lookups: [String(connection.port), any],
    },
    { name: 'server name', keysOf: (match) => match.serverNames, lookups: serverNameLookups(connection.serverName) },
    {
      name: 'transport protocol',
      keysOf: (match) => (match.transportProtocol === undefined ? [] : [match.transportProtocol]),
      lookups: [connection.isQuic ? 'quic' : connection.isTls ? 'tls' : 'raw_buffer', any],
    },
    { name: 'application protocol', keysOf: (match) => match.applicationProtocols, lookups: [...connection.alpn, any] },
  ];
}

/** `a.b.c` looks for itself, `*.b.c`, `*.c`, then for chains without server names. */
export function serverNameLookups(serverName: string | undefined): string[] {
  if (serverName === undefined) return [any];
  const name = serverName.toLowerCase();
  const labels = name.split('.');
  return [name, ...labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`), any];
}

function hasKey(level: Level, chain: FilterChain, key: string): boolean {
  const keys = level.keysOf(chain.match);
  return key === any ? keys.length === 0 : keys.includes(key);
}

const asksForAddresses = (match: FilterChainMatch): boolean =>
  match.destinationPrefixes.length +
    match.sourcePrefixes.length +
    match.directSourcePrefixes.length +
    match.sourcePorts.length >
    0 || match.sourceType !== 'any';

function byDefault(listener: Listener, failedAt: LevelName): ChainChoice {
  return {
    chain: listener.defaultFilterChain,
    isDefault: listener.defaultFilterChain !== undefined,
    serverName: undefined,
    failedAt,
    asksForAddresses: false,
  };
}
