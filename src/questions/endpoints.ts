// Which addresses does every gateway pod's Envoy balance over, in which health, and which pods are behind them?

import { backendsIn } from '#analysis/request/backends.ts';
import { needsRouted, select, type Wanted } from '#analysis/select/clusters.ts';
import { withEachRoute } from '#analysis/select/routed-clusters.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered } from '#core/fleet.ts';
import { orWhyNot } from '#core/known.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readClusters } from '#dump/clusters.ts';
import { clustersDumpOf, readClusterNames, readEmptyWithoutEds, readEndpoints } from '#dump/endpoints.ts';
import { fetchJson } from '#envoy/admin.ts';
import { listsEndpoints } from '#model/cluster.ts';
import { serviceOfCluster } from '#model/cluster-name.ts';
import {
  type EndpointItem,
  type EndpointMerge,
  type EndpointRow,
  endpointMerge,
  rowsOfEndpoints,
} from '#model/endpoint-row.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import { type SelectionSum, selectionSum } from '#model/selection.ts';
import { type Delegates, delegatesFor } from './delegates.ts';
import { listSlices } from './endpoint-slices.ts';
import { keptDumps } from './kept-dumps.ts';
import { fetchNamedClusters, fetchRouted } from './pod-configuration.ts';

export interface EndpointsQuestion extends Wanted {
  /** `healthy`, `degraded`, `unhealthy`, `draining`; `none`: clusters without endpoints. Empty: all of them. */
  readonly health: readonly string[];
  readonly withCounters: boolean;
  readonly keepDumps?: boolean;
}

export interface EndpointsAnswer extends QuestionAnswer<EndpointItem> {
  readonly notes: readonly string[];
  /** What the filters leave out, and which services exist. */
  readonly selection: SelectionSum['sum'];
}

export async function askEndpoints(source: Source, question: EndpointsQuestion): Promise<EndpointsAnswer> {
  const merge = endpointMerge();
  const selections = selectionSum();
  const delegates = await delegatesFor(source, question.filter);
  const pods = await source.everyPod((admin) =>
    fetchEndpointRows(admin, { ...question, ...delegates }, merge, selections),
  );
  const answers = pods.filter(hasAnswered);
  // What one pod routes to is shown of all pods that have it.
  const wanted = new Set(answers.flatMap(({ ok }) => ok.wanted));
  const rowsOf = ({ rows }: PodEndpoints): EndpointRow[] => rows.filter(({ cluster }) => wanted.has(cluster));
  const merged = merge.merge(mapOutcomes(pods, rowsOf).filter(hasAnswered));
  const isAsked = answers.some(({ ok }) => ok.routed !== undefined);
  const routedBy = (cluster: string): string[] | undefined =>
    isAsked ? answers.flatMap(({ pod, ok }) => (ok.routed?.has(cluster) ? [pod.name] : [])) : undefined;
  const { backendOf, notes } = await lookUpBackends(
    source,
    merged.map(({ value }) => value),
  );
  return {
    gateway: await source.gateway(),
    pods,
    items: merged.map((item) => ({
      ...item,
      routedBy: routedBy(item.value.cluster),
      backend: backendOf(item.value),
    })),
    dumps: mapOutcomes(pods, ({ dumps }) => dumps),
    notes: [...notes, ...delegates.notes],
    selection: selections.sum,
  };
}

interface PodEndpoints {
  /** Of all clusters. */
  readonly rows: readonly EndpointRow[];
  /** Names of the clusters that are asked for, as far as this pod can tell. */
  readonly wanted: readonly string[];
  /** Names of the clusters that it routes to; undefined where that was not asked for. */
  readonly routed: ReadonlySet<string> | undefined;
  /** What `/clusters?format=json` has of the clusters of these rows. */
  readonly dumps: readonly unknown[];
}

async function fetchEndpointRows(
  admin: Admin,
  question: EndpointsQuestion & Delegates,
  merge: EndpointMerge,
  selections: SelectionSum,
): Promise<PodEndpoints> {
  const [reached, json] = await Promise.all([
    needsRouted(question) ? fetchRouted(admin) : undefined,
    fetchJson(admin, { path: 'clusters', query: { format: 'json' } }),
  ]);
  const routed = reached && withEachRoute(reached, question.named);
  const leading = routed && new Set(routed.leads.keys());
  const rows = rowsOfEndpoints(
    readClusterNames(json),
    readEndpoints(json, { withCounters: question.withCounters }),
    leading,
    await fetchUnlisted(admin, json, question.wholeMesh ? undefined : leading),
  );
  const clusters = [...new Set(rows.map(({ cluster }) => cluster))];
  const { rows: selected, selection } = select(
    clusters.map((cluster) => ({ cluster, isRouted: leading?.has(cluster) })),
    ({ cluster }) => cluster,
    routed,
    question,
  );
  selections.add(selection);
  const wanted = selected.map(({ cluster }) => cluster);
  const names = new Set(wanted);
  return {
    rows: merge.keep(rows.filter((row) => hasHealth(row, question.health))),
    wanted,
    routed: leading,
    dumps: await keptDumps(question.keepDumps === true ? [clustersDumpOf(json, (name) => names.has(name))] : []),
  };
}

/** Names of clusters without endpoints to which that need not matter; the type is in the configuration alone. */
async function fetchUnlisted(admin: Admin, json: unknown, only: ReadonlySet<string> | undefined): Promise<Set<string>> {
  // Istio's black hole is empty on purpose, and everywhere.
  const doubtful = readEmptyWithoutEds(json).filter((name) => name !== 'BlackHoleCluster' && (only?.has(name) ?? true));
  const dumps = await fetchNamedClusters(admin, doubtful);
  const clusters = dumps.flatMap((dump) => readClusters(dump));
  return new Set(clusters.flatMap((cluster) => (listsEndpoints(cluster) ? [] : [cluster.name])));
}

const hasHealth = ({ endpoint, missing }: EndpointRow, wanted: readonly string[]): boolean =>
  wanted.length === 0 || (missing !== 'list' && wanted.includes(endpoint?.health.toLowerCase() ?? 'none'));

interface Backends {
  readonly backendOf: ReturnType<typeof backendsIn>;
  /** Why they are not known, where they are not. */
  readonly notes: readonly string[];
}

/** Without EndpointSlices the answer has no pods and nodes. */
async function lookUpBackends(source: Source, rows: readonly EndpointRow[]): Promise<Backends> {
  const namespaces = new Set(
    rows.flatMap(({ cluster, endpoint }) => (endpoint ? (serviceOfCluster(cluster)?.namespace ?? []) : [])),
  );
  const slices = await orWhyNot(listSlices(source, namespaces));
  if ('known' in slices) return { backendOf: backendsIn(slices.known, namespaces), notes: [] };
  return {
    backendOf: () => undefined,
    notes: [`cannot tell which pods and nodes are behind the endpoints: ${slices.missing}`],
  };
}
