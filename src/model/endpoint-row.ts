// One line of `endpoints`: an endpoint that Envoy balances over, or a cluster that has none.

import { comparing } from '#core/compare.ts';
import { isSameJson } from '#core/json.ts';
import type { Endpoint } from './cluster.ts';
import { orderOfCluster } from './cluster-row.ts';
import { isPlainlySameContent, keyOfContent } from './content.ts';
import { byIdentity, interner, mergePods, type OnPods } from './merge-pods.ts';

export interface EndpointRow {
  readonly cluster: string;
  /** Why there is no endpoint: its cluster has none, Envoy lists none of such clusters, or has no such cluster in use. */
  readonly missing: 'endpoints' | 'list' | 'cluster' | undefined;
  readonly endpoint: Endpoint | undefined;
}

interface Counters {
  readonly stats: Readonly<Record<string, number>>;
  /** The lowest of the pods that can tell. */
  readonly successRate: number | undefined;
}

/** An endpoint of several pods, with its counters summed up over them. */
export interface EndpointItem extends OnPods<EndpointRow>, Counters {
  /**
   * Pods that route to its cluster, as destination, share or mirror, whether they have the endpoint or not; undefined
   * where that was not asked for.
   */
  readonly routedBy: readonly string[] | undefined;
  /**
   * What the Service's EndpointSlices say of the address; undefined where they were not read or it is no such Service.
   */
  readonly backend: Backend | undefined;
}

export interface Backend {
  /** False: no EndpointSlice of the Service has this address (any more). */
  readonly isListed: boolean;
  /** `NAMESPACE/NAME`. */
  readonly pod: string | undefined;
  readonly node: string | undefined;
  readonly zone: string | undefined;
  readonly isReady: boolean | undefined;
}

/**
 * The lines of a pod, in no particular order. `clusters`: names of all clusters that the pod has in use; those that
 * `routed` names and are not among them are missing; none is where it was not asked for. `unlisted`: names of clusters
 * of which Envoy lists no endpoints.
 */
export function rowsOfEndpoints(
  clusters: readonly string[],
  endpoints: readonly Endpoint[],
  routed: ReadonlySet<string> | undefined,
  unlisted: ReadonlySet<string> = new Set(),
): EndpointRow[] {
  const inUse = new Set(clusters);
  const filled = new Set(endpoints.map(({ cluster }) => cluster));
  const without = (cluster: string, missing: EndpointRow['missing']): EndpointRow => ({
    cluster,
    missing,
    endpoint: undefined,
  });
  return [
    ...endpoints.map(
      (endpoint): EndpointRow => ({
        cluster: endpoint.cluster,
        missing: undefined,
        endpoint,
      }),
    ),
    ...clusters
      .filter((name) => !filled.has(name))
      .map((name) => without(name, unlisted.has(name) ? 'list' : 'endpoints')),
    ...[...(routed ?? [])].filter((name) => !inUse.has(name)).map((name) => without(name, 'cluster')),
  ];
}

/**
 * The rows of all pods, merged as all lists are. Counters and success rates are never a difference: they are put
 * together as they arrive.
 */
export interface EndpointMerge {
  /** The rows of a pod, each replaced by an equal one that an earlier pod had. */
  keep(rows: readonly EndpointRow[]): readonly EndpointRow[];
  merge(answers: Parameters<typeof mergePods<EndpointRow>>[0]): Omit<EndpointItem, 'backend' | 'routedBy'>[];
}

export function endpointMerge(): EndpointMerge {
  const pool = interner(({ cluster, endpoint }) => `${cluster}\n${endpoint?.address}`, endpointRowKey, isPlainlySame);
  const sums = new Map<EndpointRow, Counters>();
  const keep = (rows: readonly EndpointRow[]): readonly EndpointRow[] => {
    const kept = pool.intern(rows);
    for (const [index, { endpoint }] of rows.entries()) {
      const row = kept[index] as EndpointRow;
      if (endpoint?.stats) sums.set(row, sumOf(endpoint, endpoint.stats, sums.get(row)));
    }
    return kept;
  };
  return {
    keep,
    merge: (answers) =>
      mergePods(answers, byIdentity, compareEndpointRows).map(({ value, pods }) => {
        const { stats, successRate } = sums.get(value) ?? noCounters;
        return { value, pods, stats, successRate };
      }),
  };
}

const noCounters: Counters = { stats: {}, successRate: undefined };

/** A success rate of -1 stands for too few requests to tell. */
function sumOf({ successRate = -1 }: Endpoint, stats: Counters['stats'], sum = noCounters): Counters {
  const total: Record<string, number> = { ...sum.stats };
  for (const [name, value] of Object.entries(stats)) total[name] = (total[name] ?? 0) + value;
  return {
    stats: total,
    successRate: successRate < 0 ? sum.successRate : Math.min(successRate, sum.successRate ?? 100),
  };
}

const compareEndpointRows = comparing(
  ({ cluster, endpoint }: EndpointRow) =>
    `${orderOfCluster(cluster)}\0${sortable(`${endpoint?.priority ?? 0} ${endpoint?.address ?? ''}`)}`,
);

/** By number where they are IP addresses: 10.64.0.9 before 10.64.0.10. */
const sortable = (address: string): string => address.replaceAll(/\d+/g, (digits) => digits.padStart(5, '0'));

function endpointRowKey({ endpoint, ...row }: EndpointRow): string {
  if (!endpoint) return JSON.stringify(row);
  return JSON.stringify([{ ...row, endpoint: settled(endpoint) }, keyOfContent('endpoint', endpoint)]);
}

const settled = ({ stats: _, successRate: __, ...rest }: Endpoint): Omit<Endpoint, 'stats' | 'successRate'> => rest;

/** What is read of the same content is the same, but for what each pod judges by itself. */
const isPlainlySame = ({ endpoint: a }: EndpointRow, { endpoint: b }: EndpointRow): boolean =>
  a !== undefined &&
  b !== undefined &&
  isPlainlySameContent('endpoint', a, b) &&
  a.health === b.health &&
  a.priority === b.priority &&
  isSameJson(a.reasons, b.reasons);
