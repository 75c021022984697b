// The way of one request through one pod: listener, filter chain, virtual host, route, cluster, endpoints, as Envoy
// decides it.

import { gatewayOfChain } from '#analysis/istio/route-configuration-name.ts';
import { withoutPort } from '#core/host.ts';
import type { Cluster } from '#model/cluster.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { FromEnvoy } from '#model/content.ts';
import { type Entry, type Explanation, type Outcome, type PassedKind, passed } from '#model/explanation.ts';
import { type FilterChain, type HttpHandler, type Listener, routesBehind } from '#model/listener.ts';
import type { Reason } from '#model/reason.ts';
import { headerOf, isHttp3, type Request } from '#model/request.ts';
import type { Route, RouteConfiguration, VirtualHost, WeightedCluster } from '#model/route.ts';
import { askedBy, refusalOfConnections } from './access-rules.ts';
import { connectionReuse, withReuse } from './connection-reuse.ts';
import { type Failure, fail } from './failure.ts';
import { activeFaults, delayOf, type FilterSetting, filterUnrouted } from './filter-answers.ts';
import {
  type AnsweringFilter,
  answeringHttpFilters,
  answeringNetworkFilters,
  listenerCaveats,
  type Told,
} from './filter-caveats.ts';
import { type ChainChoice, type Connection, chooseFilterChain, connectionOf, describeClients } from './filter-chain.ts';
import { answerAsGrpc, becomesGrpc, isGrpc } from './grpc.ts';
import { asAsked, overHttp3, unlikeHttp3 } from './http3.ts';
import { losingRoutes } from './losing-routes.ts';
import { nearestHosts } from './nearest-hosts.ts';
import { passedOver } from './passed-over.ts';
import { pendingUpdate } from './pending-update.ts';
import {
  isReachedFirst,
  isServing,
  listensOn,
  ownAddress,
  reachedListeners,
  type Target,
  targetOf,
  transportOf,
} from './reached-listener.ts';
import { refusedBy } from './refused-by.ts';
import { type Candidate, chooseRoute } from './route-choice.ts';
import { behaviourOf } from './route-match.ts';
import {
  clustersFor,
  clustersTaken,
  type Filtering,
  type Listening,
  routeOutcomes,
  type Serving,
  settingFor,
  settingOf,
  tcpOutcomes,
  whole,
} from './route-outcome.ts';
import { describeChain, failureOfTls } from './served-chain.ts';
import { handlerFor, refusedUpgrade, upgradeCaveat } from './upgrade.ts';
import { describeUnlisted } from './upstream.ts';
import { type FoundHost, findVirtualHost } from './virtual-host.ts';
import { isProtoOpen, receive } from './wire.ts';

/** What decides up to the route. */
type Deciding = Omit<Listening, 'clusters' | 'endpoints'>;
type Backing = Pick<PodConfiguration, 'clusters' | 'endpoints'>;

/** The way up to the clusters, which are not looked at. */
export interface WayToClusters {
  /** Names of those that the request may be sent to. */
  readonly clusters: readonly string[];
  /** Envoy answers before it has read the headers, and so every client alike. */
  readonly isUnread?: boolean;
  /** The whole way, once these clusters and their endpoints are known. */
  finish(backing: Backing): Explanation;
}

export const explain = (configuration: PodConfiguration, request: Request, entry: Entry): Explanation =>
  explainUpToRoute(configuration, request, entry).finish(configuration);

/** What clients of HTTP/3 meet otherwise is a caveat of the way over TCP. */
export function explainUpToRoute(configuration: Deciding, request: Request, entry: Entry): WayToClusters {
  const way = explainOver(configuration, request, entry);
  const [beside] = overHttp3(request)
    .filter((quic) => reachedListeners(configuration.listeners, targetOf(entry.listenerPort, quic)).length > 0)
    .map((quic) => explainOver(configuration, quic, entry));
  if (!beside) return way;
  return {
    ...way,
    clusters: [...new Set([...way.clusters, ...beside.clusters])],
    finish: (backing) => {
      const [tcp, quic] = [way.finish(backing), beside.finish(backing)];
      const unlike = unlikeHttp3(tcp, quic, ({ outcomes }) => describeBriefly(outcomes));
      return { ...tcp, caveats: [...tcp.caveats, ...unlike] };
    },
  };
}

/** By the listener that the connection reaches first; those that it may reach at another address are caveats. */
function explainOver(configuration: Deciding, sent: Request, entry: Entry): WayToClusters {
  const request = asAsked(sent, configuration.envoyVersion);
  const target = targetOf(entry.listenerPort, request, configuration.podIp);
  const reached = reachedListeners(configuration.listeners, target);
  const [likeliest] = reached;
  if (!likeliest) return failed(empty(entry), noListener(configuration, entry, request));
  const ways = reached.map((listener) => forClient(request, explainListener(configuration, listener, request, entry)));
  const isKnown = isReachedFirst(likeliest, target);
  return {
    clusters: [...new Set(ways.flatMap(({ clusters }) => clusters))],
    finish: (backing) => {
      const explained = ways.map(({ finish }) => finish(backing));
      const [first = empty(entry), ...others] = isKnown ? explained : openFirst(explained);
      const caveats = [...(isKnown ? [] : aloneAt(likeliest, target)), ...others.flatMap(describeElsewhere)];
      return { ...first, caveats: [...first.caveats, ...caveats] };
    },
  };
}

/** No listener of the port has the pod's own address, or every one of its family. */
function aloneAt(listener: Listener, { port, podIp }: Target): string[] {
  if (podIp === undefined || isReachedFirst(listener, { port, podIp })) return [];
  const own = ownAddress(listener);
  if (own !== undefined)
    return [`nothing listens at the pod's own address, ${podIp}, to which Services send, but at ${own}`];
  const { address } = listener;
  return [
    `nothing listens at ${podIp}, the pod's address: ${address} takes ${address === '::' ? 'IPv6' : 'IPv4'} alone`,
  ];
}

const forClient = (request: Request, way: WayToClusters): WayToClusters =>
  isGrpc(request) && !way.isUnread ? answeredAsGrpc(way) : way;

const answeredAsGrpc = (way: WayToClusters): WayToClusters => ({
  ...way,
  finish: (backing) => answerAsGrpc(way.finish(backing)),
});

/** Of addresses of which none is known to be the one, a listener that takes the connection tells more. */
const openFirst = (explained: readonly Explanation[]): readonly Explanation[] =>
  explained.toSorted((a, b) => Number(isClosed(a)) - Number(isClosed(b)));

const isClosed = ({ outcomes }: Explanation): boolean =>
  outcomes.every((outcome) => outcome.kind === 'fail' && outcome.code === undefined);

/** A listener of the same port that takes connections to other addresses. */
const describeElsewhere = ({ listener, outcomes }: Explanation): string[] =>
  listener === undefined
    ? []
    : [
        `listener ${listener} has the same port at another address: a request to that address: ${describeBriefly(outcomes)}`,
      ];

function describeBriefly(outcomes: readonly Outcome[]): string {
  const parts = outcomes.map((outcome) => {
    if ('cluster' in outcome) return `forwarded to ${outcome.cluster}`;
    if ('why' in outcome) return outcome.why;
    return `${outcome.kind} ${outcome.code}`;
  });
  return parts.join(' or ');
}

function explainListener(configuration: Deciding, listener: Listener, request: Request, entry: Entry): WayToClusters {
  const known = { ...empty(entry), listener: listener.name };
  if (listener.hasMatcherTree) return unknown(known, 'the listener chooses filter chains by a matcher tree');
  const connection = connectionOf(listener, request, entry.listenerPort, configuration.podIp);
  const choice = chooseFilterChain(listener, connection);
  if (!choice.chain) return failed(known, noChain(configuration, listener, choice, request));
  const way = (chain: FilterChain, of: ChainChoice): WayToClusters =>
    explainChain(
      { ...configuration, ...listeningOf(listener, connection) },
      listener,
      { ...of, chain },
      request,
      known,
    );
  const others = choice.others.map((chain) => ({
    clients: chain === choice.chain || !chain ? '' : describeClients(chain),
    way: chain && way(chain, { ...choice, others: [] }),
  }));
  return withOthers(way(choice.chain, choice), choice.isByAddress ? describeClients(choice.chain) : undefined, others);
}

function explainChain(
  configuration: Deciding,
  listener: Listener,
  choice: ChainChoice & { readonly chain: FilterChain },
  request: Request,
  known: Explanation,
): WayToClusters {
  const chain = describeChain(choice.chain, choice, configuration.secrets, request);
  const caveats = [
    ...unevaluated('the listener', listener),
    ...listenerCaveats(listener),
    ...unevaluated('the filter chain', choice.chain),
  ];
  const withChain = {
    ...passing({ ...known, chain, caveats }, ['listener', listener], ['filter chain', choice.chain]),
    gateway: gatewayOfChain(choice.chain, { address: listener.address }),
  };
  const tlsFailure = failureOfTls(choice.chain, configuration.secrets, request);
  if (tlsFailure) return failed(withChain, tlsFailure);
  const way = explainHandler(configuration, choice.chain, request, withChain);
  const reuse = connectionReuse(listener, choice.chain, request, {
    port: known.entry.listenerPort,
    podIp: configuration.podIp,
  });
  return reuse ? { ...way, finish: (backing) => withReuse(way.finish(backing), reuse) } : way;
}

const listeningOf = (
  listener: Listener,
  { serverName }: Connection,
): Pick<Listening, 'restoresDestination' | 'serverName'> => ({
  restoresDestination: restoresDestinations(listener),
  serverName,
});

interface OtherClients {
  /** Empty: those that no chain names. */
  readonly clients: string;
  /** Undefined: their connection is closed. */
  readonly way: WayToClusters | undefined;
}

/** `own`: whom the chain of this way is for; undefined where it is for everybody else. */
function withOthers(way: WayToClusters, own: string | undefined, others: readonly OtherClients[]): WayToClusters {
  if (others.length === 0) return way;
  return {
    ...way,
    clusters: [...new Set([way, ...others.flatMap((other) => other.way ?? [])].flatMap(({ clusters }) => clusters))],
    finish: (backing) => {
      const first = way.finish(backing);
      const same = describeBriefly(first.outcomes);
      const unlike = others
        .map(({ clients, way: one }) => ({
          clients: clients === '' ? 'other clients' : `clients ${clients}`,
          text: one ? describeBriefly(one.finish(backing).outcomes) : 'the connection is closed',
        }))
        .filter(({ text }) => text !== same)
        .map(({ clients, text }) => `${clients}: ${text}`);
      return own === undefined ? besides(first, unlike) : onlyFor(own, first, unlike);
    },
  };
}

const besides = (way: Explanation, unlike: readonly string[]): Explanation => ({
  ...way,
  caveats: [...unlike.map((one) => `other filter chains ask for the addresses of clients: ${one}`), ...way.caveats],
});

/** Nobody knows which clients there are. */
const onlyFor = (own: string, way: Explanation, unlike: readonly string[]): Explanation =>
  unlike.length === 0
    ? way
    : {
        ...way,
        outcomes: [
          ...way.outcomes.map((outcome) => ({
            ...outcome,
            onlyIf: [...(outcome.onlyIf ?? []), "the client's address"],
          })),
          unknownBecause(unlike.join('; ')),
        ],
        caveats: [`this filter chain is for clients ${own} alone, and the client is not known`, ...way.caveats],
      };

/** By a listener filter, or as it hands connections on by their destination. */
const restoresDestinations = ({ listenerFilters, unevaluated = [] }: Listener): boolean =>
  unevaluated.includes('use_original_dst') || listenerFilters.some((name) => /original_?dst\)?$/i.test(name));

const passing = (known: Explanation, ...elements: readonly (readonly [PassedKind, FromEnvoy])[]): Explanation => ({
  ...known,
  [passed]: [...(known[passed] ?? []), ...elements.map(([kind, of]) => ({ kind, of }))],
});

/** The outcomes' own routes and clusters. */
function passingOutcomes(way: Explanation, { clusters }: Backing): Explanation {
  const named = new Set(way.outcomes.flatMap((outcome) => ('cluster' in outcome ? [outcome.cluster] : [])));
  const routes = new Set(way.outcomes.flatMap(({ route }) => route ?? []));
  const taken = clusters.filter(({ name }) => named.has(name));
  const passed = passing(
    way,
    ...[...routes].map((route) => ['route', route] as const),
    ...taken.map((cluster) => ['cluster', cluster] as const),
  );
  return { ...passed, caveats: [...passed.caveats, ...taken.flatMap(caveatsOfCluster)] };
}

const caveatsOfCluster = (cluster: Cluster): string[] => [
  ...unevaluated(`cluster ${cluster.name}`, cluster),
  ...[describeUnlisted(cluster)].flatMap((one) => one ?? []),
];

const unevaluated = (what: string, { unevaluated: fields = [] }: { unevaluated?: readonly string[] | undefined }) =>
  fields.map((name) => `${what} has ${name}, which this tool does not evaluate`);

const empty = (entry: Entry): Explanation => ({
  entry,
  listener: undefined,
  chain: undefined,
  gateway: undefined,
  routeConfiguration: undefined,
  virtualHost: undefined,
  misses: [],
  losers: [],
  outcomes: [],
  mayAnswer: [],
  caveats: [],
});

/** The request gets no further: no cluster has a part in it. */
const ended = (known: Explanation, outcome: Outcome): WayToClusters => ({
  clusters: [],
  finish: () => ({ ...known, outcomes: [outcome] }),
});

const failed = (known: Explanation, failure: Failure): WayToClusters => ended(known, failure);

const unknown = (known: Explanation, why: string): WayToClusters => ended(known, unknownBecause(why));

const unknownBecause = (why: string): Outcome => ({ kind: 'unknown', share: 1, route: undefined, why });

function noListener(configuration: Deciding, entry: Entry, request: Request): Failure {
  const like = configuration.listeners.filter(({ transport }) => transport === transportOf(request));
  const ports = new Set(like.filter(isServing).map(({ port }) => port));
  const why = whyNotComing(like, entry) ?? whyNoListener(configuration, entry, request);
  return fail('listener', why, {
    nearest: [...ports].sort((a, b) => a - b).map(String),
  });
}

function whyNotComing(listeners: readonly Listener[], { listenerPort }: Entry): string | undefined {
  const coming = listeners.filter(({ port, state }) => port === listenerPort && state === 'warming');
  const rejected = coming.find((listener) => listener.rejected)?.rejected;
  if (rejected) return `Envoy rejected the listener on port ${listenerPort}: ${rejected.details}`;
  return coming.length > 0 ? `the listener on port ${listenerPort} is still warming` : undefined;
}

/** Source: istio pilot/pkg/model/gateway.go udpSupportedPort. */
function whyNoListener({ listeners }: Deciding, { listenerPort }: Entry, request: Request): string {
  const isOther = listeners.some((listener) => isServing(listener) && listensOn(listener, listenerPort));
  if (!isOther) return `nothing listens on port ${listenerPort}: the connection is refused`;
  return isHttp3(request)
    ? `only TCP is listened for on port ${listenerPort}: nothing answers HTTP/3, which istiod serves with PILOT_ENABLE_QUIC_LISTENERS where the gateway's Service has the port for UDP too`
    : `only UDP (HTTP/3) is listened for on port ${listenerPort}: the connection is refused`;
}

function noChain({ listeners }: Deciding, listener: Listener, choice: ChainChoice, request: Request): Failure {
  const like = listeners.filter(({ transport, port }) => transport === listener.transport || port === 0);
  const pending = pendingUpdate(like, listener.port);
  const names = listener.filterChains.flatMap(({ match }) => match.serverNames);
  const missed =
    choice.failedAt !== 'server name'
      ? `this ${choice.failedAt}`
      : request.sni === undefined
        ? 'a client that sends no server name'
        : `server name ${request.sni}`;
  // Envoy says that it closes the QUIC connection to an id that the client does not know, and logs nothing.
  const end = isHttp3(request) ? 'the handshake fails' : 'the connection is closed';
  return fail('filter chain', `no filter chain for ${missed}: ${end}`, {
    ...(isHttp3(request) ? {} : { flag: 'NR' }),
    nearest: nearestHosts(request.sni ?? request.authority, names),
    ...(pending ? { reasons: [pending] } : {}),
  });
}

const closedByPolicy =
  'network filter RBAC closes the connection: it is no HTTP to the gateway, and what rules ask of HTTP does not count';

function explainHandler(
  configuration: Deciding,
  chain: FilterChain,
  request: Request,
  known: Explanation,
): WayToClusters {
  const { handler: ending } = chain;
  if (ending.kind === 'unknown') return unknown(known, `the filter chain ends in ${ending.type}`);
  const refusal = refusalOfConnections(chain, known.entry.listenerPort);
  if (refusal) return failed(known, refusedBy(closedByPolicy, refusal));
  const withNetwork = withFilters(known, answeringNetworkFilters(chain));
  if (ending.kind === 'tcp')
    return explainTcp(configuration, chain, clustersOf(chain, ending.clusters, configuration), withNetwork);
  const handler = handlerFor(ending, request);
  const routes = routesBehind(handler, configuration.routeConfigurations);
  const { listenerPort } = known.entry;
  const internalOnly = routes?.internalOnlyHeaders ?? [];
  const { envoyVersion } = configuration;
  const unconfigured = (way: Explanation, sent: Request): Explanation =>
    withHttpFilters(way, handler, [{}], askedBy(sent, listenerPort, behaviourOf(envoyVersion), handler.httpFilters));
  const withAll = unconfigured(withNetwork, request);
  const received = receive(request, handler, { tls: chain.tls, listenerPort, internalOnly, envoyVersion });
  if (received.kind === 'refused') {
    const refused = failed(withAll, fail('route', received.why, { code: received.code }));
    return received.isUnread ? { ...refused, isUnread: true } : refused;
  }
  if (received.kind === 'redirect')
    return ended(withAll, { kind: 'redirect', share: 1, route: undefined, code: 307, location: received.location });
  const named = {
    ...withNetwork,
    routeConfiguration: routes?.name || handler.routeConfiguration,
    caveats: [...withNetwork.caveats, ...received.removed.map(describeRemoved), ...upgradeCaveat(request, handler)],
  };
  const serving = { ...configuration, handler, port: listenerPort, isProtoOpen: isProtoOpen(request, handler) };
  const way = routes
    ? explainRoutes(serving, routes, received.request, named)
    : unrouted(unconfigured(named, received.request), noRoutes(handler), received.request, serving);
  return becomesGrpc(received.request, handler) ? answeredAsGrpc(way) : way;
}

/** No route has a part in the answer; the filters have. */
const unrouted = (known: Explanation, outcome: Outcome, request: Request, serving: Filtering): WayToClusters => ({
  clusters: [],
  finish: () => ({ ...known, outcomes: filterUnrouted(outcome, request, settingOf(serving)) }),
});

/** Shares of a route may tell the filters something of their own. */
const toldBy = (route: Route, request: Request, runtime: Serving['runtime']): Told[] =>
  route.action.kind === 'forward'
    ? clustersFor(route.action, request, runtime).map(({ filters = route }) => ({ ...filters, forwards: true }))
    : [route];

const withHttpFilters = (known: Explanation, ...filters: Parameters<typeof answeringHttpFilters>): Explanation =>
  withFilters(known, answeringHttpFilters(...filters));

const withFilters = (known: Explanation, filters: readonly AnsweringFilter[]): Explanation => ({
  ...known,
  mayAnswer: [...known.mayAnswer, ...filters.map(({ name }) => name)],
  caveats: [...known.caveats, ...filters.map(({ says }) => says)],
});

const describeRemoved = (name: string): string =>
  `the gateway takes header ${name} away, except from clients that it counts as internal`;

/** Source: envoy source/extensions/filters/network/sni_cluster/sni_cluster.cc. */
const clustersOf = (
  { networkFilters }: FilterChain,
  own: readonly WeightedCluster[],
  { serverName }: Deciding,
): readonly WeightedCluster[] =>
  serverName !== undefined && networkFilters.some((name) => name.includes('sni_cluster'))
    ? [{ cluster: serverName, weight: 1 }]
    : own;

const explainTcp = (
  configuration: Deciding,
  chain: FilterChain,
  to: readonly WeightedCluster[],
  known: Explanation,
): WayToClusters => ({
  clusters: to.map(({ cluster }) => cluster),
  finish: (backing) =>
    passingOutcomes(
      {
        ...known,
        outcomes: tcpOutcomes(to, { ...configuration, ...backing }),
        caveats: [...known.caveats, ...twofoldTls(chain, to, backing)],
      },
      backing,
    ),
});

/**
 * Passthrough to a cluster with TLS of its own (a DestinationRule with `tls.mode: SIMPLE`) puts the client's TLS inside
 * another.
 */
function twofoldTls({ tls }: FilterChain, to: readonly WeightedCluster[], { clusters }: Backing): string[] {
  const names = new Set(to.map(({ cluster }) => cluster));
  const twice = tls
    ? []
    : clusters.filter(({ name, tls: own }) => names.has(name) && (own.mode === 'SIMPLE' || own.mode === 'MUTUAL'));
  return twice.map(
    ({ name }) =>
      `the client's TLS is passed through inside a TLS of the gateway's own: few services understand that (${name})`,
  );
}

function noRoutes({ routeConfiguration }: HttpHandler): Outcome {
  if (routeConfiguration === undefined) return unknownBecause('the route configuration is chosen by scope');
  const why = `route configuration ${routeConfiguration} is not loaded`;
  return fail('route configuration', why, { code: 404, flag: 'NR' });
}

function explainRoutes(
  configuration: Omit<Serving, keyof Backing> & { readonly isProtoOpen: boolean },
  routes: RouteConfiguration,
  request: Request,
  known: Explanation,
): WayToClusters {
  const { handler, envoyVersion, runtime } = configuration;
  const found = findVirtualHost(routes, request.authority);
  const asked = askedBy(request, known.entry.listenerPort, behaviourOf(envoyVersion), handler.httpFilters);
  const unconfigured = (way: Explanation): Explanation => withHttpFilters(way, handler, [{}], asked);
  const open = openHost(routes, found, request);
  if (open) return unrouted(unconfigured(known), open, request, configuration);
  if (!found) return unrouted(unconfigured(known), noVirtualHost(routes, request), request, configuration);
  const { virtualHost, domain } = found;
  const withHost = {
    ...passing(known, ['route configuration', routes], ['virtual host', virtualHost]),
    virtualHost: { name: virtualHost.name, domain },
    caveats: [
      ...known.caveats,
      ...unevaluated('the route configuration', routes),
      ...unevaluated('the virtual host', virtualHost),
      ...internalCaveat(virtualHost, request),
      ...(configuration.isProtoOpen && asksForProto(virtualHost) ? [protoCaveat(request)] : []),
    ],
  };
  const early = beforeRoutes(virtualHost, request);
  const refusal = early?.kind === 'redirect' ? refusedUpgrade(request, handler) : undefined;
  if (refusal) return failed(withHost, refusal);
  if (early) return unrouted(unconfigured(withHost), early, request, configuration);
  const { ignoresPathParameters } = routes;
  const behaviour = { ...behaviourOf(envoyVersion), ignoresPathParameters };
  const choice = chooseRoute(virtualHost, request, behaviour, runtime);
  const { candidates, misses } = choice;
  const heard = candidates.filter(({ route }) => !refusedUpgrade(request, handler, route.action));
  const elsewhere = (): Reason[] => passedOver(routes, request, behaviour, runtime);
  const caveats = [
    ...unsureOf(candidates),
    ...delaysOf(heard, request, configuration),
    ...candidates.flatMap(({ route }) => unevaluated(`route ${route.position}`, route)),
  ];
  const told = heard.flatMap(({ route }) => toldBy(route, request, runtime));
  const withoutRoute = candidates.length > 0 ? withHost : unconfigured(withHost);
  const withAll = told.length === 0 ? withoutRoute : withHttpFilters(withHost, handler, told, asked);
  return {
    clusters: [...new Set(candidates.flatMap(({ route }) => clustersTaken(route.action, request, runtime)))],
    finish: (backing) =>
      passingOutcomes(
        {
          ...withAll,
          misses,
          losers: losingRoutes(virtualHost, choice, request, behaviour),
          outcomes: routeOutcomes(choice, request, { ...configuration, ...backing }, elsewhere),
          caveats: [...withAll.caveats, ...caveats],
        },
        backing,
      ),
  };
}

/** What happens whatever the routes say. */
function beforeRoutes(virtualHost: VirtualHost, request: Request): Outcome | undefined {
  // An empty X-Forwarded-Proto finds no route at all (getRouteFromEntries).
  if (headerOf(request, 'x-forwarded-proto') === '')
    return fail('route', 'the request has an empty X-Forwarded-Proto', { code: 404, flag: 'NR' });
  if (redirectsToTls(virtualHost, request)) {
    const location = `https://${request.authority}${request.path}`;
    return { kind: 'redirect', share: 1, route: undefined, code: 301, location };
  }
  if (!virtualHost.hasMatcherTree) return undefined;
  return unknownBecause('the virtual host routes by a matcher tree');
}

/** More than the authority decides over the virtual host. Source: envoy source/common/router/config_impl.cc findVirtualHost. */
function openHost(
  { unevaluated: fields = [], virtualHosts }: RouteConfiguration,
  found: FoundHost | undefined,
  { authority }: Request,
): Outcome | undefined {
  const isOneForAll = virtualHosts.every(({ domains }) => domains.every((domain) => domain === '*'));
  if (fields.includes('vhost_header') && !isOneForAll)
    return unknownBecause('another header than the host chooses the virtual host (vhost_header)');
  if (fields.includes('vhds') && !found)
    return unknownBecause(
      `no virtual host that is loaded serves ${authority}, and Envoy may ask for more of them (vhds)`,
    );
  return undefined;
}

function noVirtualHost(routes: RouteConfiguration, request: Request): Failure {
  const domains = routes.virtualHosts.flatMap((virtualHost) => virtualHost.domains);
  // Envoy matches hosts as they are sent, unless `strip_trailing_host_dot` is set.
  const dot = withoutPort(request.authority).endsWith('.') ? ': with the dot at its end it is another host' : '';
  return fail('virtual host', `no virtual host serves ${request.authority}${dot}`, {
    code: 404,
    flag: 'NR',
    nearest: nearestHosts(request.authority, domains),
  });
}

const internalCaveat = ({ requireTls }: VirtualHost, request: Request): string[] =>
  requireTls === 'external-only' && headerOf(request, 'x-forwarded-proto') !== 'https'
    ? ['clients with a private address are not redirected to https']
    : [];

const protoCaveat = ({ scheme }: Request): string =>
  `the gateway believes X-Forwarded-Proto of proxies in front, and it decides here: if one sends it, add it, as in -H 'X-Forwarded-Proto: ${scheme === 'https' ? 'http' : 'https'}'`;

const asksForProto = ({ requireTls, routes }: VirtualHost): boolean =>
  requireTls !== 'none' ||
  routes.some(({ match }) => match.headers.some(({ name }) => name.toLowerCase() === 'x-forwarded-proto'));

/**
 * By X-Forwarded-Proto, not by the connection. `x-envoy-internal` is not known from outside: a client from elsewhere
 * counts as external. Source: envoy source/common/router/config_impl.cc getRouteFromEntries.
 */
const redirectsToTls = (virtualHost: VirtualHost, request: Request): boolean =>
  virtualHost.requireTls !== 'none' && headerOf(request, 'x-forwarded-proto') !== 'https';

function delaysOf(candidates: readonly Candidate[], request: Request, serving: Filtering): string[] {
  const all = candidates.flatMap(({ route }) => {
    const parts = route.action.kind === 'forward' ? clustersFor(route.action, request, serving.runtime) : [whole];
    return parts.flatMap((part) => describeDelay(route, request, settingFor(route, part, serving)));
  });
  return [...new Set(all)];
}

function describeDelay(route: Route, request: Request, setting: FilterSetting): string[] {
  const delays = activeFaults(setting.filters, setting.handler).flatMap(
    (fault) => delayOf(fault, request, setting) ?? [],
  );
  return delays.map(
    ({ ms, share }) => `route ${route.position} delays ${Math.round(share * 100)}% of its requests by ${ms}ms`,
  );
}

const unsureOf = (candidates: readonly Candidate[]): string[] =>
  candidates.flatMap(({ route, unsure }) =>
    unsure.map(({ name }) => `route ${route.position} also asks for ${name}, which cannot be judged from outside`),
  );
