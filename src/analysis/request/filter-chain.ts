// Which filter chain a connection gets: nested look-ups, at each level the most specific key that exists, and no way
// back. Source: envoy source/common/listener_manager/filter_chain_manager_impl.cc, findFilterChain.

import { networkTest } from '#core/network.ts';
import type { FilterChain, FilterChainMatch, Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';

/** What the connection brings. The client's address is not known from outside: chains that ask for it are a caveat. */
export interface Connection {
  readonly serverName: string | undefined;
  readonly isTls: boolean;
  /** Absent: TCP. */
  readonly isQuic?: boolean;
  /** In the client's order. */
  readonly alpn: readonly string[];
  readonly port: number;
  /** The address that it comes to, the pod's; absent: not known. */
  readonly address?: string | undefined;
}

/**
 * Only the TLS inspector reads the client's hello: without it, every connection is plain text to Envoy. QUIC needs none,
 * and its protocol is always `h3`. Source: envoy source/common/quic/envoy_quic_dispatcher.cc CreateQuicSession. What the
 * HTTP inspector finds in plain text counts as the protocol that the client offers (http_inspector.cc done).
 */
export function connectionOf(
  { listenerFilters, transport }: Pick<Listener, 'listenerFilters' | 'transport'>,
  { scheme, sni, alpn }: Pick<Request, 'scheme' | 'sni' | 'alpn'>,
  port: number,
  address?: string,
): Connection {
  const to = { port, ...(address === undefined ? {} : { address }) };
  if (transport === 'UDP') return { serverName: sni, isTls: true, isQuic: true, alpn: ['h3'], ...to };
  const isInspected = (by: RegExp): boolean => listenerFilters.some((name) => by.test(name));
  if (scheme === 'https' && isInspected(/tls_?inspector\)?$/i)) return { serverName: sni, isTls: true, alpn, ...to };
  const plain = scheme === 'http' && isInspected(/http_?inspector\)?$/i) ? ['http/1.1'] : [];
  return { serverName: undefined, isTls: false, alpn: plain, ...to };
}

export interface ChainChoice {
  readonly chain: FilterChain | undefined;
  /** Nothing matched and the listener's default chain takes it. */
  readonly isDefault: boolean;
  /** The server name that matched: exact, `*.suffix`, or undefined where the chain takes any. */
  readonly serverName: string | undefined;
  /** The level at which nothing matched. */
  readonly failedAt: LevelName | undefined;
  /** The chain asks for addresses of the connection that are not known, as all do that are left. */
  readonly isByAddress: boolean;
  /** What connections of other addresses get; undefined: no chain, and an end. */
  readonly others: readonly (FilterChain | undefined)[];
}

type LevelName =
  | 'destination port'
  | 'destination address'
  | 'server name'
  | 'transport protocol'
  | 'application protocol';

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
  const asks = asksFor(connection);
  for (const level of levelsFor(connection, chains)) {
    const key = level.lookups.find((lookup) => chains.some((chain) => hasKey(level, chain, lookup)));
    if (key === undefined) return byDefault(listener, level.name);
    chains = chains.filter((chain) => hasKey(level, chain, key));
    if (level.name === 'server name') serverName = key === any ? undefined : key;
  }
  const unaddressed = chains.find((chain) => !asks(chain));
  const chain = unaddressed ?? chains[0];
  const addressed = chains.filter((one) => one !== chain && asks(one));
  return {
    chain,
    isDefault: false,
    serverName,
    failedAt: undefined,
    isByAddress: unaddressed === undefined,
    others: unaddressed || areForAll(chains) ? addressed : [...addressed, listener.defaultFilterChain],
  };
}

function levelsFor(connection: Connection, chains: readonly FilterChain[]): Level[] {
  const { address } = connection;
  return [
    {
      name: 'destination port',
      keysOf: (match) => (match.destinationPort === undefined ? [] : [String(match.destinationPort)]),
      lookups: [String(connection.port), any],
    },
    ...(address === undefined ? [] : [addressLevel(address, chains)]),
    { name: 'server name', keysOf: (match) => match.serverNames, lookups: serverNameLookups(connection.serverName) },
    {
      name: 'transport protocol',
      keysOf: (match) => (match.transportProtocol === undefined ? [] : [match.transportProtocol]),
      lookups: [connection.isQuic ? 'quic' : connection.isTls ? 'tls' : 'raw_buffer', any],
    },
    { name: 'application protocol', keysOf: (match) => match.applicationProtocols, lookups: [...connection.alpn, any] },
  ];
}

/** The longest prefix that holds the address. */
function addressLevel(address: string, chains: readonly FilterChain[]): Level {
  const prefixes = new Set(chains.flatMap(({ match }) => match.destinationPrefixes));
  const holding = [...prefixes].filter((prefix) => networkTest(prefix)?.(address));
  const lengthOf = (prefix: string): number => Number(prefix.split('/')[1]);
  return {
    name: 'destination address',
    keysOf: (match) => match.destinationPrefixes,
    lookups: [...holding.sort((a, b) => lengthOf(b) - lengthOf(a)), any],
  };
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

const asksFor =
  ({ address }: Connection) =>
  ({ match }: FilterChain): boolean =>
    (address === undefined ? match.destinationPrefixes.length : 0) +
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
    isByAddress: false,
    others: [],
  };
}

/** One is for clients of the pod itself, and one for all others. */
const areForAll = (chains: readonly FilterChain[]): boolean =>
  ['external', 'same-ip-or-loopback'].every((type) =>
    chains.some(
      ({ match }) =>
        match.sourceType === type &&
        [match.sourcePrefixes, match.directSourcePrefixes, match.sourcePorts].every((of) => of.length === 0),
    ),
  );

/** Of a chain that asks for addresses: `from 10.0.0.0/8`; empty where it asks for none. */
export function describeClients({ match }: FilterChain): string {
  const { destinationPrefixes, sourcePrefixes, directSourcePrefixes, sourcePorts, sourceType } = match;
  const parts = [
    ['from', sourcePrefixes],
    ['directly from', directSourcePrefixes],
    ['from port', sourcePorts],
    ['from', sourceType === 'external' ? ['another machine'] : sourceType === 'any' ? [] : ['the pod itself']],
  ] as const;
  const said = parts.flatMap(([how, of]) => (of.length === 0 ? [] : [`${how} ${of.join(' or ')}`])).join(', ');
  return said === '' && destinationPrefixes.length > 0 ? `of address ${destinationPrefixes.join(' or ')}` : said;
}
