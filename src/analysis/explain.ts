// The way of one request through one pod: listener, filter chain, virtual host, route, cluster, endpoints, as Envoy decides it.

import type { Secret } from '#model/certificate.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { Entry, ExplainedChain, Explanation, Outcome, ServedCertificate } from '#model/explanation.ts';
import type { FilterChain, HttpHandler, Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { RouteConfiguration, VirtualHost } from '#model/route.ts';
import { filterCaveats } from './filter-caveats.ts';
import { type ChainChoice, chooseFilterChain } from './filter-chain.ts';
import { nearestHosts } from './nearest-hosts.ts';
import { normalizedPath } from './path-normalization.ts';
import { chooseRoute } from './route-choice.ts';
import { behaviourOf } from './route-match.ts';
import { routeOutcomes, tcpOutcomes } from './route-outcome.ts';
import { findVirtualHost } from './virtual-host.ts';

type Failure = Extract<Outcome, { kind: 'fail' }>;

export function explain(configuration: PodConfiguration, request: Request, entry: Entry): Explanation {
  const listener = configuration.listeners.find((one) => one.port === entry.listenerPort && isServing(one));
  if (!listener) return failed(empty(entry), noListener(configuration, entry));
  const choice = chooseFilterChain(listener, {
    serverName: request.sni,
    isTls: request.scheme === 'https',
    alpn: request.alpn,
    port: entry.listenerPort,
  });
  const known = { ...empty(entry), listener: listener.name };
  if (!choice.chain) return failed(known, noChain(listener, choice, request));
  const chain = describeChain(choice.chain, choice, configuration.secrets, request);
  const caveats = choice.asksForAddresses ? ['some filter chains ask for addresses of the connection; the one shown asks for none'] : [];
  const withChain = { ...known, chain, caveats };
  const tlsFailure = failureOfTls(choice.chain, chain, request);
  if (tlsFailure) return failed(withChain, tlsFailure);
  return explainHandler(configuration, choice.chain, request, withChain);
}

/** Warming listeners do not listen yet; static ones (15021, 15090) do. */
const isServing = (listener: Listener): boolean => listener.state === 'active' || listener.state === 'static';

const empty = (entry: Entry): Explanation => ({
  entry,
  listener: undefined,
  chain: undefined,
  routeConfiguration: undefined,
  virtualHost: undefined,
  misses: [],
  outcomes: [],
  caveats: [],
});

const failed = (known: Explanation, failure: Failure): Explanation => ({ ...known, outcomes: [failure] });

const fail = (at: Failure['at'], why: string, over: Partial<Failure> = {}): Failure => ({
  kind: 'fail',
  share: 1,
  route: undefined,
  at,
  code: undefined,
  flag: undefined,
  why,
  nearest: [],
  ...over,
});

function noListener(configuration: PodConfiguration, entry: Entry): Failure {
  const ports = configuration.listeners.filter(isServing).map(({ port }) => String(port));
  const warming = configuration.listeners.some(({ port, state }) => port === entry.listenerPort && state === 'warming');
  const why = warming
    ? `the listener on port ${entry.listenerPort} is still warming`
    : `nothing listens on port ${entry.listenerPort}: the connection is refused`;
  return fail('listener', why, { nearest: [...new Set(ports)] });
}

function noChain(listener: Listener, choice: ChainChoice, request: Request): Failure {
  const names = listener.filterChains.flatMap(({ match }) => match.serverNames);
  const why =
    choice.failedAt === 'server name'
      ? `no filter chain for ${request.sni === undefined ? 'a client that sends no server name' : `server name ${request.sni}`}: the connection is closed`
      : `no filter chain for this ${choice.failedAt}: the connection is closed`;
  return fail('filter chain', why, { flag: 'NR', nearest: nearestHosts(request.sni ?? request.authority, names) });
}

function describeChain(chain: FilterChain, choice: ChainChoice, secrets: readonly Secret[], request: Request): ExplainedChain {
  return {
    serverName: choice.serverName,
    isDefault: choice.isDefault,
    tls: chain.tls,
    certificates: (chain.tls?.certificates ?? []).map((name) => servedCertificate(name, secrets, request)),
  };
}

function servedCertificate(name: string, secrets: readonly Secret[], request: Request): ServedCertificate {
  const leaf = secrets.find((secret) => secret.name === name && secret.state !== 'warming')?.chain[0];
  const host = (request.sni ?? request.authority).replace(/:\d+$/, '').toLowerCase();
  return { secret: name, notAfter: leaf?.notAfter, serial: leaf?.serial, coversHost: leaf?.dnsNames.some((pattern) => coversHost(pattern, host)) ?? false };
}

/** RFC 6125 §6.4.3: the wildcard stands for one whole label. */
export function coversHost(pattern: string, host: string): boolean {
  const [wanted, name] = [pattern.toLowerCase(), host.toLowerCase()];
  if (!wanted.startsWith('*.')) return wanted === name;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === wanted.slice(1);
}

function failureOfTls(chain: FilterChain, explained: ExplainedChain, request: Request): Failure | undefined {
  if (chain.handler.kind === 'tcp' && !chain.tls) return undefined;
  if (chain.tls && request.scheme === 'http') return fail('tls', 'the filter chain speaks TLS and the request is plain http: the connection is closed');
  if (!chain.tls && request.scheme === 'https')
    return fail('tls', 'the filter chain speaks plain http and the client begins with TLS', { code: 400, flag: 'DPE' });
  const missing = explained.certificates.find(({ notAfter }) => notAfter === undefined);
  if (missing) return fail('tls', `certificate ${missing.secret} is not loaded: the handshake fails`);
  if (chain.tls?.mode === 'MUTUAL' && !request.hasClientCertificate)
    return fail('tls', 'a client certificate is required and the request brings none: the handshake fails');
  return undefined;
}

function explainHandler(configuration: PodConfiguration, chain: FilterChain, request: Request, known: Explanation): Explanation {
  const { handler } = chain;
  if (handler.kind === 'unknown')
    return { ...known, outcomes: [{ kind: 'unknown', share: 1, route: undefined, why: `the filter chain ends in ${handler.type}` }] };
  if (handler.kind === 'tcp') return { ...known, outcomes: tcpOutcomes(handler.clusters, configuration) };
  const caveats = [...known.caveats, ...filterCaveats(chain, handler)];
  const routes = routesOf(configuration, handler);
  const named = { ...known, caveats, routeConfiguration: routes?.name ?? handler.routeConfiguration };
  if (!routes) return failed(named, fail('route configuration', `route configuration ${handler.routeConfiguration} is not loaded`, { code: 404, flag: 'NR' }));
  const path = normalizedPath(handler, request.path);
  if (path === undefined) return failed(named, fail('route', 'the path cannot be normalised', { code: 400, flag: undefined }));
  return explainRoutes(configuration, routes, { ...request, path, authority: authorityFor(handler, request) }, named);
}

const routesOf = (configuration: PodConfiguration, handler: HttpHandler): RouteConfiguration | undefined =>
  handler.inlineRoutes ?? configuration.routeConfigurations.find(({ name }) => name === handler.routeConfiguration);

/** Source: envoy source/common/http/conn_manager_utility.cc, HeaderUtility::stripPortFromHost. */
function authorityFor(handler: HttpHandler, request: Request): string {
  const port = /:(\d+)$/.exec(request.authority)?.[1];
  const isDefault = port === (request.scheme === 'https' ? '443' : '80');
  const strips = handler.stripHostPort === 'any' || (handler.stripHostPort === 'matching' && isDefault);
  const host = port !== undefined && strips ? request.authority.slice(0, -port.length - 1) : request.authority;
  return handler.stripTrailingHostDot ? host.replace(/\.(?=$|:\d+$)/, '') : host;
}

function explainRoutes(configuration: PodConfiguration, routes: RouteConfiguration, request: Request, known: Explanation): Explanation {
  const found = findVirtualHost(routes, request.authority);
  if (!found) return failed(known, noVirtualHost(routes, request));
  const { virtualHost, domain } = found;
  const withHost = { ...known, virtualHost: { name: virtualHost.name, domain } };
  if (redirectsToTls(virtualHost, request)) {
    const location = `https://${request.authority}${request.path}`;
    return { ...withHost, outcomes: [{ kind: 'redirect', share: 1, route: undefined, code: 301, location }] };
  }
  if (virtualHost.hasMatcherTree)
    return { ...withHost, outcomes: [{ kind: 'unknown', share: 1, route: undefined, why: 'the virtual host routes by a matcher tree' }] };
  const choice = chooseRoute(virtualHost, request, behaviourOf(configuration.envoyVersion));
  const chosen = routeOutcomes(choice, request, configuration);
  return { ...withHost, misses: choice.misses, outcomes: chosen, caveats: [...known.caveats, ...unsureOf(choice.candidates)] };
}

function noVirtualHost(routes: RouteConfiguration, request: Request): Failure {
  const domains = routes.virtualHosts.flatMap((virtualHost) => virtualHost.domains);
  return fail('virtual host', `no virtual host serves ${request.authority}`, { code: 404, flag: 'NR', nearest: nearestHosts(request.authority, domains) });
}

/** `x-envoy-internal` is not known from outside: a client from elsewhere counts as external. */
const redirectsToTls = (virtualHost: VirtualHost, request: Request): boolean => virtualHost.requireTls !== 'none' && request.scheme === 'http';

const unsureOf = (candidates: ReturnType<typeof chooseRoute>['candidates']): string[] =>
  candidates.flatMap(({ route, unsure }) => unsure.map(({ name }) => `route ${route.position} also asks for ${name}, which cannot be judged from outside`));
