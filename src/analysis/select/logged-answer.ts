// What a gateway's configuration does with a request of its access log, as far as the log tells: headers are not in it.

import { chooseFilterChain, connectionOf } from '#analysis/request/filter-chain.ts';
import { reachedListeners, targetOf } from '#analysis/request/reached-listener.ts';
import { findVirtualHost } from '#analysis/request/virtual-host.ts';
import { copied } from '#core/memoize.ts';
import { type AccessEntry, isOverHttp3 } from '#model/access-log.ts';
import { type Listener, routesBehind } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { RouteConfiguration, VirtualHost } from '#model/route.ts';
import { type PossibleRoute, reachableRoutes, requestOfEntry } from './logged-route.ts';

/** The fields that decide. */
export const answerFields = [
  'authority',
  'path',
  'method',
  'serverName',
  'downstreamLocalAddress',
  'protocol',
] as const;
export type LoggedRequest = Pick<AccessEntry, (typeof answerFields)[number]>;

/** `closed`: no filter chain takes the connection. `unknown`: line and configuration do not tell. */
export type LoggedAnswer =
  | { readonly kind: 'closed' | 'no-route' | 'to-tls' }
  | { readonly kind: 'connection'; readonly clusters: readonly string[] }
  /** More than one where what decides between them is hidden. */
  | { readonly kind: 'routes'; readonly possible: readonly PossibleRoute[] }
  /** `by`: what decides: `the port of the listener`. */
  | { readonly kind: 'unknown'; readonly by: string };

export interface AnsweringConfiguration {
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
}

const remembered = 20_000;

/** As far as a request's path has no part in it. */
export type LoggedPlace = LoggedAnswer | VirtualHost;

/** The place of a host is one object, whichever request asks for it. */
export function loggedPlaces(configuration: AnsweringConfiguration): (request: LoggedRequest) => LoggedPlace {
  const places = new Map<string, LoggedPlace>();
  return (entry) => {
    const port = portOf(entry);
    const key = `${port} ${isOverHttp3(entry)} ${entry.serverName} ${entry.authority}`;
    const known = places.get(key);
    if (known) return known;
    const place = placeOf(configuration, requestOfEntry(entry), port);
    if (places.size >= remembered) places.clear();
    places.set(copied(key), place);
    return place;
  };
}

/** Of the listener; empty where the line does not have it. */
export const portOf = ({ downstreamLocalAddress: address = '' }: LoggedRequest): string =>
  address.slice(address.lastIndexOf(':') + 1);

export function answerAt(place: LoggedPlace, entry: LoggedRequest): LoggedAnswer {
  if ('kind' in place) return place;
  const possible = reachableRoutes(place.routes, requestOfEntry(entry));
  return possible.length === 0 ? { kind: 'no-route' } : { kind: 'routes', possible };
}

/** Up to the virtual host, which is the same for every path. */
function placeOf(configuration: AnsweringConfiguration, request: Request, port: string): LoggedPlace {
  if (!/^\d+$/.test(port)) return { kind: 'unknown', by: 'the port of the listener' };
  const [listener] = reachedListeners(configuration.listeners, targetOf(Number(port), request));
  if (!listener) return { kind: 'closed' };
  if (listener.hasMatcherTree) return { kind: 'unknown', by: "what the listener's matcher tree looks at" };
  const { chain } = chooseFilterChain(listener, connectionOf(listener, request, Number(port)));
  if (!chain) return { kind: 'closed' };
  const { handler } = chain;
  if (handler.kind === 'tcp') return { kind: 'connection', clusters: handler.clusters.map(({ cluster }) => cluster) };
  if (handler.kind === 'unknown') return { kind: 'unknown', by: `what the filter ${handler.type} does` };
  const routes = routesBehind(handler, configuration.routes);
  const virtualHost = routes && findVirtualHost(routes, request.authority)?.virtualHost;
  if (!virtualHost) return { kind: 'no-route' };
  if (virtualHost.hasMatcherTree) return { kind: 'unknown', by: "what the virtual host's matcher tree looks at" };
  const isToTls = virtualHost.requireTls === 'all' && request.scheme === 'http';
  return isToTls ? { kind: 'to-tls' } : virtualHost;
}
