// Which VirtualService's route a logged request took. The log has no headers: where the first route that may have been
// it depends on one, the next ones may have been it as well, down to one that depends on nothing that the log does not
// show.

import { behaviourOf, mismatchesOf } from '#analysis/request/route-match.ts';
import { findVirtualHost } from '#analysis/request/virtual-host.ts';
import { type AccessEntry, isOverHttp3 } from '#model/access-log.ts';
import { isOtherCluster } from '#model/cluster-name.ts';
import type { RouteMatch } from '#model/match.ts';
import type { Mismatch } from '#model/mismatch.ts';
import type { Request } from '#model/request.ts';
import type { Route, RouteConfiguration } from '#model/route.ts';

/** What a header's matcher says of a request without headers does not count, so the version makes no difference. */
const behaviour = behaviourOf('1.40.0');
const remembered = 10_000;
const mostNamed = 3;

/**
 * `svc1/svc1-main #3`, or with the route's own name; several and what decides between them, where the log does not
 * tell; undefined where none fits (a 404, a route that is gone).
 */
export function loggedRouteFinder(
  configurations: readonly RouteConfiguration[],
): (entry: AccessEntry) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (entry) => {
    const { authority, path, method, serverName, upstreamCluster, routeName } = entry;
    if (authority === undefined || path === undefined || hasNoRoute(entry)) return undefined;
    const key = JSON.stringify([authority, path, method, serverName, upstreamCluster, routeName]);
    if (known.has(key)) return known.get(key);
    const described = describe(possibleRoutes(configurations, entry));
    if (known.size < remembered) known.set(key, described);
    return described;
  };
}

/** Source: envoy api config/route/v3/route_components.proto RouteAction.timeout. */
const envoyTimeoutMs = 15_000;

/** Milliseconds of the route's timeout; undefined where none is known, or the routes that it may have been differ. */
export function loggedTimeoutFinder(
  configurations: readonly RouteConfiguration[],
): (entry: AccessEntry) => number | undefined {
  return (entry) => {
    if (configurations.length === 0 || entry.authority === undefined || hasNoRoute(entry)) return undefined;
    const timeouts = possibleRoutes(configurations, entry).map(({ route: { action } }) =>
      action.kind === 'forward' ? (action.timeoutMs ?? envoyTimeoutMs) : undefined,
    );
    return new Set(timeouts).size === 1 ? timeouts[0] : undefined;
  };
}

const hasNoRoute = ({ responseCodeDetails, responseFlags = [] }: AccessEntry): boolean =>
  responseCodeDetails === 'route_not_found' || (responseCodeDetails === undefined && responseFlags.includes('NR'));

export interface PossibleRoute {
  readonly route: Route;
  /** What it depends on that the log does not show. */
  readonly hidden: readonly string[];
}

/** As far as a line shows it. */
export const requestOfEntry = ({
  authority = '',
  serverName,
  path = '/',
  method = 'GET',
  protocol,
}: Pick<AccessEntry, 'authority' | 'serverName' | 'path' | 'method' | 'protocol'>): Request => ({
  scheme: serverName === undefined ? 'http' : 'https',
  authority,
  method,
  path,
  headers: new Map(),
  sni: serverName,
  alpn: isOverHttp3({ protocol }) ? ['h3'] : [],
  hasClientCertificate: false,
});

/**
 * In the order in which Envoy tries them. The log has the host as a route has rewritten it: where none fits, those for
 * the server name may have.
 */
function possibleRoutes(configurations: readonly RouteConfiguration[], entry: AccessEntry): readonly PossibleRoute[] {
  const routes = routesFor(configurations, entry);
  const { serverName, upstreamCluster } = entry;
  return routes.length > 0 || serverName === undefined || upstreamCluster === undefined
    ? routes
    : routesFor(configurations, { ...entry, authority: serverName }).filter(({ route }) => rewritesHost(route));
}

function rewritesHost({ action }: Route): boolean {
  if (action.kind !== 'forward') return false;
  const { host, autoHost, hostFromHeader, hostFromPath, hostFormat } = action.rewrite;
  return autoHost || (host ?? hostFromHeader ?? hostFromPath ?? hostFormat) !== undefined;
}

/** A route's name in the log tells it from those with other names. */
function routesFor(configurations: readonly RouteConfiguration[], entry: AccessEntry): readonly PossibleRoute[] {
  const request = requestOfEntry(entry);
  // istiod's names begin with the scheme, and for HTTPS there is one for each server of a Gateway.
  const ofScheme = configurations.filter(({ name }) => name.startsWith(`${request.scheme}.`));
  for (const configuration of ofScheme) {
    const routes = findVirtualHost(configuration, request.authority)?.virtualHost.routes ?? [];
    const possible = reachableRoutes(routes, request).filter(({ route }) => leadsTo(route, entry));
    const named = possible.filter(({ route: { name } }) => name !== '' && name === entry.routeName);
    if (possible.length > 0) return named.length > 0 ? named : possible;
  }
  return [];
}

/** Down to the first that takes the request whatever it is that the log does not show. */
export function reachableRoutes(routes: readonly Route[], request: Request): readonly PossibleRoute[] {
  const seen = ['path', 'method', 'authority', ...(showsQuery(request) ? ['query'] : [])];
  const possible: PossibleRoute[] = [];
  for (const route of routes) {
    const mismatches = mismatchesOf(route.match, request, behaviour);
    if (mismatches.some(({ condition }) => seen.includes(condition))) continue;
    const hidden = hiddenOf(route.match, mismatches, request);
    possible.push({ route, hidden });
    if (hidden.length === 0) break;
  }
  return possible;
}

/** A format may leave the query out. */
const showsQuery = ({ path }: Request): boolean => path.includes('?');

function hiddenOf(
  { headers, query, grpc, fraction }: RouteMatch,
  mismatches: readonly Mismatch[],
  request: Request,
): readonly string[] {
  return [
    ...headers.filter(({ name }) => name !== ':method' && name !== ':authority').map(({ name }) => `header ${name}`),
    ...(showsQuery(request) ? [] : query.map(({ name }) => `query ${name}`)),
    ...(grpc ? ['header content-type'] : []),
    ...(fraction === undefined ? [] : ['runtime_fraction']),
    ...mismatches.filter(({ condition }) => condition === 'unsure').map(({ name }) => name),
  ];
}

/** Whether the route can have had the answer that the log shows. A mirror's requests are no lines of it. */
function leadsTo({ action }: Route, { upstreamCluster, responseCodeDetails }: AccessEntry): boolean {
  if (action.kind === 'unknown') return true;
  if (action.kind !== 'forward') return upstreamCluster === undefined;
  if (responseCodeDetails === 'direct_response') return false;
  if (upstreamCluster === undefined) return true;
  const { to } = action;
  if (to.kind === 'cluster') return !isOtherCluster(upstreamCluster, to.cluster);
  return to.kind !== 'weighted' || to.clusters.some(({ cluster }) => !isOtherCluster(upstreamCluster, cluster));
}

function describe(possible: readonly PossibleRoute[]): string | undefined {
  const [first] = possible;
  if (first === undefined || possible.length === 1) return first && nameOf(first.route);
  const names = [...new Set(possible.map(({ route }) => nameOf(route) ?? "a route of istiod's own"))];
  const shown = names.length > mostNamed ? [...names.slice(0, mostNamed), `${names.length - mostNamed} more`] : names;
  return `${shown.join(' or ')}, by ${[...new Set(possible.flatMap(({ hidden }) => hidden))].join(', ')}`;
}

function nameOf({ from, name, position }: Route): string | undefined {
  if (from === undefined) return undefined;
  return `${from.namespace}/${from.name} ${name === '' || name === 'default' ? `#${position}` : name}`;
}
