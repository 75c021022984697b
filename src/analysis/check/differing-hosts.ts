// The hosts that are not served alike by every pod: by their routes, the clusters of these, and their filter chains. And
// the destinations of connections that name no host.

import type { Lead } from '#analysis/select/routed-clusters.ts';
import { hostOfDomain } from '#core/host.ts';
import { keyOfContent } from '#model/content.ts';
import { type FilterChain, filterChainsOf, type Listener, routesBehind } from '#model/listener.ts';
import { clustersOfAction, type RouteConfiguration, type VirtualHost } from '#model/route.ts';
import type { Configuration } from './facts.ts';

type Served = Pick<Configuration, 'routes' | 'listeners' | 'clusters' | 'routed'>;

/**
 * Lower case, as virtual hosts and server names have them, sorted. Empty where all pods serve the same. `unlike`:
 * clusters whose endpoints are not the same on every pod.
 */
export function differingHosts(configurations: readonly Served[], unlike: readonly string[] = []): string[] {
  const led = configurations.flatMap(({ routed }) =>
    unlike.flatMap((cluster) => (routed.leads.get(cluster) ?? []).flatMap(hostsOfLead)),
  );
  return [...new Set([...differingKeys(configurations.map(contentsByHost)), ...led])].sort();
}

/** Clusters to which chains or settings that not every pod has hand connections on as they are; and those of `unlike`. */
export const differingDestinations = (configurations: readonly Served[], unlike: readonly string[] = []): string[] =>
  [...new Set([...differingKeys(configurations.map(contentsByDestination)), ...unlike])].sort();

function differingKeys(all: readonly (readonly Content[])[]): string[] {
  const textOf = (contents: readonly Content[]): string =>
    JSON.stringify(contents.map(({ content }) => content).sort());
  const served = all.map(
    (contents) => new Map([...Map.groupBy(contents, ({ of }) => of)].map(([of, own]) => [of, textOf(own)])),
  );
  const keys = new Set(served.flatMap((one) => [...one.keys()]));
  return [...keys].filter((key) => new Set(served.map((one) => one.get(key))).size > 1);
}

const hostsOfLead = (lead: Lead): readonly string[] =>
  lead.kind === 'route' ? lead.row.domains.map(hostOfDomain) : (lead.row.chain?.match.serverNames ?? []);

/** A host can have a virtual host on each port; in which order a dump has them says nothing. */
function contentsByHost({ routes, listeners, clusters }: Served): Content[] {
  const clusterKeys = keysOfClusters(clusters);
  return [
    ...routes.flatMap((configuration) => contentsOfRoutes(configuration, clusterKeys)),
    ...listeners.flatMap((listener) => contentsOfListener(listener, routes)),
  ];
}

function contentsByDestination({ listeners, clusters }: Served): Content[] {
  const clusterKeys = keysOfClusters(clusters);
  return listeners.flatMap((listener) =>
    filterChainsOf(listener).flatMap((chain) => {
      const to = chain.handler.kind === 'tcp' ? chain.handler.clusters.map(({ cluster }) => cluster) : [];
      const content = contentOfChain(listener, chain);
      return to.map((cluster) => ({ of: cluster, content: JSON.stringify([content, clusterKeys.get(cluster)]) }));
    }),
  );
}

const keysOfClusters = (clusters: Served['clusters']): ReadonlyMap<string, string> =>
  new Map(clusters.map((cluster) => [cluster.name, keyOfContent('cluster', cluster)]));

interface Content {
  /** A host or a cluster. */
  readonly of: string;
  readonly content: string;
}

const contentOfEach = (hosts: readonly string[], content: string): Content[] =>
  [...new Set(hosts)].map((of) => ({ of, content }));

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

const contentsOfListener = (listener: Listener, routes: readonly RouteConfiguration[]): Content[] =>
  filterChainsOf(listener).flatMap((chain) =>
    contentOfEach(hostsOfChain(chain, routes), contentOfChain(listener, chain)),
  );

function contentOfChain(listener: Listener, chain: FilterChain): string {
  const { address, port, transport } = listener;
  const place = [address, port, transport, keyOfContent('listener', listener)];
  return JSON.stringify([place, chain, keyOfContent('filter chain', chain)]);
}

/** A chain for every server name is for the hosts of its routes. */
function hostsOfChain({ match, handler }: FilterChain, routes: readonly RouteConfiguration[]): readonly string[] {
  if (match.serverNames.length > 0) return match.serverNames;
  if (handler.kind !== 'http') return [];
  const own = routesBehind(handler, routes);
  return own ? hostsOf(own) : [];
}
