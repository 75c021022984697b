// How far the translation can be believed: what the objects that are there are translated into, held against what a pod
// serves. Compared is what the model of routes has, but for load balancing: hosts with their routes in order, each with
// its match, destination, rewrite, timeout, retries, faults, CORS, mirrors and operations on headers; and that a filter
// chain leads to them.

import type { GatewayServer } from '#analysis/istio/gateway-merge.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { hostOfDomain } from '#core/host.ts';
import { isSameJson } from '#core/json.ts';
import { count } from '#core/phrase.ts';
import { isClusterServerName } from '#model/cluster-name.ts';
import { type FilterChain, filterChainsOf, type Listener } from '#model/listener.ts';
import type { Retry, Route, RouteConfiguration, VirtualHost } from '#model/route.ts';
import { headerDifference } from './header-difference.ts';
import { usualRetry } from './http-action.ts';
import { streamChain } from './predicted-listeners.ts';
import { listenerOf } from './rejected-listeners.ts';
import type { TranslatedHost } from './route-configurations.ts';
import { hostsOfChain, servedStreamKey, streamsByHost, type TranslatedStream } from './streams.ts';
import { hostKey, hostsOf, type Translation } from './translate.ts';

export interface Calibration {
  /** Hosts that both have alike. */
  readonly exact: ReadonlySet<string>;
  /** By `hostKey`: in what the pod serves something else than its objects say. */
  readonly unsure: ReadonlyMap<string, string>;
}

export function calibrate(
  translation: Translation,
  served: readonly RouteConfiguration[],
  listeners: readonly Listener[],
): Calibration {
  const unsure = new Map<string, string>();
  const exact = new Set<string>();
  for (const { key, servers, why } of [
    ...hostComparisons(translation, served, listeners),
    ...streamComparisons(translation, listeners),
  ])
    if (why === undefined) exact.add(key);
    else unsure.set(key, whyRejected(servers, translation) ?? why);
  return { exact, unsure };
}

interface Comparison {
  readonly key: string;
  /** That let it in. */
  readonly servers: readonly GatewayServer[];
  /** Undefined where both are alike. */
  readonly why: string | undefined;
}

function hostComparisons(
  translation: Translation,
  served: readonly RouteConfiguration[],
  listeners: readonly Listener[],
): Comparison[] {
  const expected = hostsOf(translation);
  const found = servedHosts(served);
  const leading = leadingListeners(listeners);
  return [...new Set([...expected.keys(), ...found.keys()])].map((key) => {
    const host = expected.get(key);
    const why = differenceOf(host, found.get(key)) ?? (host && whyNotLed(leading.get(host.routeConfiguration)));
    return { key, servers: host?.servers ?? [], why };
  });
}

export const whyRejected = (
  servers: readonly GatewayServer[],
  { rejected }: Pick<Translation, 'rejected'>,
): string | undefined => servers.flatMap((server) => rejected.get(listenerOf(server)) ?? [])[0];

function streamComparisons(translation: Translation, listeners: readonly Listener[]): Comparison[] {
  const expected = streamsByHost(translation.streams);
  const active = servedStreams(listeners.filter(({ state }) => state === 'active'));
  const updates = listeners.filter(({ state }) => state === 'warming');
  const warming = servedStreams(updates);
  return [...new Set([...expected.keys(), ...active.keys()])].map((key) => {
    const [stream, found, waiting] = [expected.get(key), active.get(key), warming.get(key)];
    const why = streamDifference(stream, found?.chain);
    // What no object asks for goes with an update that does not have it.
    const update = updates.find(({ name }) => name === (waiting ?? found)?.listener);
    const isRight = stream ? waiting && streamDifference(stream, waiting.chain) === undefined : !waiting;
    return {
      key,
      servers: stream ? [stream.server] : [],
      why: why !== undefined && update && isRight ? `the update of listener ${update.name} is warming` : why,
    };
  });
}

function streamDifference(stream: TranslatedStream | undefined, chain: FilterChain | undefined): string | undefined {
  if (!stream)
    return 'its connections are handed on, and no Gateway and VirtualService that this tool translates asks for it';
  if (!chain) return 'there is no filter chain for it, although its objects ask for one';
  if (stream.unsure[0] !== undefined) return stream.unsure[0];
  const [own, there] = [contentOfChain(streamChain(stream)), contentOfChain(chain)];
  return own === there ? undefined : 'its filter chain is another than its objects ask for';
}

const contentOfChain = ({ match, tls, handler }: FilterChain): string =>
  canonicalJson([
    match.serverNames.toSorted(),
    tls && [tls.mode, tls.certificates, tls.clientCa],
    handler.kind === 'tcp' && handler.clusters,
  ]);

interface ServedStream {
  readonly listener: string;
  readonly chain: FilterChain;
}

/** Chains that AUTO_PASSTHROUGH makes of clusters are none. */
const servedStreams = (listeners: readonly Listener[]): ReadonlyMap<string, ServedStream> =>
  new Map(
    listeners.flatMap((listener) =>
      listener.filterChains
        .filter(({ handler, match }) => handler.kind === 'tcp' && !match.serverNames.some(isClusterServerName))
        .flatMap((chain) =>
          hostsOfChain(chain.match.serverNames).map(
            (host) => [servedStreamKey(listener, host), { listener: listener.name, chain }] as const,
          ),
        ),
    ),
  );

/** By route configuration: the listeners whose filter chains lead to it. */
function leadingListeners(listeners: readonly Listener[]): ReadonlyMap<string, readonly Listener[]> {
  const leading = new Map<string, Listener[]>();
  for (const listener of listeners)
    for (const name of routesIn(listener)) leading.set(name, [...(leading.get(name) ?? []), listener]);
  return leading;
}

/** Undefined where a filter chain in force leads to the routes. */
function whyNotLed(leading: readonly Listener[] = []): string | undefined {
  if (leading.some(({ state }) => state === 'active')) return undefined;
  const waiting = leading.find(({ state }) => state === 'warming');
  return waiting === undefined
    ? 'no filter chain leads to its routes'
    : `the update of listener ${waiting.name} that leads to its routes is warming`;
}

const routesIn = (listener: Listener): string[] =>
  filterChainsOf(listener).flatMap(({ handler }) =>
    handler.kind === 'http' ? (handler.routeConfiguration ?? []) : [],
  );

/** Each domain with its virtual host; those that answer nothing but 404 count as none. */
export function servedHosts(served: readonly RouteConfiguration[]): ReadonlyMap<string, VirtualHost> {
  const pairs = served.flatMap(({ name, virtualHosts }) =>
    virtualHosts
      .filter(({ routes, requireTls, hasMatcherTree }) => routes.length > 0 || requireTls !== 'none' || hasMatcherTree)
      .flatMap((virtualHost) =>
        virtualHost.domains.map(
          (domain) => [hostKey({ routeConfiguration: name, host: hostOfDomain(domain) }), virtualHost] as const,
        ),
      ),
  );
  return new Map(pairs);
}

/** Undefined where they are alike. */
export function differenceOf(
  expected: TranslatedHost | undefined,
  served: VirtualHost | undefined,
): string | undefined {
  if (!expected) return 'it is served, and no Gateway and VirtualService that this tool translates asks for it';
  if (!served) return 'it is not served, although its objects ask for it';
  if (served.hasMatcherTree) return 'it is routed by a matcher tree';
  if (expected.requireTls !== served.requireTls) return 'another rule for plain requests is served';
  const unsure = expected.routes.find((one) => one.unsure.length > 0)?.unsure[0];
  if (unsure !== undefined) return unsure;
  if (expected.routes.length !== served.routes.length)
    return `${count(served.routes.length, 'route')} ${served.routes.length === 1 ? 'is' : 'are'} served, and its objects make ${expected.routes.length}`;
  const index = expected.routes.findIndex(({ route }, at) => !isAlike(route, served.routes[at] as Route));
  return index < 0
    ? headerDifference(expected, served)
    : `route ${index + 1} is served with another ${differingPart(expected.routes[index]?.route as Route, served.routes[index] as Route)}`;
}

export function isAlike(a: Route, b: Route): boolean {
  const [one, other] = [contentOf(a), contentOf(b)];
  return isSameJson(one, other) || canonicalJson(one) === canonicalJson(other);
}

/** Where it stands in its virtual host, and how it balances load, is left out. */
function contentOf({ position: _, unevaluated: _unread, action, ...route }: Route): object {
  const compared = action.kind === 'forward' ? { ...action, hashPolicies: 0 } : action;
  return { ...route, action: compared };
}

const parts = ['name', 'from', 'match', 'action', 'fault', 'preflight'] as const;

function differingPart(a: Route, b: Route): string {
  const part = parts.find((name) => canonicalJson(a[name]) !== canonicalJson(b[name]));
  if (part !== 'action' || a.action.kind !== 'forward' || b.action.kind !== 'forward') return words[part ?? 'filters'];
  const [one, other] = [a.action, b.action];
  const fields = ['to', 'rewrite', 'timeoutMs', 'retry', 'mirrors', 'cors'] as const;
  return words[fields.find((name) => canonicalJson(one[name]) !== canonicalJson(other[name])) ?? 'action'];
}

const words = {
  name: 'name',
  from: 'object behind it',
  match: 'match',
  action: 'action',
  fault: 'fault',
  preflight: 'CORS policy',
  filters: 'filter configuration',
  to: 'destination',
  rewrite: 'rewrite',
  timeoutMs: 'timeout',
  retry: 'retry policy',
  mirrors: 'mirror',
  cors: 'CORS policy',
} as const;

/**
 * The mesh's default for routes that say nothing of retries: what most of the routes are served with whose objects say
 * nothing.
 */
export function servedDefaultRetry(
  served: readonly RouteConfiguration[],
  saysRetries: (route: Route) => boolean,
): Retry | undefined {
  const retries = served.flatMap(({ virtualHosts }) =>
    virtualHosts.flatMap(({ routes }) =>
      routes.flatMap((route) => (route.action.kind === 'forward' && !saysRetries(route) ? [route.action.retry] : [])),
    ),
  );
  const groups = [...Map.groupBy(retries, canonicalJson).values()].toSorted((a, b) => b.length - a.length);
  const [most] = groups;
  return most ? most[0] : usualRetry;
}
