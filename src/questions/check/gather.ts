// Gathers what `check` looks at, at the least cost for the pods: small answers of every pod, large ones (listeners,
// clusters) of one pod of each group that serves the same. A fact that cannot be read is missing, with its reason, and
// never fails the rest.

import type { Owner } from '#analysis/check/facts.ts';
import { type Lead, routedClusters } from '#analysis/select/routed-clusters.ts';
import type { Admin, IstiodDebug } from '#core/admin.ts';
import { compareText } from '#core/compare.ts';
import { type Gateway, hasAnswered, type Pod, type PodOutcome } from '#core/fleet.ts';
import type { Resource } from '#core/kinds.ts';
import { orWhyNot } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { readClusterNames, readUnusable } from '#dump/endpoints.ts';
import { readFailedConnections } from '#dump/failed-connections.ts';
import { assignedKeys, listedKeys, withLarge, withoutThings } from '#dump/pod-report.ts';
import { readReachedLimits } from '#dump/reached-limits.ts';
import { readStats } from '#dump/stats.ts';
import { fetchJson } from '#envoy/admin.ts';
import type { Cluster } from '#model/cluster.ts';
import { type ServiceName, serviceOfCluster } from '#model/cluster-name.ts';
import { type KeyOf, keysOfRun } from '#model/content-keys.ts';
import type { Gathered, IstiodAnswer, PodState, SharedConfiguration } from '#model/gathered.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import type { ComparedThing, PodReport } from '#model/status.ts';
import {
  comparableReports,
  fetchAssigned,
  fetchFewClusters,
  fetchLarge,
  fetchSmall,
  gently,
} from '#questions/compared-configuration.ts';
import { askIstiods, fetchSync, fetchVersion } from '#questions/istiod-answers.ts';
import { readKubernetesCertificates } from '#questions/kubernetes-certificates.ts';
import { listIn } from '#questions/list-in.ts';
import { askOneOfEach } from '#questions/one-of-each.ts';
import { fetchComparedEndpoints, fetchRoutes } from '#questions/pod-configuration.ts';
import { fetchPodReport } from '#questions/pod-report.ts';

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
  /** Secrets and pods of Services are asked for where they are the owner's; undefined: all are. */
  readonly owner?: ((gathered: Gathered) => Pick<Owner, 'has' | 'secrets'>) | undefined;
}

export async function gather(source: Source, wanted: Wanted): Promise<Gathered> {
  const gateway = await source.gateway();
  const [{ secrets: read, ...pods }, istiods, objects] = await Promise.all([
    wanted.pods ? askPods(source, gateway, wanted) : nobody,
    wanted.pods ? askIstiods(source, fetchIstiod) : notAsked,
    listAll(source, wanted.objects),
  ]);
  const nothing = {
    secrets: notAsked,
    servicePods: notAsked,
    rejectedContents: [],
    notTaken: [],
    unserved: [],
  } as const;
  const gathered = { gateway, ...pods, istiods, ...nothing, objects };
  const owner = wanted.owner?.(gathered);
  const [secrets, servicePods] = await Promise.all([
    read ?? (wanted.secrets ? readSecrets(source, gateway, pods.configurations, owner) : notAsked),
    wanted.servicePods ? listServicePods(source, pods, owner) : notAsked,
  ]);
  return { ...gathered, secrets, servicePods };
}

/** More namespaces than these have a common cause, which the pods of each do not tell. */
const mostNamespaces = 20;

/** Whose labels say why a Service or subset is empty. */
async function listServicePods(
  source: Source,
  { pods, configurations }: Pick<Gathered, 'pods' | 'configurations'>,
  owner: Pick<Owner, 'has'> | undefined,
): Promise<Gathered['servicePods']> {
  const answers = 'known' in pods ? pods.known.filter(hasAnswered) : [];
  const empty = new Set(
    answers.flatMap(({ ok }) => ok.unusable.flatMap(({ cluster, endpoints }) => (endpoints === 0 ? [cluster] : []))),
  );
  const routed = configurations.flatMap(({ large, routes }) => [
    ...routedClusters(large?.listeners ?? [], routes).leads,
  ]);
  const services = routed
    .filter(([name]) => empty.has(name))
    .map(([name, leads]) => ({ service: serviceOfCluster(name), leads }))
    .filter(({ service, leads }) => owner === undefined || isOwn(owner, service, leads))
    .map(({ service }) => service);
  const namespaces = [...new Set(services.flatMap((service) => service?.namespace ?? []))].sort();
  if (namespaces.length > mostNamespaces)
    return {
      missing: `Services of ${namespaces.length} namespaces have no endpoint, and the pods of so many are not read`,
    };
  return orWhyNot(listIn(source, 'pods', namespaces));
}

function isOwn(owner: Pick<Owner, 'has'>, service: ServiceName | undefined, leads: readonly Lead[]): boolean {
  const from = leads.flatMap((lead) => (lead.kind === 'route' ? (lead.row.route?.from ?? []) : []));
  return [...(service ? [service] : []), ...from].some(owner.has);
}

const notAsked = { missing: 'not asked for' } as const;
const nobody: AskedPods = { pods: notAsked, configurations: [], notGiven: [], assigned: new Map() };

/** `secrets`: undefined where only those of an owner are wanted, who is not known yet. */
type AskedPods = Pick<Gathered, 'pods' | 'configurations' | 'notGiven' | 'assigned'> &
  Partial<Pick<Gathered, 'secrets'>>;

async function listAll(source: Source, resources: readonly Resource[]): Promise<Gathered['objects']> {
  const list = async (resource: Resource) => [resource, await orWhyNot(source.list(resource))] as const;
  return Object.fromEntries(await Promise.all(resources.map(list)));
}

/** The same, with those of these objects that were not listed yet. */
export async function withObjects(
  source: Source,
  gathered: Gathered,
  resources: readonly Resource[],
): Promise<Gathered> {
  const missing = resources.filter((resource) => gathered.objects[resource] === undefined);
  return { ...gathered, objects: { ...gathered.objects, ...(await listAll(source, missing)) } };
}

/** The answer is complete without the version. */
async function fetchIstiod(debug: IstiodDebug): Promise<IstiodAnswer> {
  const proxies = await fetchSync(debug);
  const version = await orWhyNot(fetchVersion(debug));
  return { proxies, version: 'known' in version ? version.known : undefined };
}

interface Asked {
  readonly report: PodReport;
  readonly state: Omit<PodState, 'report'>;
  /** Objects of the first of the pods that have the same. */
  readonly served: Pick<SharedConfiguration, 'routes' | 'secrets'>;
  readonly large?: SharedConfiguration['large'];
}

async function askPods(source: Source, gateway: Gateway, wanted: Wanted): Promise<AskedPods> {
  const names = new Map<string, ReadonlySet<string>>();
  const known = new Map<string, Asked['served']>();
  const asked = await source.everyPod(async (admin): Promise<Asked> => {
    const fewClusters = fetchFewClusters(admin);
    const [{ report, routes, secrets, warmingListeners }, state] = await Promise.all([
      fetchPodReport(admin, fetchRoutes, async (_, { envoyVersion }) =>
        wanted.comparisons ? fetchSmall(admin, envoyVersion, fewClusters) : undefined,
      ),
      fetchState(admin, names, fewClusters),
    ]);
    return { report, state: { ...state, warmingListeners }, served: sharedOf(known, report, { routes, secrets }) };
  });
  const assigned = new Map<string, string>();
  const served = new Set(asked.filter(hasAnswered).map(({ ok }) => ok.served));
  const [compared, secrets] = await Promise.all([
    wanted.comparisons ? compare(source, gateway, asked, assigned) : asked,
    // The API server is asked while Envoys make their large answers.
    wanted.secrets && wanted.configurations && !wanted.owner ? readSecrets(source, gateway, [...served]) : undefined,
  ]);
  const { outcomes, notGiven } = comparableReports(compared);
  return {
    pods: { known: mapOutcomes(outcomes, ({ report, state }) => ({ ...state, report })) },
    configurations: wanted.configurations ? await askLarge(source, outcomes.filter(hasAnswered)) : [],
    notGiven,
    assigned,
    ...(secrets && { secrets }),
  };
}

/** Two hundred pods need not be in memory. */
function sharedOf<T>(known: Map<string, T>, report: PodReport, own: T): T {
  const { fingerprint, warmingSecrets, rejections } = report;
  const key = JSON.stringify([fingerprint, warmingSecrets, rejections.map(({ details }) => details)]);
  const shared = known.get(key) ?? own;
  known.set(key, shared);
  return shared;
}

/**
 * What is large, of every pod. Of endpoints, what EDS says, of which `assigned` gets the keys: each Envoy judges their
 * health by itself.
 */
async function compare(
  source: Source,
  gateway: Gateway,
  asked: readonly PodOutcome<Asked>[],
  assigned: Map<string, string>,
): Promise<readonly PodOutcome<Asked>[]> {
  const known = new Map<string, SharedConfiguration['large']>();
  const keyOf = keysOfRun();
  const ask = async (admin: Admin, before: Asked): Promise<Asked> => {
    const [large, said] = await Promise.all([fetchLarge(admin), fetchAssigned(admin)]);
    for (const [key, cluster] of assignedKeys(said, keyOf)) assigned.set(key, cluster);
    const report = withLarge(before.report, large, keyOf);
    const shared = sharedOf(known, report, large);
    return { ...before, report: withLarge(report, said, keyOf), large: shared };
  };
  const all = await askAgain(source, asked, ask, gently(gateway));
  const isGiven = all.filter(hasAnswered).every(({ ok }) => hasAssigned(ok.report));
  if (isGiven && !areUnlikeIn(all, assignedThings)) return all;
  assigned.clear();
  if (!isGiven) return askAgain(source, all, (admin, before) => withListed(admin, before, assigned));
  return askAgain(source, all, (admin, before) => withAssigned(admin, before, assigned, keyOf));
}

/** Those that have answered. */
async function askAgain(
  source: Source,
  asked: readonly PodOutcome<Asked>[],
  ask: (admin: Admin, before: Asked) => Promise<Asked>,
  how = {},
): Promise<readonly PodOutcome<Asked>[]> {
  const answered = new Map(asked.flatMap((one) => (hasAnswered(one) ? [[one.pod.name, one.ok] as const] : [])));
  const outcomes = await source.everyPod(
    (admin) => ask(admin, answered.get(admin.pod.name) as Asked),
    ({ name }) => answered.has(name),
    how,
  );
  const again = new Map(outcomes.map((outcome) => [outcome.pod.name, outcome]));
  return asked.map((one) => again.get(one.pod.name) ?? one);
}

const assignedThings: ReadonlySet<ComparedThing> = new Set(['load assignment']);

/** Envoy's own section has at least the clusters of its bootstrap; what was saved of a pod may have nothing of it. */
const hasAssigned = ({ contents }: PodReport): boolean => [...contents.values()].includes('load assignment');

/** What Envoy balances over, in the place of what EDS says, of every pod: they have to be compared in the same. */
async function withListed(admin: Admin, { report, ...before }: Asked, assigned: Map<string, string>): Promise<Asked> {
  const endpoints = await fetchComparedEndpoints(admin);
  for (const [key, cluster] of listedKeys(endpoints)) assigned.set(key, cluster);
  const notGiven = [...assignedThings].filter((thing) => !report.notGiven.includes(thing));
  return { ...before, report: withLarge(withoutThings(report, assignedThings), { endpoints, notGiven }) };
}

/** Where endpoints have come or gone since the first pod was asked, the next answers are the same. */
async function withAssigned(
  admin: Admin,
  { report, ...before }: Asked,
  assigned: Map<string, string>,
  keyOf: KeyOf,
): Promise<Asked> {
  const said = await fetchAssigned(admin);
  for (const [key, cluster] of assignedKeys(said, keyOf)) assigned.set(key, cluster);
  return { ...before, report: withLarge(withoutThings(report, assignedThings), said, keyOf) };
}

/** Pods that serve the same but for these. */
function areUnlikeIn(asked: readonly PodOutcome<Asked>[], things: ReadonlySet<ComparedThing>): boolean {
  const reports = asked.filter(hasAnswered).map(({ ok }) => ok.report);
  const kinds = (all: readonly PodReport[]): number => new Set(all.map(({ fingerprint }) => fingerprint)).size;
  return kinds(reports) > kinds(reports.map((report) => withoutThings(report, things)));
}

async function fetchState(
  admin: Admin,
  names: Map<string, ReadonlySet<string>>,
  fewClusters: Promise<readonly Cluster[]>,
): Promise<Omit<PodState, 'report' | 'warmingListeners'>> {
  const [few, json, stats] = await Promise.all([
    fewClusters,
    fetchJson(admin, { path: 'clusters', query: { format: 'json' } }),
    fetchJson(admin, statsRequest),
  ]);
  const clusters = readClusterNames(json).toSorted();
  const key = clusters.join('\n');
  const shared = names.get(key) ?? new Set(clusters);
  names.set(key, shared);
  return {
    warmingClusters: few.flatMap(({ name, state }) => (state === 'warming' ? [name] : [])),
    clusters: shared,
    unusable: readUnusable(json).toSorted((a, b) => compareText(a.cluster, b.cluster)),
    failedConnections: readFailedConnections(json),
    reached: readReachedLimits(json),
    stats: readStats(stats),
  };
}

/**
 * Only non-zero counters of overload, of clients' connections and of updates: all stats together are megabytes. Of these
 * Istio's Envoys keep those of the listener manager, and the others only where proxyStatsMatcher names them.
 */
const statsRequest = {
  path: 'stats',
  query: {
    usedonly: '',
    format: 'json',
    filter:
      '^overload\\.|downstream_(cx|global_cx)_over|^sds\\..*update_rejected$|_manager\\.[cl]ds\\.update_(success|rejected)$',
  },
} as const;

/** Of pods that serve the same, one is asked for what was not compared. */
async function askLarge(
  source: Source,
  answered: readonly { readonly pod: Pod; readonly ok: Asked }[],
): Promise<SharedConfiguration[]> {
  const alike = Map.groupBy(answered, ({ ok }) => ok.large ?? ok.served);
  const all = [...alike.values()].map((group) => {
    const { served, large } = (group[0] as (typeof group)[number]).ok;
    return { ...served, large, pods: group.map(({ pod }) => pod.name).sort() };
  });
  const names = all.map(({ pods, large }) => (large ? [] : pods));
  const outcomes = await askOneOfEach(source, names, fetchLarge);
  return all.map((group, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || hasAnswered(outcome))
      return { ...group, large: outcome?.ok ?? group.large, failed: undefined };
    return { ...group, large: undefined, failed: outcome.failed.message };
  });
}

async function readSecrets(
  source: Source,
  { namespace }: Pick<Gateway, 'namespace'>,
  configurations: readonly Pick<SharedConfiguration, 'secrets'>[],
  owner?: Pick<Owner, 'secrets'>,
): Promise<Gathered['secrets']> {
  const served = configurations
    .flatMap(({ secrets }) => secrets)
    .filter(({ kind, state }) => kind === 'certificate' || state === 'warming')
    .filter(({ name }) => owner === undefined || owner.secrets.has(name));
  const { found, notes, isIncomplete } = await readKubernetesCertificates(
    source,
    [...new Set(served.map(({ name }) => name))],
    namespace,
  );
  const [note] = notes;
  if (note === undefined) return { known: found };
  return { missing: note, ...(isIncomplete ? {} : { isOutOfReach: true }) };
}
