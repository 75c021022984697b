// What objects ask for and pods that have acknowledged everything do not have: Envoy has rejected the update, and the
// next one that it took has made istiod and Envoy forget that. Told only where three things come together: the
// translation has no doubt, an object behind the difference was changed after the pods took what they serve, and long
// enough ago that an update would have come.

import {
  changesRoutes,
  type MissingInsert,
  missingFilters,
  missingRoutes,
} from '#analysis/istio/envoy-filter-inserts.ts';
import { type GatewayServer, plainHost } from '#analysis/istio/gateway-merge.ts';
import { gatewayOfChain, gatewayOfRoutes } from '#analysis/istio/route-configuration-name.ts';
import { keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import { compareText } from '#core/compare.ts';
import { hostOfDomain } from '#core/host.ts';
import { field } from '#core/json.ts';
import { changedAt, type KubeObject } from '#core/kube-object.ts';
import type { ChangedObject, NotTaken } from '#model/gathered.ts';
import type { FilterChain, Listener } from '#model/listener.ts';
import { isSameName, type ObjectRef } from '#model/resource.ts';
import type { RouteConfiguration, VirtualHost } from '#model/route.ts';
import { differenceOf, servedHosts } from './calibration.ts';
import { routeConfigurationOf, type TranslatedHost } from './route-configurations.ts';
import { hostKey, hostsOf, type Translation } from './translate.ts';

/** What is asked for. */
export interface Asked {
  readonly translation: Translation;
  readonly gateways: readonly KubeObject[];
  readonly virtualServices: readonly KubeObject[];
  /** Those for this gateway; undefined: nobody knows whether there are any. */
  readonly envoyFilters: readonly KubeObject[] | undefined;
}

export interface Served {
  readonly routes: readonly RouteConfiguration[];
  readonly listeners: readonly Listener[];
}

/** An update comes within so long: istiod waits for more changes for 10 s at most. */
export const pushMs = 30_000;

export function notTaken(asked: Asked, served: Served, now: Date): Omit<NotTaken, 'pods'>[] {
  // Nobody knows what those that cannot be read ask for.
  if ([...asked.gateways, ...asked.virtualServices].some(({ illTyped }) => illTyped !== undefined)) return [];
  const changes = changesOf(asked, served);
  const latest = new Date(now.getTime() - pushMs).toISOString();
  const told = (
    kind: NotTaken['kind'],
    { name, lastUpdated }: Pick<Listener, 'name' | 'lastUpdated'>,
    differences: readonly Difference[],
  ): Omit<NotTaken, 'pods'>[] => {
    if (lastUpdated === undefined) return [];
    const since = differences
      .map((one) => ({ ...one, objects: changedAfter(lastUpdated, one.objects, changes) }))
      .filter(({ objects }) => objects.length > 0);
    const objects = unique(since.flatMap((one) => one.objects));
    const [first] = since;
    // While one is on its way nothing can be said of the others.
    if (!first || objects.some((one) => !isBefore(one.changedAt, latest))) return [];
    const hosts = [...new Set(since.flatMap((one) => one.hosts))].sort();
    return [{ kind, name, takenAt: lastUpdated, objects, hosts, difference: first.what }];
  };
  const filters = (asked.envoyFilters ?? []).filter(({ spec }) => field(spec, 'targetRefs') === undefined);
  const hosts = Map.groupBy(hostsOf(asked.translation).values(), ({ routeConfiguration }) => routeConfiguration);
  // Where EnvoyFilters change routes, nobody knows what these should be.
  const isPlain = asked.envoyFilters !== undefined && !changesRoutes(asked.envoyFilters);
  const inRoutes = missingRoutes(filters, served.routes);
  const listeners = settled(served.listeners);
  const inListeners = missingFilters(filters, listeners);
  return [
    ...listeners.flatMap((one) =>
      told('listener', one, [...insertsIn(one, inListeners), ...chainDifferences(asked, one)]),
    ),
    ...served.routes.flatMap((one) =>
      told('route configuration', one, [
        ...insertsIn(one, inRoutes),
        ...(isPlain ? hostDifferences(hosts.get(one.name) ?? [], one) : []),
      ]),
    ),
  ];
}

/** What is served otherwise than asked for, and the objects that say what it should be. */
interface Difference {
  readonly what: string;
  readonly hosts: readonly string[];
  readonly objects: readonly ObjectRef[];
}

const idOf = (ref: ObjectRef): string => `${ref.kind} ${keyOf(ref)}`;

/** Times of API server and Envoy have other digits. */
const isBefore = (a: string, b: string): boolean => Date.parse(a) < Date.parse(b);

/** Whether istiod certainly goes by an object: it is of no revision, in a namespace of which something is served. */
export function certainlyHeeded(routes: readonly RouteConfiguration[]): (object: KubeObject) => boolean {
  const namespaces = new Set(
    routes.flatMap(({ name, virtualHosts }) => [
      gatewayOfRoutes(name)?.namespace,
      ...virtualHosts.flatMap((host) => host.routes.map(({ from }) => from?.namespace)),
    ]),
  );
  return ({ metadata }) => metadata.labels?.['istio.io/rev'] === undefined && namespaces.has(metadata.namespace);
}

function changesOf({ gateways, virtualServices, envoyFilters = [] }: Asked, { routes }: Served): Map<string, string> {
  const isHeeded = certainlyHeeded(routes);
  const pairs = (kind: string, objects: readonly KubeObject[]): (readonly [string, string])[] =>
    objects.flatMap((one) => {
      const at = changedAt(one.metadata);
      return at === undefined ? [] : [[idOf(refOf(kind, one)), at] as const];
    });
  return new Map([
    ...pairs('Gateway', gateways.filter(isHeeded)),
    ...pairs('VirtualService', virtualServices.filter(isHeeded)),
    ...pairs('EnvoyFilter', envoyFilters),
  ]);
}

const changedAfter = (
  takenAt: string,
  objects: readonly ObjectRef[],
  changes: ReadonlyMap<string, string>,
): ChangedObject[] =>
  objects.flatMap((ref) => {
    const at = changes.get(idOf(ref));
    return at !== undefined && isBefore(takenAt, at) ? [{ ...ref, changedAt: at }] : [];
  });

const unique = (objects: readonly ChangedObject[]): ChangedObject[] =>
  [...new Map(objects.map((one) => [idOf(one), one])).values()].toSorted((a, b) =>
    compareText(a.changedAt, b.changedAt),
  );

const insertsIn = ({ name: where }: Pick<Listener, 'name'>, missing: readonly MissingInsert[]): Difference[] =>
  missing
    .filter((one) => one.in === where)
    .map(({ filter, name, hosts }) => ({
      what: `"${name}" is not there`,
      hosts: hosts.length === 0 ? ['*'] : hosts.map(hostOfDomain),
      objects: [refOf('EnvoyFilter', filter)],
    }));

function hostDifferences(hosts: readonly TranslatedHost[], configuration: RouteConfiguration): Difference[] {
  const expected = new Map(hosts.map((one) => [hostKey(one), one]));
  const found = servedHosts([configuration]);
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((key) =>
    hostDifference(expected.get(key), found.get(key), key.slice(configuration.name.length + 1)),
  );
}

function hostDifference(
  expected: TranslatedHost | undefined,
  served: VirtualHost | undefined,
  host: string,
): Difference[] {
  if (expected?.routes.some(({ unsure }) => unsure.length > 0) || served?.hasMatcherTree) return [];
  const what = differenceOf(expected, served);
  if (what === undefined) return [];
  const routes = [...(expected?.routes.map(({ route }) => route) ?? []), ...(served?.routes ?? [])];
  const objects = [
    ...routes.flatMap(({ from }) => from ?? []),
    ...(expected?.servers ?? []).map(({ gateway }) => gateway),
  ];
  return [{ what: `${host}: ${what}`, hosts: [host], objects }];
}

/** Of servers that end TLS: each has a filter chain of its own. */
function chainDifferences(asked: Asked, listener: Listener): Difference[] {
  const { port, filterChains } = listener;
  const chains = Map.groupBy(filterChains, routesOf);
  return [...missingChains(asked, port, chains), ...chainsTooMany(asked, listener)];
}

function missingChains(
  { translation }: Asked,
  port: number,
  chains: ReadonlyMap<string | undefined, readonly FilterChain[]>,
): Difference[] {
  return translation.servers
    .filter(({ listenerPort, isTls, bind }) => listenerPort === port && isTls && bind === '')
    .flatMap((server): Difference[] => {
      const name = routeConfigurationOf(server);
      const what = name === undefined ? undefined : chainDifference(server, chains.get(name)?.[0]);
      if (what === undefined) return [];
      const hosts = server.hosts.map(plainHost);
      return [{ what: `${hosts.join(', ')}: ${what}`, hosts, objects: [server.gateway] }];
    });
}

/** Of Gateways that are there and ask for no such chain: a server was taken out, or the selector is another. */
function chainsTooMany({ translation, gateways }: Asked, { address, filterChains }: Listener): Difference[] {
  const wanted = new Set(translation.servers.map(routeConfigurationOf));
  const existing = gateways.map((one) => refOf('Gateway', one));
  return filterChains
    .filter((chain) => !wanted.has(routesOf(chain)))
    .flatMap((chain): Difference[] => {
      const gateway = gatewayOfChain(chain, { address, existing });
      if (!gateway || !existing.some((one) => isSameName(one, gateway))) return [];
      const hosts = chain.match.serverNames.length === 0 ? ['*'] : chain.match.serverNames;
      return [
        { what: `${hosts.join(', ')}: a filter chain is there that it does not ask for`, hosts, objects: [gateway] },
      ];
    });
}

function chainDifference({ hosts, tls }: GatewayServer, chain: FilterChain | undefined): string | undefined {
  if (!chain) return 'there is no filter chain for it';
  const names = [...new Set(hosts.map(plainHost))].filter((one) => one !== '*').sort();
  if (names.join() !== chain.match.serverNames.toSorted().join())
    return `the filter chain is for ${chain.match.serverNames.join(', ') || 'every server name'}`;
  const credential = tls?.credentialName;
  const isAlike = credential === undefined || chain.tls?.certificates.some((one) => one.endsWith(credential));
  return isAlike ? undefined : `the filter chain has certificate ${chain.tls?.certificates.join(', ') || 'none'}`;
}

/** What warms up has been taken. */
function settled(listeners: readonly Listener[]): Listener[] {
  const warming = new Set(listeners.filter(({ state }) => state === 'warming').map(({ name }) => name));
  return listeners.filter(
    ({ name, state, transport }) => state === 'active' && transport === undefined && !warming.has(name),
  );
}

const routesOf = ({ handler }: FilterChain): string | undefined =>
  handler.kind === 'http' ? handler.routeConfiguration : undefined;
