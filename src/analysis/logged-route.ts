// Which VirtualService's route a logged request took. The log has no headers, so routes that differ by headers alone are told apart
// by where the request went: the first route that fits path, method, host and upstream is named.

import type { AccessEntry } from '#model/access-log.ts';
import type { Request } from '#model/request.ts';
import { clustersOfAction, type Route, type RouteConfiguration } from '#model/route.ts';
import { behaviourOf, mismatchesOf } from './route-match.ts';
import { findVirtualHost } from './virtual-host.ts';

/** Headers are not looked at, so the version makes no difference. */
const behaviour = behaviourOf('1.40.0');
const remembered = 10_000;
const visible = ['path', 'method', 'authority'];

/** `svc1/svc1-main #3`, or with the route's own name; undefined where none fits (a 404, a route that is gone). */
export function loggedRouteFinder(configurations: readonly RouteConfiguration[]): (entry: AccessEntry) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (entry) => {
    const { authority, path, method, serverName, upstreamCluster } = entry;
    if (authority === undefined || path === undefined) return undefined;
    const key = [authority, path, method, serverName, upstreamCluster].join(' ');
    if (known.has(key)) return known.get(key);
    const route = findRoute(configurations, entry);
    const described = route && describe(route);
    if (known.size < remembered) known.set(key, described);
    return described;
  };
}

function findRoute(configurations: readonly RouteConfiguration[], entry: AccessEntry): Route | undefined {
  const { authority = '', serverName, path = '/', method = 'GET' } = entry;
  const scheme = serverName === undefined ? 'http' : 'https';
  const request: Request = { scheme, authority, method, path, headers: new Map(), sni: serverName, alpn: [], hasClientCertificate: false };
  // istiod's names begin with the scheme, and for HTTPS there is one for each server of a Gateway.
  const ofScheme = configurations.filter(({ name }) => name.startsWith(`${scheme}.`));
  for (const configuration of ofScheme) {
    const host = findVirtualHost(configuration, authority)?.virtualHost;
    const route = host?.routes.find((one) => fits(one, request, entry));
    if (route) return route;
  }
  return undefined;
}

function fits(route: Route, request: Request, { upstreamCluster, responseCodeDetails }: AccessEntry): boolean {
  if (mismatchesOf(route.match, request, behaviour).some(({ condition }) => visible.includes(condition))) return false;
  const clusters = clustersOfAction(route.action);
  if (upstreamCluster !== undefined) return clusters.length === 0 || clusters.includes(upstreamCluster);
  return responseCodeDetails !== 'route_not_found';
}

function describe({ from, name, position }: Route): string | undefined {
  if (from === undefined) return undefined;
  return `${from.namespace}/${from.name} ${name === '' || name === 'default' ? `#${position}` : name}`;
}
