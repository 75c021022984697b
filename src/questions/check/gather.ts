// Gathers what `check` looks at, at the least cost for the pods: small answers of every pod, large ones (listeners,
// clusters) of one pod of each group that serves the same. A fact that cannot be read is missing, with its reason, and
// never fails the rest.

import { routedClusters } from '#analysis/select/routed-clusters.ts';
import type { Admin, IstiodDebug } from '#core/admin.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Resource } from '#core/kinds.ts';
import { type Known, orWhyNot } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { readClusters } from '#dump/clusters.ts';
import { readClusterNames, readEndpoints } from '#dump/endpoints.ts';
import type { LargeAnswers } from '#dump/pod-report.ts';
import { readReachedLimits } from '#dump/reached-limits.ts';
import { readStats } from '#dump/stats.ts';
import { fetchJson } from '#envoy/admin.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import type { Endpoint } from '#model/cluster.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';
import type { Gathered, IstiodAnswer, PodState, SharedConfiguration, UnusableCluster } from '#model/gathered.ts';
import { askIstiods, fetchSync, fetchVersion } from '#questions/istiod-answers.ts';
import { readKubernetesCertificates } from '#questions/kubernetes-certificates.ts';
import { listIn } from '#questions/list-in.ts';
import { askOneOfEach } from '#questions/one-of-each.ts';
import { fetchClusters, fetchListeners, fetchRoutes } from '#questions/pod-configuration.ts';
import { fetchPodReport, type PodAnswers } from '#questions/pod-report.ts';

/** What is to be asked for; the rest is `missing: 'not asked for'`. */
export interface Wanted {
  readonly pods: boolean;
  /** Listeners and clusters of every pod, to be compared. */
  readonly comparisons: boolean;
  /** Listeners and clusters. */
  readonly configurations: boolean;
  readonly secrets: boolean;
  /** Of Services that are routed to and have no endpoint. */
  readonly servicePods: boolean;
  readonly objects: readonly Resource[];
}

export async function gather(source: Source, wanted: Wanted): Promise<Gathered> {
  const gateway = await source.gateway();
  const [pods, istiods, objects] = await Promise.all([
    wanted.pods ? askPods(source, wanted) : nobody,
    wanted.pods ? askIstiods(source, fetchIstiod) : notAsked,
    Promise.all(wanted.objects.map(async (resource) => [resource, await list(source, resource)] as const)),
  ]);
  const secrets = wanted.secrets ? await readSecrets(source, pods.configurations, gateway.namespace) : notAsked;
  const servicePods = wanted.servicePods ? await listServicePods(source, pods) : notAsked;
  const known = { gateway, ...pods, istiods, secrets, servicePods };
  return { ...known, objects: Object.fromEntries(objects), rejectedContents: [] };
}

/** More namespaces than these have a common cause, which the pods of each do not tell. */
const mostNamespaces = 20;

/** Whose labels say why a Service or subset is empty. */
async function listServicePods(
  source: Source,
  { pods, configurations }: Pick<Gathered, 'pods' | 'configurations'>,
): Promise<Gathered['servicePods']> {
  const answers = 'known' in pods ? pods.known.filter(hasAnswered) : [];
  const empty = new Set(
    answers.flatMap(({ ok }) => ok.unusable.flatMap(({ cluster, endpoints }) => (endpoints === 0 ? [cluster] : []))),
  );
  const routed = configurations.flatMap(({ large, routes }) => [
    ...routedClusters(large?.listeners ?? [], routes).leads.keys(),
  ]);
  const services = routed
    .filter((name) => empty.has(name))
    .map((name) => serviceOfFqdn(parseClusterName(name)?.fqdn ?? ''));
  const namespaces = [...new Set(services.flatMap((service) => service?.namespace ?? []))].sort();
  if (namespaces.length > mostNamespaces)
    return {
      missing: `Services of ${namespaces.length} namespaces have no endpoint, and the pods of so many are not read`,
    };
  return orWhyNot(listIn(source, 'pods', namespaces));
}

const notAsked = { missing: 'not asked for' } as const;
const nobody = { pods: notAsked, configurations: [] } as const;

const list = (source: Source, resource: Resource): Promise<Known<readonly KubeObject[]>> =>
  orWhyNot(source.list(resource));

/** The answer is complete without the version. */
async function fetchIstiod(debug: IstiodDebug): Promise<IstiodAnswer> {
  const proxies = await fetchSync(debug);
  const version = await orWhyNot(fetchVersion(debug));
  return { proxies, version: 'known' in version ? version.known : undefined };
}

/** Of pods that serve the same, the routes and secrets of the first; two hundred pods need not be in memory. */
type Groups = Map<string, { readonly pods: string[] } & Pick<PodAnswers, 'routes' | 'secrets' | 'large'>>;

async function askPods(source: Source, wanted: Wanted): Promise<Pick<Gathered, 'pods' | 'configurations'>> {
  const groups: Groups = new Map();
  const names = new Map<string, ReadonlySet<string>>();
  const pods = await source.everyPod(async (admin) => {
    const [answers, state] = await Promise.all([
      fetchPodReport(admin, fetchRoutes, wanted.comparisons ? fetchCompared : undefined),
      fetchState(admin, names),
    ]);
    const { routes, secrets, large } = answers;
    const key = JSON.stringify([
      answers.report.fingerprint,
      answers.report.warmingSecrets,
      answers.report.rejections.map(({ details }) => details),
    ]);
    const group = groups.get(key);
    if (group) group.pods.push(admin.pod.name);
    else groups.set(key, { pods: [admin.pod.name], routes, secrets, large });
    return { ...state, report: answers.report, warmingListeners: answers.warmingListeners };
  });
  const configurations = wanted.configurations ? await askLarge(source, groups) : [];
  return { pods: { known: pods }, configurations };
}

async function fetchState(
  admin: Admin,
  names: Map<string, ReadonlySet<string>>,
): Promise<Omit<PodState, 'report' | 'warmingListeners'>> {
  const [warming, json, stats] = await Promise.all([
    fetchConfigDump(admin, { resource: 'dynamic_warming_clusters' }),
    fetchJson(admin, { path: 'clusters', query: { format: 'json' } }),
    fetchJson(admin, statsRequest),
  ]);
  const clusters = readClusterNames(json).toSorted();
  const key = clusters.join('\n');
  const shared = names.get(key) ?? new Set(clusters);
  names.set(key, shared);
  return {
    warmingClusters: readClusters(warming, 'warming').map(({ name }) => name),
    clusters: shared,
    unusable: unusableOf(clusters, readEndpoints(json)),
    reached: readReachedLimits(json),
    stats: readStats(stats),
  };
}

/**
 * Only non-zero counters of overload and of clients' connections: all stats together are megabytes. Istio's Envoys keep
 * these only where proxyStatsMatcher names them.
 */
const statsRequest = {
  path: 'stats',
  query: {
    usedonly: '',
    format: 'json',
    filter: '^overload\\.|downstream_(cx|global_cx)_over|^sds\\..*update_rejected$',
  },
} as const;

function unusableOf(clusters: readonly string[], endpoints: readonly Endpoint[]): UnusableCluster[] {
  const own = Map.groupBy(endpoints, ({ cluster }) => cluster);
  return clusters.flatMap((cluster) => {
    const all = own.get(cluster) ?? [];
    if (all.some(({ health }) => health === 'HEALTHY' || health === 'DEGRADED')) return [];
    return [{ cluster, endpoints: all.length, reasons: [...new Set(all.flatMap(({ reasons }) => reasons))].sort() }];
  });
}

async function askLarge(source: Source, groups: Groups): Promise<SharedConfiguration[]> {
  const all = [...groups.values()].map((group) => ({ ...group, pods: group.pods.toSorted() }));
  const names = all.map(({ pods, large }) => (large ? [] : pods));
  const outcomes = await askOneOfEach(source, names, fetchLarge);
  return all.map((group, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || hasAnswered(outcome))
      return { ...group, large: outcome?.ok ?? group.large, failed: undefined };
    return { ...group, large: undefined, failed: outcome.failed.message };
  });
}

/** Endpoints are not compared: each Envoy judges their health by itself. */
const fetchCompared = async (admin: Admin): Promise<LargeAnswers> => ({ ...(await fetchLarge(admin)), endpoints: [] });

async function fetchLarge(admin: Admin): Promise<NonNullable<SharedConfiguration['large']>> {
  const [listeners, clusters] = await Promise.all([fetchListeners(admin), fetchClusters(admin)]);
  return { listeners, clusters };
}

async function readSecrets(
  source: Source,
  configurations: readonly SharedConfiguration[],
  namespace: string,
): Promise<Gathered['secrets']> {
  const served = configurations
    .flatMap(({ secrets }) => secrets)
    .filter(({ kind, state }) => kind === 'certificate' || state === 'warming');
  const { found, notes } = await readKubernetesCertificates(
    source,
    [...new Set(served.map(({ name }) => name))],
    namespace,
  );
  const [note] = notes;
  return note === undefined ? { known: found } : { missing: note };
}
