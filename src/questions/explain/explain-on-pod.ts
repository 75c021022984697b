// The way of one request through one pod. Asks only for what the request touches: one listener, one route
// configuration, its clusters and certificates.

import { explain } from '#analysis/request/explain.ts';
import { completed, type Need, nextNeed } from '#analysis/request/needs.ts';
import { listensOn } from '#analysis/request/reached-listener.ts';
import type { Admin } from '#core/admin.ts';
import { isBefore } from '#core/version.ts';
import { readClusters } from '#dump/clusters.ts';
import { readEndpointMetadata } from '#dump/endpoint-metadata.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRoutes } from '#dump/routes.ts';
import { readRuntime } from '#dump/runtime.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import { bootstrapQuery, fetchConfigDump } from '#envoy/config-dump.ts';
import { regexOfNames } from '#envoy/name-regex.ts';
import type { Cluster } from '#model/cluster.ts';
import type { EndpointMetadata, PodConfiguration } from '#model/configuration.ts';
import type { Entry, Explanation } from '#model/explanation.ts';
import type { Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { Runtime } from '#model/runtime.ts';
import {
  fetchClusters,
  fetchEndpoints,
  fetchEndpointsOf,
  fetchListeners,
  fetchRoutes,
  fetchSecrets,
} from '#questions/pod-configuration.ts';

/** `entered`: what the API server says of it comes while Envoy is asked for its version. */
export async function explainOnPod(admin: Admin, request: Request, entered: Promise<Entry>): Promise<Explanation> {
  const [proxy, entry] = await Promise.all([fetchNeed(admin, { what: 'proxy' }), entered]);
  let known: Partial<PodConfiguration> = { podIp: admin.pod.ip, ...proxy };
  for (let need = nextNeed(known, request, entry); need !== undefined; need = nextNeed(known, request, entry))
    known = { ...known, ...(await fetchNeed(admin, need)) };
  return explain(completed(known), request, entry);
}

/** All that any request may depend on, for many of them. */
export async function fetchWholeConfiguration(admin: Admin): Promise<PodConfiguration> {
  const { envoyVersion } = readServerInfo(await fetchJson(admin, { path: 'server_info' }));
  const [listeners, fixed, routeConfigurations, secrets, clusters, fixedClusters, endpoints, runtime] =
    await Promise.all([
      fetchListeners(admin),
      fetchConfigDump(admin, { resource: 'static_listeners' }),
      fetchRoutes(admin),
      fetchSecrets(admin),
      fetchClusters(admin),
      fetchConfigDump(admin, { resource: 'static_clusters' }),
      fetchEndpoints(admin),
      fetchRuntime(admin, envoyVersion),
    ]);
  return {
    envoyVersion,
    podIp: admin.pod.ip,
    runtime,
    listeners: [...listeners, ...readListeners(fixed)],
    routeConfigurations,
    secrets,
    clusters: [...clusters, ...readClusters(fixedClusters)],
    endpoints,
    endpointMetadata: await fetchEndpointMetadata(admin, clusters, envoyVersion),
  };
}

async function fetchNeed(admin: Admin, need: Need): Promise<Partial<PodConfiguration>> {
  switch (need.what) {
    case 'proxy':
      return { envoyVersion: readServerInfo(await fetchJson(admin, { path: 'server_info' })).envoyVersion };
    case 'listeners':
      return { listeners: await fetchListenersOnPort(admin, need) };
    case 'routes':
      return { routeConfigurations: readRoutes(await fetchNamed(admin, 'dynamic_route_configs', need.names)) };
    case 'secrets':
      return { secrets: readSecrets(await fetchNamed(admin, 'dynamic_active_secrets', need.names)) };
    case 'runtime':
      return { runtime: await fetchRuntime(admin, need.envoyVersion) };
    case 'clusters':
      return fetchNamedClusters(admin, need.names, need.envoyVersion);
  }
}

const fetchNamed = (
  admin: Admin,
  resource:
    | 'dynamic_route_configs'
    | 'dynamic_active_secrets'
    | 'dynamic_active_clusters'
    | 'dynamic_warming_clusters'
    | 'dynamic_endpoint_configs',
  names: readonly string[],
): Promise<unknown> => fetchConfigDump(admin, { resource, nameRegex: regexOfNames(names), isBrief: true });

/**
 * istiod names listeners by their port. Where none of that name listens there, all are read: an additional address may,
 * and it is to be said which ports there are.
 */
async function fetchListenersOnPort(
  admin: Admin,
  { port, transport }: Pick<Listener, 'port' | 'transport'>,
): Promise<readonly Listener[]> {
  const named = readListeners(await fetchConfigDump(admin, { resource: 'dynamic_listeners', nameRegex: `.*_${port}` }));
  if (named.some((listener) => listener.transport === transport && listensOn(listener, port))) return named;
  const fixed = readListeners(await fetchConfigDump(admin, { resource: 'static_listeners' }));
  return [...(await fetchListeners(admin)), ...fixed];
}

/** Undefined for old Envoys. */
async function fetchRuntime(admin: Admin, envoyVersion: string): Promise<Runtime | undefined> {
  const query = bootstrapQuery(envoyVersion, 'bootstrap.layered_runtime');
  return query && readRuntime(await fetchJson(admin, { path: 'config_dump', query }));
}

/** istiod's clusters; the bootstrap's (`agent`, `prometheus_stats`) only where one of them is meant. */
async function fetchNamedClusters(
  admin: Admin,
  names: readonly string[],
  envoyVersion: string,
): Promise<Pick<PodConfiguration, 'clusters' | 'endpoints' | 'endpointMetadata'>> {
  const dynamic = readClusters(await fetchNamed(admin, 'dynamic_active_clusters', names));
  const known = new Set(dynamic.map(({ name }) => name));
  const missing = names.filter((name) => !known.has(name));
  const found = missing.length === 0 ? dynamic : [...dynamic, ...(await fetchOtherClusters(admin, missing))];
  const clusters = await withAwaited(admin, found);
  const endpoints = await fetchEndpointsOf(admin, names);
  return { clusters, endpoints, endpointMetadata: await fetchEndpointMetadata(admin, clusters, envoyVersion) };
}

/** CAs that DestinationRules take from Secrets (`credentialName`). Files are the pod's own, and there as a rule. */
async function withAwaited(admin: Admin, clusters: readonly Cluster[]): Promise<readonly Cluster[]> {
  const names = [...new Set(clusters.flatMap((one) => secretOf(one) ?? []))];
  if (names.length === 0) return clusters;
  const secrets = readSecrets(await fetchNamed(admin, 'dynamic_active_secrets', names));
  const held = new Set(secrets.filter(({ state }) => state === 'active').map(({ name }) => name));
  return clusters.map((one) => {
    const name = secretOf(one);
    return name === undefined || held.has(name) ? one : { ...one, awaits: name };
  });
}

const secretOf = ({ tls }: Cluster): string | undefined =>
  'ca' in tls && tls.ca?.startsWith('kubernetes://') ? tls.ca : undefined;

async function fetchOtherClusters(admin: Admin, names: readonly string[]): Promise<readonly Cluster[]> {
  const warming = readClusters(await fetchNamed(admin, 'dynamic_warming_clusters', names), 'warming');
  return [...warming, ...readClusters(await fetchConfigDump(admin, { resource: 'static_clusters' }))];
}

/** EDS may name its resources otherwise than the clusters. Asked for only where an endpoint chooses its transport. */
async function fetchEndpointMetadata(
  admin: Admin,
  clusters: readonly Cluster[],
  envoyVersion: string,
): Promise<EndpointMetadata | undefined> {
  // Before 1.20 the names are ignored, and the endpoints of all services would come.
  if (isBefore(envoyVersion, '1.20') !== false) return undefined;
  const names = clusters.flatMap(({ tls, edsServiceName }) => (tls.mode === 'per-endpoint' ? [edsServiceName] : []));
  return names.length === 0
    ? undefined
    : readEndpointMetadata(await fetchNamed(admin, 'dynamic_endpoint_configs', names));
}
