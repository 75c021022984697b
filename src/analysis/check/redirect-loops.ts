// Redirects that come back to the URL that they are for, as a client follows them that sends no special headers: within a
// virtual host, to another one, and from http to https and back.

import { isUsualPort } from '#analysis/request/entry.ts';
import { chooseFilterChain, connectionOf } from '#analysis/request/filter-chain.ts';
import { isTcp } from '#analysis/request/reached-listener.ts';
import { redirectLocation } from '#analysis/request/rewrite.ts';
import { chooseRoute } from '#analysis/request/route-choice.ts';
import { behaviourOf } from '#analysis/request/route-match.ts';
import { findVirtualHost } from '#analysis/request/virtual-host.ts';
import { hostOfDomain, hostUnder, withoutPort } from '#core/host.ts';
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

export function redirectLoops(
  listeners: readonly Listener[],
  configurations: readonly RouteConfiguration[],
): RedirectLoop[] {
  const active = listeners.filter(({ state }) => state === 'active');
  const find = finderIn(active, configurations);
  const loops = active.flatMap((listener) =>
    filterChainsOf(listener).flatMap(({ handler, tls }) =>
      handler.kind === 'http'
        ? (routesBehind(handler, configurations)?.virtualHosts ?? []).flatMap((host) =>
            loopsIn(host, tls ? 'https' : 'http', listener.port, find),
          )
        : [],
    ),
  );
  return loops
    .filter((loop, index) => !loop.isShared || !loops.slice(0, index).some((before) => isSame(before, loop)))
    .map(({ isShared: _, ...loop }) => loop);
}

/** `isShared`: it goes over several hosts or schemes, each of which begins it; one of them tells it. */
type FoundLoop = RedirectLoop & { readonly isShared: boolean };

const isSame = (one: FoundLoop, other: FoundLoop): boolean =>
  one.isShared &&
  one.routes.length === other.routes.length &&
  one.routes.every((route) => other.routes.includes(route));

type Url = Pick<Request, 'scheme' | 'authority' | 'path'>;

/** The virtual host behind a URL; undefined where the gateway has none, or nobody can tell. */
type Find = (url: Url) => VirtualHost | undefined;

function finderIn(listeners: readonly Listener[], configurations: readonly RouteConfiguration[]): Find {
  return (url) => {
    const port = portOf(url);
    const listener = listeners.find((one) => isTcp(one) && (isUsualPort(port, one.port) || one.port === port));
    if (!listener || listener.hasMatcherTree) return undefined;
    const request = requestFor(url);
    const { chain } = chooseFilterChain(listener, connectionOf(listener, request, listener.port));
    if (chain?.handler.kind !== 'http' || (chain.tls !== undefined) !== (url.scheme === 'https')) return undefined;
    const routes = routesBehind(chain.handler, configurations);
    return routes && findVirtualHost(routes, url.authority)?.virtualHost;
  };
}

const usualPort = { https: 443, http: 80 } as const;

const portOf = ({ scheme, authority }: Url): number => Number(/:(\d+)$/.exec(authority)?.[1] ?? usualPort[scheme]);

/** One for each route that begins one. What is redirected to https by the virtual host gets no further over http. */
function loopsIn(virtualHost: VirtualHost, scheme: Request['scheme'], listenerPort: number, find: Find): FoundLoop[] {
  if (virtualHost.requireTls !== 'none' && scheme === 'http') return [];
  const host = hostOfDomain(virtualHost.domains[0] ?? '');
  const port = isUsualPort(usualPort[scheme], listenerPort) ? '' : `:${listenerPort}`;
  const authority = `${hostUnder(host)}${port}`;
  return virtualHost.routes.flatMap((route) => {
    const { path } = route.match;
    if (route.action.kind !== 'redirect' || !('value' in path) || path.kind === 'regex' || path.kind === 'template')
      return [];
    const way = followed(virtualHost, { scheme, authority, path: path.value }, find);
    if (way?.hops[0]?.route !== route || !isOwn(way)) return [];
    const routes = new Set(way.hops.flatMap((hop) => hop.route ?? []));
    const isShared = !isOfOneOrigin(way.hops);
    return [{ url: `${scheme}://${authority}${path.value}`, host, routes: [...routes], isShared }];
  });
}

/** What leads to a loop of others, at other hosts, is none of its own. */
const isOwn = ({ hops, loopFrom }: Way): boolean =>
  isOfOneOrigin(hops) || hops.slice(loopFrom).some(({ route }) => route === hops[0]?.route);

const isOfOneOrigin = (hops: readonly Hop[]): boolean => new Set(hops.map(originOf)).size === 1;

const originOf = ({ from: { scheme, authority } }: Hop): string => `${scheme}://${authority}`;

interface Hop {
  readonly from: Url;
  /** Undefined for what the virtual host redirects to https. */
  readonly route: Route | undefined;
}

interface Way {
  readonly hops: readonly Hop[];
  /** Where the loop begins; the start, where a path grows for ever. */
  readonly loopFrom: number;
}

/** What takes the client on and on; undefined where it leaves the gateway, or nobody can tell. */
function followed(virtualHost: VirtualHost, first: Url, find: Find): Way | undefined {
  const hops: Hop[] = [];
  const seen = new Set<string>();
  let [host, from] = [virtualHost, first];
  while (!seen.has(textOf(from)) && hops.length < mostHops) {
    seen.add(textOf(from));
    const next = redirected(host, from);
    if (next === undefined) return undefined;
    hops.push({ from, route: next.route });
    const isHere = next.to.scheme === from.scheme && next.to.authority === from.authority;
    const reached = isHere ? host : find(next.to);
    if (!reached) return undefined;
    [host, from] = [reached, next.to];
  }
  const again = hops.findIndex((hop) => textOf(hop.from) === textOf(from));
  return { hops, loopFrom: Math.max(again, 0) };
}

const textOf = ({ scheme, authority, path }: Url): string => `${scheme}://${authority}${path}`;

function redirected(
  virtualHost: VirtualHost,
  from: Url,
): { readonly route: Route | undefined; readonly to: Url } | undefined {
  if (virtualHost.requireTls !== 'none' && from.scheme === 'http')
    return { route: undefined, to: urlOf(textOf({ ...from, scheme: 'https' })) as Url };
  const request = requestFor(from);
  const [taken, ...others] = chooseRoute(virtualHost, request, behaviourOf('')).candidates;
  const action = taken?.route.action;
  if (others.length > 0 || taken?.unsure.length !== 0 || action?.kind !== 'redirect') return undefined;
  const to = urlOf(redirectLocation(action, taken.route.match.path, request) ?? '');
  return to && { route: taken.route, to };
}

/** As clients write it: the host in lower case, without the scheme's own port. */
function urlOf(location: string): Url | undefined {
  const [, scheme = '', host = '', path = ''] = /^(https?):\/\/([^/?#]+)(.*)$/is.exec(location) ?? [];
  const known = scheme.toLowerCase();
  if (known !== 'http' && known !== 'https') return undefined;
  const authority = host.toLowerCase().replace(new RegExp(`:${usualPort[known]}$`), '');
  return { scheme: known, authority, path };
}

const requestFor = ({ scheme, authority, path }: Url): Request => ({
  scheme,
  authority,
  method: 'GET',
  path,
  headers: new Map([['x-forwarded-proto', [scheme]]]),
  sni: scheme === 'https' ? withoutPort(authority) : undefined,
  alpn: [],
  hasClientCertificate: false,
});
