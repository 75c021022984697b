// The hosts that are not served alike by every pod: by their routes, the clusters of these, and their filter chains.

import { hostOfDomain } from '#core/host.ts';
import { keyOfContent } from '#model/content.ts';
import { type FilterChain, type Listener, routesBehind } from '#model/listener.ts';
import { clustersOfAction, type RouteConfiguration, type VirtualHost } from '#model/route.ts';
import type { Configuration } from './facts.ts';

type Served = Pick<Configuration, 'routes' | 'listeners' | 'clusters'>;

/** Lower case, as virtual hosts and server names have them, sorted. Empty where all pods serve the same. */
export function differingHosts(configurations: readonly Served[]): string[] {
  const served = configurations.map(contentsByHost);
  const hosts = new Set(served.flatMap((one) => [...one.keys()]));
  const differs = (host: string): boolean => new Set(served.map((one) => one.get(host))).size > 1;
  return [...hosts].filter(differs).sort();
}

/** A host can have a virtual host on each port; in which order a dump has them says nothing. */
function contentsByHost({ routes, listeners, clusters }: Served): ReadonlyMap<string, string> {
  const clusterKeys = new Map(clusters.map((cluster) => [cluster.name, keyOfContent('cluster', cluster)]));
  const contents = [
    ...routes.flatMap((configuration) => contentsOfRoutes(configuration, clusterKeys)),
    ...listeners.flatMap((listener) => contentsOfListener(listener, routes)),
  ];
  const textOf = (all: readonly Content[]): string => JSON.stringify(all.map(({ content }) => content).sort());
  return new Map([...Map.groupBy(contents, ({ host }) => host)].map(([host, all]) => [host, textOf(all)]));
}

interface Content {
  readonly host: string;
  readonly content: string;
}

const contentOfEach = (hosts: readonly string[], content: string): Content[] =>
  [...new Set(hosts)].map((host) => ({ host, content }));

/** istiod's `blackhole` virtual hosts take every other name of a Gateway and have no route. */
const serves = ({ routes, requireTls }: VirtualHost): boolean => routes.length > 0 || requireTls !== 'none';

const hostsOf = ({ virtualHosts }: RouteConfiguration): string[] =>
  virtualHosts.filter(serves).flatMap(({ domains }) => domains.map(hostOfDomain));

function contentsOfRoutes(configuration: RouteConfiguration, clusters: ReadonlyMap<string, string>): Content[] {
  const around = keyOfContent('route configuration', configuration);
  return configuration.virtualHosts.filter(serves).flatMap((virtualHost) => {
    const { domains, routes } = virtualHost;
    const to = new Set(routes.flatMap(({ action }) => clustersOfAction(action)));
    const keys = [
      around,
      keyOfContent('virtual host', virtualHost),
      ...routes.map((route) => keyOfContent('route', route)),
      ...[...to].map((name) => clusters.get(name)),
    ];
    return contentOfEach(domains.map(hostOfDomain), JSON.stringify([virtualHost, keys]));
  });
}

function contentsOfListener(listener: Listener, routes: readonly RouteConfiguration[]): Content[] {
  const { address, port, transport, filterChains, defaultFilterChain } = listener;
  const place = [address, port, transport, keyOfContent('listener', listener)];
  return [...filterChains, ...(defaultFilterChain ? [defaultFilterChain] : [])].flatMap((chain) =>
    contentOfEach(hostsOfChain(chain, routes), JSON.stringify([place, chain, keyOfContent('filter chain', chain)])),
  );
}

/** A chain for every server name is for the hosts of its routes. */
function hostsOfChain({ match, handler }: FilterChain, routes: readonly RouteConfiguration[]): readonly string[] {
  if (match.serverNames.length > 0) return match.serverNames;
  if (handler.kind !== 'http') return [];
  const own = routesBehind(handler, routes);
  return own ? hostsOf(own) : [];
}
