// Redirects that come back to the URL that they are for, as a client follows them that sends no special headers.

import { isUsualPort } from '#analysis/request/entry.ts';
import { redirectLocation } from '#analysis/request/rewrite.ts';
import { chooseRoute } from '#analysis/request/route-choice.ts';
import { behaviourOf } from '#analysis/request/route-match.ts';
import { hostOfDomain, hostUnder } from '#core/host.ts';
import { filterChainsOf, type Listener, routesBehind } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { Route, RouteConfiguration, VirtualHost } from '#model/route.ts';

export interface RedirectLoop {
  readonly url: string;
  /** Lower case; of a wildcard, the domain. */
  readonly host: string;
  /** In the order in which they are taken, each once. */
  readonly routes: readonly Route[];
}

/** Browsers follow twenty. */
const mostHops = 20;

export const redirectLoops = (
  listeners: readonly Listener[],
  configurations: readonly RouteConfiguration[],
): RedirectLoop[] =>
  listeners
    .filter(({ state }) => state === 'active')
    .flatMap((listener) =>
      filterChainsOf(listener).flatMap(({ handler, tls }) =>
        handler.kind === 'http'
          ? (routesBehind(handler, configurations)?.virtualHosts ?? []).flatMap((host) =>
              loopsIn(host, tls ? 'https' : 'http', listener.port),
            )
          : [],
      ),
    );

/** One for each route that begins one. What is redirected to https by the virtual host gets no further over http. */
function loopsIn(virtualHost: VirtualHost, scheme: Request['scheme'], listenerPort: number): RedirectLoop[] {
  if (virtualHost.requireTls !== 'none' && scheme === 'http') return [];
  const host = hostOfDomain(virtualHost.domains[0] ?? '');
  const port = isUsualPort(scheme === 'https' ? 443 : 80, listenerPort) ? '' : `:${listenerPort}`;
  const authority = `${hostUnder(host)}${port}`;
  return virtualHost.routes.flatMap((route) => {
    const { path } = route.match;
    if (route.action.kind !== 'redirect' || !('value' in path) || path.kind === 'regex' || path.kind === 'template')
      return [];
    const routes = followed(virtualHost, { scheme, authority, path: path.value });
    if (routes?.[0] !== route) return [];
    return [{ url: `${scheme}://${authority}${path.value}`, host, routes: [...new Set(routes)] }];
  });
}

/** The routes that take the client on and on; undefined where it leaves them, or nobody can tell. */
function followed(virtualHost: VirtualHost, from: Pick<Request, 'scheme' | 'authority' | 'path'>): Route[] | undefined {
  const routes: Route[] = [];
  const seen = new Set<string>();
  let { path } = from;
  while (!seen.has(path) && seen.size < mostHops) {
    seen.add(path);
    const next = redirected(virtualHost, requestFor({ ...from, path }));
    if (next === undefined) return undefined;
    routes.push(next.route);
    path = next.path;
  }
  return routes;
}

function redirected(
  virtualHost: VirtualHost,
  request: Request,
): { readonly route: Route; readonly path: string } | undefined {
  const [taken, ...others] = chooseRoute(virtualHost, request, behaviourOf('')).candidates;
  const action = taken?.route.action;
  if (others.length > 0 || taken?.unsure.length !== 0 || action?.kind !== 'redirect') return undefined;
  const location = redirectLocation(action, taken.route.match.path, request);
  const own = `${request.scheme}://${request.authority}/`;
  if (!location?.startsWith(own)) return undefined;
  return { route: taken.route, path: location.slice(own.length - 1) };
}

const requestFor = ({ scheme, authority, path }: Pick<Request, 'scheme' | 'authority' | 'path'>): Request => ({
  scheme,
  authority,
  method: 'GET',
  path,
  headers: new Map([['x-forwarded-proto', [scheme]]]),
  sni: authority,
  alpn: [],
  hasClientCertificate: false,
});
