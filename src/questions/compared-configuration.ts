// What `diff`, `status --full` and `check` compare besides what other commands ask for: what Envoy was started with,
// what warms beside the active, extensions, scopes of routes, and the runtime.

import type { Admin } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { failureOf } from '#core/known.ts';
import { andList } from '#core/phrase.ts';
import { readClusters } from '#dump/clusters.ts';
import { readListeners } from '#dump/listeners.ts';
import {
  readBootstrap,
  readExtensions,
  readLoadAssignments,
  readRuntimeLayers,
  readScopedRoutes,
} from '#dump/other-elements.ts';
import { type LargeAnswers, withoutThings } from '#dump/pod-report.ts';
import { readRoutes } from '#dump/routes.ts';
import { readSecrets } from '#dump/secrets.ts';
import { fetchJson } from '#envoy/admin.ts';
import { bootstrapQuery, type DumpResource, fetchConfigDump, fetchLists } from '#envoy/config-dump.ts';
import type { Secret } from '#model/certificate.ts';
import type { Cluster } from '#model/cluster.ts';
import type { OtherElement } from '#model/difference.ts';
import type { Listener } from '#model/listener.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import type { RouteConfiguration } from '#model/route.ts';
import type { ComparedThing, PodReport } from '#model/status.ts';
import { fetchClusterDump, fetchClusters, fetchListenerDump, fetchListeners } from './pod-configuration.ts';

const fetchStaticListeners = async (admin: Admin): Promise<readonly Listener[]> =>
  fetchList(admin, 'static_listeners', readListeners);

/** Those of the bootstrap, and those that warm: what is small, however large the mesh is. */
export const fetchFewClusters = async (admin: Admin): Promise<readonly Cluster[]> =>
  readClusters(await fetchLists(admin, ['static_clusters', 'dynamic_warming_clusters']));

/** Those of the bootstrap, too. */
export const fetchAllListeners = async (admin: Admin): Promise<readonly Listener[]> =>
  readListeners(await fetchListenerDump(admin));

export const fetchAllClusters = async (admin: Admin): Promise<readonly Cluster[]> =>
  readClusters(await fetchClusterDump(admin));

/** Those of the bootstrap, and those that stand in listeners, too. */
export const fetchAllRoutes = async (admin: Admin): Promise<readonly RouteConfiguration[]> =>
  readRoutes(await fetchLists(admin, ['static_route_configs', 'dynamic_route_configs']));

export const fetchAllSecrets = async (admin: Admin): Promise<readonly Secret[]> =>
  readSecrets(await fetchLists(admin, ['static_secrets', 'dynamic_active_secrets', 'dynamic_warming_secrets']));

const fetchStaticRoutes = async (admin: Admin): Promise<readonly RouteConfiguration[]> =>
  fetchList(admin, 'static_route_configs', readRoutes);

const fetchStaticSecrets = async (admin: Admin): Promise<readonly Secret[]> =>
  fetchList(admin, 'static_secrets', readSecrets);

/** Not every Envoy has this section. */
export const fetchScopedRoutes = async (admin: Admin): Promise<readonly OtherElement[]> =>
  readScopedRoutes(
    (await orNotGiven(fetchLists(admin, ['inline_scoped_route_configs', 'dynamic_scoped_route_configs']))) ?? {},
  );

export const fetchExtensions = async (admin: Admin): Promise<readonly OtherElement[]> =>
  fetchList(admin, 'ecds_filters', readExtensions);

/** Throws `unsupported` where the pod, or what was saved of it, does not say. */
export const fetchLoadAssignments = async (admin: Admin): Promise<readonly OtherElement[]> =>
  together(
    ...(['static_endpoint_configs', 'dynamic_endpoint_configs'] as const).map(async (resource) =>
      readLoadAssignments(await fetchConfigDump(admin, { resource })),
    ),
  );

/** Throws `unsupported` where Envoy gives it in whole dumps only. */
export async function fetchBootstrap(admin: Admin, envoyVersion: string): Promise<readonly OtherElement[]> {
  const query = bootstrapQuery(envoyVersion, 'bootstrap');
  if (!query) throw new ToolError('unsupported', `Envoy ${envoyVersion} gives it in whole dumps only`);
  return readBootstrap(await fetchJson(admin, { path: 'config_dump', query }));
}

export const fetchRuntimeLayers = async (admin: Admin): Promise<readonly OtherElement[]> =>
  readRuntimeLayers(await fetchJson(admin, { path: 'runtime' }));

/** What is large is asked of one pod in ten at a time: a gateway whose every Envoy is busy takes no update. */
export const gently = ({ pods }: Pick<Gateway, 'pods'>): { readonly parallel: number } => ({
  parallel: Math.max(1, Math.floor(pods.length / 10)),
});

/** What is compared and is small, however large the mesh is. */
export async function fetchSmall(
  admin: Admin,
  envoyVersion: string,
  fewClusters = fetchFewClusters(admin),
): Promise<Partial<LargeAnswers>> {
  const [staticRoutes, staticSecrets, scopes, extensions, bootstrap, runtime, listeners, clusters] = await Promise.all([
    fetchStaticRoutes(admin),
    fetchStaticSecrets(admin),
    fetchScopedRoutes(admin),
    fetchExtensions(admin),
    orNotGiven(fetchBootstrap(admin, envoyVersion)),
    orNotGiven(fetchRuntimeLayers(admin)),
    fetchStaticListeners(admin),
    fewClusters,
  ]);
  return {
    listeners,
    clusters,
    staticRoutes,
    staticSecrets,
    others: [scopes, extensions, bootstrap ?? [], runtime ?? []].flat(),
    notGiven: [...(bootstrap ? [] : (['bootstrap'] as const)), ...(runtime ? [] : (['runtime'] as const))],
  };
}

/** What is compared besides, but for routes, secrets and endpoints. */
export async function fetchLarge(admin: Admin): Promise<Pick<LargeAnswers, 'listeners' | 'clusters'>> {
  const [listeners, clusters] = await Promise.all([fetchListeners(admin), fetchClusters(admin)]);
  return { listeners, clusters };
}

/** What EDS says: who asks pods while endpoints come and go gets other answers of each. */
export async function fetchAssigned(admin: Admin): Promise<Pick<LargeAnswers, 'others' | 'notGiven'>> {
  const others = await orNotGiven(fetchLoadAssignments(admin));
  return others ? { others } : { notGiven: ['load assignment'] };
}

/** What only some pods give would differ from all the others. */
export function comparableReports<T extends { readonly report: PodReport }>(
  outcomes: readonly PodOutcome<T>[],
): { readonly outcomes: readonly PodOutcome<T>[]; readonly notGiven: readonly ComparedThing[] } {
  const notGiven = new Set(outcomes.filter(hasAnswered).flatMap(({ ok }) => ok.report.notGiven));
  if (notGiven.size === 0) return { outcomes, notGiven: [] };
  const comparable = mapOutcomes(outcomes, (ok) => ({ ...ok, report: withoutThings(ok.report, notGiven) }));
  return { outcomes: comparable, notGiven: [...notGiven] };
}

/** `what`: kinds of configuration. */
export const notCompared = (what: readonly string[]): string =>
  `not compared: ${andList(what)} (not every pod, or not what was saved of it, has an answer)`;

/** Undefined where the pod, or what was saved of it, does not have such an answer at all. */
export async function orNotGiven<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    return isNotGiven(failureOf(error)) ? undefined : Promise.reject(error);
  }
}

const isNotGiven = ({ code }: ToolError): boolean => code === 'unsupported' || code === 'not-found';

/** Envoy answers 404 to a list of which it has no section. */
const fetchList = async <T>(admin: Admin, resource: DumpResource, read: (json: unknown) => T[]): Promise<T[]> =>
  read((await orNotGiven(fetchConfigDump(admin, { resource }))) ?? {});

const together = async <T>(...asked: readonly Promise<readonly T[]>[]): Promise<readonly T[]> =>
  (await Promise.all(asked)).flat();
