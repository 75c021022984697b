// Kinds of configuration that several commands ask a pod for together. All is asked for at once: Envoy answers one
// request after the other, and makes the next answer while the last one is read.

import { type RoutedClusters, routedClusters } from '#analysis/select/routed-clusters.ts';
import type { Admin } from '#core/admin.ts';
import { readClusters } from '#dump/clusters.ts';
import { type EndpointsOptions, readEndpoints } from '#dump/endpoints.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRouteOutlines, readRoutes } from '#dump/routes.ts';
import { readSecrets } from '#dump/secrets.ts';
import { fetchJson } from '#envoy/admin.ts';
import { type DumpQuery, fetchConfigDump, fetchLists } from '#envoy/config-dump.ts';
import { regexOfNames } from '#envoy/name-regex.ts';
import type { Secret } from '#model/certificate.ts';
import type { Cluster, Endpoint } from '#model/cluster.ts';
import type { Listener } from '#model/listener.ts';
import type { RouteConfiguration, RoutesOutline } from '#model/route.ts';

export const fetchListeners = async (admin: Admin): Promise<readonly Listener[]> =>
  readListeners(await fetchConfigDump(admin, { resource: 'dynamic_listeners' }));

export const fetchRoutes = async (admin: Admin): Promise<readonly RouteConfiguration[]> =>
  readRoutes(await fetchConfigDump(admin, { resource: 'dynamic_route_configs' }));

/** What routes are compared by. */
export const fetchRouteOutlines = async (admin: Admin): Promise<readonly RoutesOutline[]> =>
  readRouteOutlines(await fetchConfigDump(admin, { resource: 'dynamic_route_configs' }));

/** What the ingress routes to. */
export async function fetchRouted(admin: Admin): Promise<RoutedClusters> {
  const [listeners, routes] = await Promise.all([fetchListeners(admin), fetchRoutes(admin)]);
  return routedClusters(listeners, routes);
}

export const fetchSecrets = async (admin: Admin): Promise<readonly Secret[]> =>
  readSecrets(await fetchSecretDump(admin));

export const fetchClusters = async (admin: Admin): Promise<readonly Cluster[]> =>
  readClusters(await fetchConfigDump(admin, { resource: 'dynamic_active_clusters' }));

export const fetchEndpoints = async (admin: Admin, options: EndpointsOptions = {}): Promise<readonly Endpoint[]> =>
  readEndpoints(await fetchJson(admin, { path: 'clusters', query: { format: 'json' } }), options);

/** Counters are never the same. */
export const fetchComparedEndpoints = async (admin: Admin): Promise<readonly Endpoint[]> =>
  fetchEndpoints(admin, { withCounters: false });

/** Of these clusters. Envoy knows the filter from 1.38 on; an older one answers with all. Source: envoy PR #43407. */
export async function fetchEndpointsOf(admin: Admin, clusters: readonly string[]): Promise<readonly Endpoint[]> {
  const query = { format: 'json', filter: `^(${regexOfNames(clusters)})$` };
  const wanted = new Set(clusters);
  return readEndpoints(await fetchJson(admin, { path: 'clusters', query, isBrief: true }), {
    keep: (name) => wanted.has(name),
  });
}

/** Those of the bootstrap, too; not read. */
export const fetchListenerDump = (admin: Admin): Promise<unknown> =>
  fetchLists(admin, ['static_listeners', 'dynamic_listeners']);

/** Those of the bootstrap and those that warm, too; not read. */
export const fetchClusterDump = (admin: Admin): Promise<unknown> =>
  fetchLists(admin, ['static_clusters', 'dynamic_active_clusters', 'dynamic_warming_clusters']);

/** Active and warming ones, not read. */
export const fetchSecretDump = (admin: Admin, only: Pick<DumpQuery, 'nameRegex'> = {}): Promise<unknown> =>
  fetchLists(admin, ['dynamic_active_secrets', 'dynamic_warming_secrets'], only);

/** Not read. Asks for the bootstrap's clusters only where istiod does not have all. */
export async function fetchNamedClusters(admin: Admin, names: readonly string[]): Promise<readonly unknown[]> {
  if (names.length === 0) return [];
  const nameRegex = shortRegex(names);
  const only = nameRegex === undefined ? {} : { nameRegex };
  const dynamic = await fetchLists(admin, ['dynamic_active_clusters', 'dynamic_warming_clusters'], only);
  const known = new Set(readClusters(dynamic).flatMap(({ name, state }) => (state === 'active' ? [name] : [])));
  if (names.every((name) => known.has(name))) return [dynamic];
  return [dynamic, await fetchLists(admin, ['static_clusters'], only)];
}

/**
 * Envoy takes 60 KiB of request headers and compiles the expression for each request. With more names than fit, asks
 * for all clusters.
 */
const longestRegex = 8 * 1024;

function shortRegex(names: readonly string[]): string | undefined {
  const regex = regexOfNames(names);
  return encodeURIComponent(regex).length > longestRegex ? undefined : regex;
}
