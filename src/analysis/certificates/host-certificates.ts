// The certificate that each host's clients get from a pod: the filter chain that their server name chooses, and what
// Envoy holds for it.

import { gatewayOfChain } from '#analysis/istio/route-configuration-name.ts';
import { chooseFilterChain, serverNameLookups } from '#analysis/request/filter-chain.ts';
import { pendingUpdate } from '#analysis/request/pending-update.ts';
import { isTcp, ownAddress } from '#analysis/request/reached-listener.ts';
import { secretsOf } from '#analysis/request/served-chain.ts';
import { compareText } from '#core/compare.ts';
import { globMatcher } from '#core/glob.ts';
import type { Secret } from '#model/certificate.ts';
import { isClusterServerName } from '#model/cluster-name.ts';
import type { HostCertificate, Served } from '#model/host-certificate.ts';
import { type FilterChain, filterChainsOf, type Listener } from '#model/listener.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { ObjectRef } from '#model/resource.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
  /** Where the listener has its port at this address alone, beside others with the same port. */
  readonly address?: string | undefined;
}

/** A place and the filter chain that Envoy chooses for its clients. */
export interface ChosenChain extends Place {
  readonly why: HostCertificate['why'];
  readonly chain: FilterChain | undefined;
  readonly serverName: string | undefined;
  readonly openOverQuic?: string | undefined;
  /** The listener's own address. */
  readonly boundTo?: string | undefined;
  /** What may be the reason where there is no filter chain: an update of the listener that is not in force. */
  readonly update: string | undefined;
}

/**
 * Listeners that take new connections and look at the server name; those of the bootstrap are the proxy's own. One of
 * QUIC counts where no TCP listener has its port.
 */
function tlsListeners(listeners: readonly Listener[]): Listener[] {
  const looking = listeners.filter(
    (listener) => listener.state === 'active' && filterChainsOf(listener).some(looksAtTls),
  );
  const tcpPorts = new Set(listeners.filter(isTcp).map(({ port }) => port));
  return looking.filter((listener) => isTcp(listener) || !tcpPorts.has(listener.port));
}

/** Undefined where the listener has its port for itself, or takes connections to every address. */
function addressAmong(listener: Listener, all: readonly Listener[]): string | undefined {
  const isShared = all.some((other) => other !== listener && other.port === listener.port);
  return isShared ? ownAddress(listener) : undefined;
}

const looksAtTls = ({ tls, match }: FilterChain): boolean => tls !== undefined || match.serverNames.length > 0;

/** Every server name of the listeners with its port; `*` for chains that take any. */
export function placesOf(listeners: readonly Listener[]): Place[] {
  return tlsListeners(listeners).flatMap((listener, _, all) => {
    const address = addressAmong(listener, all);
    const names = filterChainsOf(listener)
      .filter(looksAtTls)
      .flatMap(({ match }) => (match.serverNames.length === 0 ? ['*'] : match.serverNames))
      .filter((name) => !isClusterServerName(name));
    const place = { port: listener.port, ...(address === undefined ? {} : { address }) };
    return [...new Set(names)].map((host) => ({ host, ...place }));
  });
}

/** The filter chain of each place; `places` may name hosts that no chain names. */
export function chainsOfPlaces(listeners: readonly Listener[], places: readonly Place[]): ChosenChain[] {
  const choosers = tlsListeners(listeners).map((listener, _, all) => ({
    port: listener.port,
    address: addressAmong(listener, all),
    boundTo: listener.address,
    choose: chooserOf(listener),
  }));
  const byPort = Map.groupBy(choosers, ({ port }) => port);
  const openOverQuic = openFinder(listeners);
  return places.map((place) => {
    const chosen = chooseAt(place, byPort.get(place.port) ?? []);
    const open = chosen.chain?.tls?.mode === 'MUTUAL' ? openOverQuic(place) : undefined;
    return {
      ...place,
      ...chosen,
      ...(open === undefined ? {} : { openOverQuic: open }),
      update: chosen.chain ? undefined : pendingUpdate(listeners, place.port)?.text,
    };
  });
}

/** The listener of QUIC at the port of a place that takes its clients and requires no certificate of them. */
function openFinder(listeners: readonly Listener[]): (place: Place) => string | undefined {
  const ofQuic = listeners
    .filter((listener) => listener.state === 'active' && !isTcp(listener))
    .map((listener) => ({ name: listener.name, port: listener.port, choose: chooserOf(listener) }));
  const isOpen = (chain: FilterChain | undefined): boolean => chain !== undefined && chain.tls?.mode !== 'MUTUAL';
  return (place) => ofQuic.find(({ port, choose }) => port === place.port && isOpen(choose(place).chain))?.name;
}

type Choice = Pick<ChosenChain, 'why' | 'chain' | 'serverName' | 'address' | 'boundTo'>;

interface Chooser {
  readonly address: string | undefined;
  readonly boundTo: string;
  readonly choose: (place: Place) => Pick<ChosenChain, 'why' | 'chain' | 'serverName'>;
}

const noListener: Choice = { why: 'no-listener', chain: undefined, serverName: undefined };

/**
 * A place without an address is asked for at every address of the port, first where connections to all of them are
 * taken: a Gateway that binds an address has its hosts there alone.
 */
function chooseAt(place: Place, choosers: readonly Chooser[]): Choice {
  const asked =
    place.address === undefined
      ? choosers.toSorted((a, b) => compareText(a.address ?? '', b.address ?? ''))
      : choosers.filter(({ address }) => address === place.address);
  const chosen = asked.map(({ address, boundTo, choose }) => ({
    ...choose(place),
    boundTo,
    ...(address === undefined ? {} : { address }),
  }));
  return chosen.find(({ chain }) => chain !== undefined) ?? chosen[0] ?? noListener;
}

/** What clients of today offer. */
const alpn = ['h2', 'http/1.1'];

function chooserOf(listener: Listener): Chooser['choose'] {
  const narrowed = byServerName(listener);
  return (place) => {
    if (listener.hasMatcherTree) return { why: 'matcher-tree', chain: undefined, serverName: undefined };
    const serverName = place.host === '*' ? undefined : place.host;
    const { chain, serverName: matched } = chooseFilterChain(narrowed(serverName), {
      serverName,
      isTls: true,
      ...(isTcp(listener) ? { alpn } : { alpn: ['h3'], isQuic: true }),
      port: place.port,
    });
    return { why: chain ? undefined : 'no-filter-chain', chain, serverName: matched };
  };
}

/**
 * The listener with only the chains that a server name can choose: of seven hundred chains one or two. Chains that ask
 * for a destination port are chosen by that first, so then nothing may be left out.
 */
function byServerName(listener: Listener): (serverName: string | undefined) => Listener {
  if (listener.filterChains.some(({ match }) => match.destinationPort !== undefined)) return () => listener;
  const index = new Map<string, FilterChain[]>();
  for (const chain of listener.filterChains) {
    for (const name of chain.match.serverNames.length === 0 ? [''] : chain.match.serverNames)
      index.set(name, [...(index.get(name) ?? []), chain]);
  }
  return (serverName) => {
    const chains = serverNameLookups(serverName).flatMap((name) => index.get(name) ?? []);
    return { ...listener, filterChains: [...new Set(chains)] };
  };
}

/** SDS names of all that these places need: certificates and the CAs of client certificates. */
export const secretsOfChains = (chosen: readonly ChosenChain[]): string[] =>
  [...new Set(chosen.flatMap(({ chain }) => secretsOf(chain?.tls)))].sort();

/**
 * The places that the user asks for: hosts and secrets by name or pattern, or all. A host that no filter chain names is
 * tried on every port, as a client would try it. It is kept where a chain takes it, or where no port has one.
 */
export function chooseChains(
  listeners: readonly Listener[],
  claimed: readonly Place[],
  asked: string | undefined,
): ChosenChain[] {
  const there = placesOf(listeners);
  const known = new Set(there.map(({ host, port }) => `${host}:${port}`));
  const missing = new Map(
    claimed
      .filter(({ host, port }) => !known.has(`${host}:${port}`))
      .map((place) => [`${place.host}:${place.port}`, place]),
  );
  const all = chainsOfPlaces(listeners, [...there, ...missing.values()]);
  if (asked === undefined) return all;
  const [hasHost, hasSecret] = [globMatcher(asked.toLowerCase()), secretMatcher(asked)];
  const found = all.filter(({ host, chain }) => hasHost(host) || secretsOf(chain?.tls).some(hasSecret));
  if (found.length > 0 || !/^[\w-]+(\.[\w-]+)+$/.test(asked)) return found;
  const ports = new Set(tlsListeners(listeners).map(({ port }) => port));
  const tried = chainsOfPlaces(
    listeners,
    [...ports].map((port) => ({ host: asked.toLowerCase(), port })),
  );
  const taken = tried.filter(({ chain }) => chain !== undefined);
  return taken.length > 0 ? taken : tried;
}

/** By SDS name, with or without what stands before `://`. */
export function secretMatcher(asked: string): (sdsName: string) => boolean {
  const matches = globMatcher(asked);
  return (name) => matches(name) || matches(name.replace(/^[a-z-]+:\/\//, ''));
}

/** Rows for secrets that no host uses: workload certificates, CAs of services. */
export const looseCertificates = (secrets: readonly Secret[]): HostCertificate[] =>
  secrets.map((envoySecret) => ({
    host: undefined,
    port: undefined,
    outcome: envoySecret.state === 'warming' ? 'none' : 'certificate',
    why: envoySecret.state === 'warming' ? 'not-loaded' : undefined,
    serverName: undefined,
    update: undefined,
    mode: undefined,
    gateway: undefined,
    secret: envoySecret.name,
    clientCa: undefined,
    waitsFor: envoySecret.state === 'warming' ? envoySecret.name : undefined,
    passesTo: [],
    envoySecret,
    served: undefined,
  }));

export type SecretRole = 'certificate' | 'client-ca';

interface RowOptions {
  /** The certificates that handshakes received. */
  readonly served?: ReadonlyMap<ChosenChain, Served>;
  /** The Gateways that are there. */
  readonly existing?: readonly ObjectRef[];
}

/** A row for each certificate of each place, or for the CA that its clients' certificates are checked with. */
export function hostCertificates(
  chosen: readonly ChosenChain[],
  secrets: readonly Secret[],
  part: SecretRole,
  { served = new Map(), existing = [] }: RowOptions = {},
): HostCertificate[] {
  const byName = new Map<string, Secret>();
  for (const secret of secrets) {
    // While an update warms, what was there before goes on serving.
    if (!byName.has(secret.name) || secret.state !== 'warming') byName.set(secret.name, secret);
  }
  return withServers(
    chosen.flatMap((choice) =>
      rowsOf(choice, byName, { part, existing }).map((row) => ({
        row: { ...row, served: served.get(choice) },
        routes: routesOf(choice),
      })),
    ),
  );
}

/** Rows of a Gateway that has several route configurations are told apart by these. */
function withServers(
  rows: readonly { readonly row: HostCertificate; readonly routes: string | undefined }[],
): HostCertificate[] {
  const byGateway = new Map<string, Set<string | undefined>>();
  const routesOfGateway = ({ gateway, port }: HostCertificate): Set<string | undefined> | undefined => {
    const key = gateway && `${port} ${gateway.namespace}/${gateway.name} ${gateway.part ?? ''}`;
    if (key === undefined) return undefined;
    const known = byGateway.get(key) ?? new Set();
    byGateway.set(key, known);
    return known;
  };
  for (const { row, routes } of rows) routesOfGateway(row)?.add(routes);
  return rows.map(({ row, routes }) =>
    (routesOfGateway(row)?.size ?? 0) > 1 && routes !== undefined ? { ...row, routeConfiguration: routes } : row,
  );
}

const routesOf = ({ chain }: ChosenChain): string | undefined =>
  chain?.handler.kind === 'http' ? chain.handler.routeConfiguration : undefined;

/** Whose filter chain it is, as the name of its route configuration tells; that itself where it does not. */
function gatewayOf(
  choice: ChosenChain,
  existing: readonly ObjectRef[],
): Pick<HostCertificate, 'gateway' | 'routeConfiguration'> {
  const { chain, boundTo } = choice;
  const gateway = chain && gatewayOfChain(chain, { existing, address: boundTo });
  const routes = routesOf(choice);
  return gateway || !routes?.startsWith('https.') ? { gateway } : { gateway, routeConfiguration: routes };
}

function rowsOf(
  choice: ChosenChain,
  secrets: ReadonlyMap<string, Secret>,
  { part, existing }: { readonly part: SecretRole; readonly existing: readonly ObjectRef[] },
): Omit<HostCertificate, 'served'>[] {
  const { host, port, address, chain, serverName, why, update, openOverQuic } = choice;
  const isLoaded = (name: string): boolean => (secrets.get(name)?.state ?? 'warming') !== 'warming';
  const waitsFor = secretsOf(chain?.tls).find((name) => !isLoaded(name));
  const names =
    part === 'certificate' ? (chain?.tls?.certificates ?? []) : [chain?.tls?.clientCa].flatMap((name) => name ?? []);
  if (part === 'client-ca' && names.length === 0) return [];
  const row = {
    host,
    port,
    ...(address === undefined ? {} : { address }),
    outcome: outcomeOf(chain, waitsFor),
    update,
    why: why ?? (waitsFor === undefined ? undefined : ('not-loaded' as const)),
    serverName,
    mode: chain?.tls?.mode,
    ...(openOverQuic === undefined ? {} : { openOverQuic }),
    ...(isWithoutHttp2(chain) ? { isWithoutHttp2: true as const } : {}),
    ...gatewayOf(choice, existing),
    clientCa: chain?.tls?.clientCa,
    waitsFor,
    passesTo: chain?.handler.kind === 'tcp' && !chain.tls ? chain.handler.clusters.map(({ cluster }) => cluster) : [],
  };
  if (names.length === 0) return [{ ...row, secret: undefined, envoySecret: undefined }];
  const clientSecret = part === 'certificate' ? secrets.get(row.clientCa ?? '') : undefined;
  return names.map((secret) => ({
    ...row,
    secret,
    envoySecret: secrets.get(secret),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  }));
}

const isWithoutHttp2 = (chain: FilterChain | undefined): boolean =>
  chain?.tls !== undefined && chain.tls.alpn.length > 0 && !chain.tls.alpn.includes('h2');

/** When each of the row's pods took the secret, by what each pod says of all its secrets. */
export function loadTimes(
  { value, pods }: OnPods<HostCertificate>,
  loaded: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    pods.flatMap((pod) => {
      const at = loaded.get(pod)?.get(value.secret ?? '');
      return at === undefined ? [] : [[pod, at]];
    }),
  );
}

function outcomeOf(chain: FilterChain | undefined, waitsFor: string | undefined): HostCertificate['outcome'] {
  if (!chain || waitsFor !== undefined) return 'none';
  return chain.tls ? 'certificate' : 'passthrough';
}
