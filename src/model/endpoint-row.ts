// One line of `endpoints`: an endpoint that Envoy balances over, or a cluster that has none.

import { compareText } from '#core/compare.ts';
import { isSameJson } from '#core/json.ts';
import type { Endpoint } from './cluster.ts';
import { compareClusterNames } from './cluster-row.ts';
import { isPlainlySameContent, keyOfContent } from './content.ts';
import { byIdentity, interner, mergePods, type OnPods } from './merge-pods.ts';

export interface EndpointRow {
  readonly cluster: string;
  /** Why there is no endpoint: its cluster has none, or Envoy has no such cluster in use. */
  readonly missing: 'endpoints' | 'cluster' | undefined;
  readonly endpoint: Endpoint | undefined;
}

/** An endpoint of several pods, with its counters summed up over them. */
export interface EndpointItem extends OnPods<EndpointRow> {
  /**
   * Pods that route to its cluster, as destination, share or mirror, whether they have the endpoint or not; undefined
   * where that was not asked for.
   */
  readonly routedBy: readonly string[] | undefined;
  readonly stats: Readonly<Record<string, number>>;
  /** The lowest of the pods that can tell. */
  readonly successRate: number | undefined;
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
 * `routed` names and are not among them are missing; none is where it was not asked for.
 */
export function rowsOfEndpoints(
  clusters: readonly string[],
  endpoints: readonly Endpoint[],
  routed: ReadonlySet<string> | undefined,
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
    ...clusters.filter((name) => !filled.has(name)).map((name) => without(name, 'endpoints')),
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

interface Counters {
  readonly stats: Record<string, number>;
  successRate: number | undefined;
}

export function endpointMerge(): EndpointMerge {
  const pool = interner(({ cluster, endpoint }) => `${cluster}\n${endpoint?.address}`, endpointRowKey, isPlainlySame);
  const counters = new Map<EndpointRow, Counters>();
  const keepOne = (row: EndpointRow): EndpointRow => {
    const [kept = row] = pool.intern([row]);
    const sum = counters.get(kept) ?? { stats: {}, successRate: undefined };
    counters.set(kept, sum);
    if (row.endpoint) count(row.endpoint, sum);
    return kept;
  };
  return {
    keep: (rows) => rows.map(keepOne),
    merge: (answers) =>
      mergePods(answers, byIdentity, compareEndpointRows).map((one) => ({
        ...one,
        ...(counters.get(one.value) ?? { stats: {}, successRate: undefined }),
      })),
  };
}

/** A success rate of -1 stands for too few requests to tell. */
function count({ stats, successRate }: Endpoint, sum: Counters): void {
  for (const [name, value] of Object.entries(stats)) sum.stats[name] = (sum.stats[name] ?? 0) + value;
  if (successRate !== undefined && successRate >= 0) sum.successRate = Math.min(successRate, sum.successRate ?? 100);
}

const compareEndpointRows = (a: EndpointRow, b: EndpointRow): number =>
  compareClusterNames(a.cluster, b.cluster) ||
  (a.endpoint?.priority ?? 0) - (b.endpoint?.priority ?? 0) ||
  compareAddresses(a.endpoint?.address ?? '', b.endpoint?.address ?? '');

/** By number where they are IP addresses: 10.64.0.9 before 10.64.0.10. */
const compareAddresses = (a: string, b: string): number => compareText(sortable(a), sortable(b));

const sortable = (address: string): string => address.replaceAll(/\d+/g, (digits) => digits.padStart(5, '0'));

function endpointRowKey({ endpoint, ...row }: EndpointRow): string {
  if (!endpoint) return JSON.stringify(row);
  return JSON.stringify([{ ...row, endpoint: settled(endpoint) }, keyOfContent('endpoint', endpoint)]);
}

const settled = ({ stats: _, successRate: __, ...rest }: Endpoint): Omit<Endpoint, 'stats' | 'successRate'> => rest;

const isPlainlySame = ({ endpoint: a }: EndpointRow, { endpoint: b }: EndpointRow): boolean =>
  a !== undefined && b !== undefined && isPlainlySameContent('endpoint', a, b) && isSameJson(settled(a), settled(b));
