// Two translations held against each other: which hosts would be served otherwise, by whom, and by which routes.

import { type GatewayServer, plainHost } from '#analysis/istio/gateway-merge.ts';
import { keyOf } from '#analysis/istio/virtual-service-binding.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { compareText } from '#core/compare.ts';
import type { HostChange, RouteChange, Stream } from '#model/preview.ts';
import type { ObjectRef } from '#model/resource.ts';
import { isAlike } from './calibration.ts';
import { haveSameHeaders } from './header-difference.ts';
import type { TranslatedRoute } from './http-routes.ts';
import { routeConfigurationOf, type TranslatedHost } from './route-configurations.ts';
import { streamsByHost, type TranslatedStream } from './streams.ts';
import { hostKey, hostsOf, type Translation } from './translate.ts';

export interface ChangedHost extends Omit<HostChange, 'unsure'> {
  /** Of the translations, for whoever looks into what is served. */
  readonly keys: readonly string[];
}

/** By host and port. One whose listener moves to another port goes from the first. */
export function changedHosts(before: Translation, after: Translation): ChangedHost[] {
  const [old, young] = [openHosts(before), openHosts(after)];
  const changes = [...new Set([...old.keys(), ...young.keys()])].flatMap((key) => {
    const change = changeOf(old.get(key), young.get(key));
    return change ? [change] : [];
  });
  const streams = streamChanges(streamsByHost(before.streams), streamsByHost(after.streams));
  return takenOver([...changes, ...streams]).toSorted(compareHosts);
}

type Placed = Pick<ChangedHost, 'host' | 'port'>;

export const compareHosts = (a: Placed, b: Placed): number => compareText(a.host, b.host) || a.port - b.port;

/** Also hosts that a Gateway lets in and no VirtualService has routes for: they answer 404. */
function openHosts(translation: Translation): ReadonlyMap<string, TranslatedHost> {
  const bare = translation.servers.flatMap((server) => {
    const routeConfiguration = routeConfigurationOf(server);
    if (routeConfiguration === undefined) return [];
    return server.hosts.map((name): TranslatedHost => {
      const host = plainHost(name);
      return { routeConfiguration, host, requireTls: 'none', routes: [], servers: [server] };
    });
  });
  const byKey = new Map([...bare.map((one) => [hostKey(one), one] as const), ...hostsOf(translation)]);
  return new Map([...byKey.values()].map((one) => [`${hostKey(one)} ${portOf(one)}`, one]));
}

const portOf = ({ servers: [server] }: TranslatedHost): number => server?.listenerPort ?? 0;

function changeOf(old: TranslatedHost | undefined, young: TranslatedHost | undefined): ChangedHost | undefined {
  const routes = routeChanges(old?.routes ?? [], young?.routes ?? []);
  const [before, after] = [gatewaysIn(old), gatewaysIn(young)];
  const isSame = routes.length === 0 && old?.requireTls === young?.requireTls && names(before) === names(after);
  const some = young ?? old;
  if (some === undefined || (old && young && isSame)) return undefined;
  return {
    type: 'host',
    host: some.host,
    port: portOf(some),
    change: old ? (young ? 'changed' : 'gone') : 'new',
    before,
    after,
    routes,
    keys: [hostKey(some)],
  };
}

type Streams = ReadonlyMap<string, TranslatedStream>;

const streamChanges = (old: Streams, young: Streams): ChangedHost[] =>
  [...new Set([...old.keys(), ...young.keys()])].flatMap((key) => {
    const [before, after] = [old.get(key), young.get(key)];
    const change = changeOfStream(before, after);
    const stream = { before: streamOf(before), after: streamOf(after) };
    const host = key.slice(key.indexOf(' ') + 1);
    const port = (after ?? before)?.server.listenerPort ?? 0;
    const [from, to] = [gatewaysIn(before), gatewaysIn(after)];
    return change
      ? [{ type: 'host', host, port, change, before: from, after: to, routes: [], stream, keys: [key] }]
      : [];
  });

function changeOfStream(
  before: TranslatedStream | undefined,
  after: TranslatedStream | undefined,
): ChangedHost['change'] | undefined {
  if (!before || !after) return after ? 'new' : 'gone';
  if (keyOf(before.server.gateway) !== keyOf(after.server.gateway)) return 'taken-over';
  return canonicalJson(streamOf(before)) === canonicalJson(streamOf(after)) ? undefined : 'changed';
}

const streamOf = (stream: TranslatedStream | undefined): Stream | undefined =>
  stream && { clusters: stream.clusters, endsTls: stream.endsTls, from: stream.from };

const names = (refs: readonly ObjectRef[]): string => refs.map(keyOf).join(' ');

const gatewaysIn = (of: TranslatedHost | TranslatedStream | undefined): ObjectRef[] => {
  const servers: readonly GatewayServer[] = of === undefined ? [] : 'servers' in of ? of.servers : [of.server];
  return [...new Map(servers.map(({ gateway }) => [keyOf(gateway), gateway])).values()];
};

/** A host that leaves one Gateway's route configuration for another's on the same port. */
function takenOver(changes: readonly ChangedHost[]): ChangedHost[] {
  return [...Map.groupBy(changes, ({ host, port }) => `${host} ${port}`).values()].flatMap((group) => {
    const [gone, came, ...others] = group.toSorted((a, b) => compareText(a.change, b.change));
    if (!gone || !came || others.length > 0 || gone.change !== 'gone' || came.change !== 'new') return group;
    return [
      {
        ...came,
        change: 'taken-over' as const,
        before: gone.before,
        routes: [...gone.routes, ...came.routes],
        ...(gone.stream || came.stream ? { stream: { before: gone.stream?.before, after: came.stream?.after } } : {}),
        keys: [...gone.keys, ...came.keys],
      },
    ];
  });
}

/** Routes that are the same in the same order are left out. */
function routeChanges(before: readonly TranslatedRoute[], after: readonly TranslatedRoute[]): RouteChange[] {
  const pairs = paired(before, after);
  const kept = new Set(pairs.values());
  const gone = before.flatMap((one): RouteChange[] =>
    kept.has(one) ? [] : [{ change: 'gone', before: one.route, after: undefined }],
  );
  let last = 0;
  const others = after.flatMap((one): RouteChange[] => {
    const old = pairs.get(one);
    if (!old) return [{ change: 'new', before: undefined, after: one.route }];
    const isMoved = old.route.position < last;
    last = Math.max(last, old.route.position);
    const both = { before: old.route, after: one.route };
    if (!isAlike(old.route, one.route)) return [{ change: 'changed', ...both }];
    if (!haveSameHeaders(old.of, one.of)) return [{ change: 'changed', ...both, headers: true }];
    return isMoved ? [{ change: 'moved', ...both }] : [];
  });
  return [...gone, ...others];
}

/** A route and what it was before: the same, else one of the same object with the same name or match. */
function paired(
  before: readonly TranslatedRoute[],
  after: readonly TranslatedRoute[],
): ReadonlyMap<TranslatedRoute, TranslatedRoute> {
  const free = new Set(before);
  const pairs = new Map<TranslatedRoute, TranslatedRoute>();
  const pairBy = (isPair: (a: TranslatedRoute, b: TranslatedRoute) => boolean): void => {
    for (const one of after) {
      const old = pairs.has(one) ? undefined : [...free].find((other) => isPair(other, one));
      if (!old) continue;
      pairs.set(one, old);
      free.delete(old);
    }
  };
  pairBy((a, b) => isAlike(a.route, b.route));
  pairBy((a, b) => isSameObject(a, b) && JSON.stringify(a.route.match) === JSON.stringify(b.route.match));
  pairBy((a, b) => isSameObject(a, b) && a.route.name !== '' && a.route.name === b.route.name);
  return pairs;
}

const isSameObject = ({ route: { from: a } }: TranslatedRoute, { route: { from: b } }: TranslatedRoute): boolean =>
  a !== undefined && b !== undefined && keyOf(a) === keyOf(b);
