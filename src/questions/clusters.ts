// Which services does the ingress route to, and with what TLS, limits and DestinationRule?

import { asksByName, needsRouted, select, type Wanted } from '#analysis/select/clusters.ts';
import { withEachRoute } from '#analysis/select/routed-clusters.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readClusters } from '#dump/clusters.ts';
import { dumpOf } from '#dump/elements.ts';
import {
  type ClusterRow,
  clusterRowKey,
  compareClusterRows,
  isPlainlySameCluster,
  rowsOfClusters,
} from '#model/cluster-row.ts';
import { byIdentity, type Interner, interner, mapOutcomes, mergePods, type OnPods } from '#model/merge-pods.ts';
import { type SelectionSum, selectionSum } from '#model/selection.ts';
import { type Delegates, delegatesFor } from './delegates.ts';
import { keptDumps } from './kept-dumps.ts';
import { fetchClusterDump, fetchNamedClusters, fetchRouted } from './pod-configuration.ts';

export interface ClustersQuestion extends Wanted {
  readonly keepDumps?: boolean;
}

export interface ClustersAnswer extends QuestionAnswer<OnPods<ClusterRow>> {
  readonly notes: readonly string[];
  /** What the filters leave out, and which services exist. */
  readonly selection: SelectionSum['sum'];
}

export async function askClusters(source: Source, question: ClustersQuestion): Promise<ClustersAnswer> {
  const pool = interner(({ name }) => name, clusterRowKey, isPlainlySameCluster);
  const selections = selectionSum();
  const delegates = await delegatesFor(source, question.filter);
  const pods = await source.everyPod((admin) =>
    fetchClusterRows(admin, { ...question, ...delegates }, pool, selections),
  );
  const rows = mapOutcomes(pods, (pod) => pod.rows);
  return {
    gateway: await source.gateway(),
    pods,
    items: mergePods(rows.filter(hasAnswered), byIdentity, compareClusterRows),
    dumps: mapOutcomes(pods, ({ dumps }) => dumps),
    notes: delegates.notes,
    selection: selections.sum,
  };
}

interface PodClusters {
  readonly rows: readonly ClusterRow[];
  /** Of the clusters that are active. */
  readonly dumps: readonly unknown[];
}

async function fetchClusterRows(
  admin: Admin,
  question: ClustersQuestion & Delegates,
  pool: Interner<ClusterRow>,
  selections: SelectionSum,
): Promise<PodClusters> {
  // For a filter by name, asks for all clusters: a note then names those that exist and are not routed to.
  const wantsAll = question.wholeMesh || asksByName(question.filter);
  const [reached, all] = await Promise.all([
    needsRouted(question) ? fetchRouted(admin) : undefined,
    wantsAll ? fetchClusterDump(admin) : undefined,
  ]);
  const routed = reached && withEachRoute(reached, question.named);
  const names = routed && [...routed.leads.keys()];
  const dumps = all === undefined ? await fetchNamedClusters(admin, names ?? []) : [all];
  const clusters = dumps.flatMap((dump) => readClusters(dump));
  const allRows = rowsOfClusters(clusters, names && new Set(names));
  const { rows, selection } = select(allRows, ({ name }) => name, routed, question);
  selections.add(selection);
  const found = new Set(rows.map(({ name }) => name));
  const kept = question.keepDumps === true ? dumps.map((dump) => activeOnly(dump, found)) : [];
  return { rows: pool.intern(rows), dumps: await keptDumps(kept) };
}

/** `-o envoy`, as istioctl, leaves out what warms. */
const activeOnly = (dump: unknown, names: ReadonlySet<string>): object =>
  dumpOf(dump, 'Clusters', (one) =>
    readClusters(one).some(({ name, state }) => state !== 'warming' && names.has(name)),
  );
