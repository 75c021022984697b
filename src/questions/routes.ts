// Which routes does the gateway serve, with their whole match and action?

import { delegatesAmong } from '#analysis/istio/delegates.ts';
import { type RouteFilter, routeFilter } from '#analysis/select/routes.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered } from '#core/fleet.ts';
import { triedTo } from '#core/known.ts';
import { someOf } from '#core/phrase.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readRoutes } from '#dump/routes.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { type Interner, interner, mapOutcomes, mergePods, type OnPods } from '#model/merge-pods.ts';
import { compareRouteRows, type RouteRow, routeRowKey, rowsOfRoutes } from '#model/route.ts';
import { keptDumps } from './kept-dumps.ts';

export interface RoutesQuestion {
  readonly filter: RouteFilter;
  readonly keepDumps?: boolean;
}

/** In the order in which Envoy tries them. */
export async function askRoutes(
  source: Source,
  { filter, keepDumps = false }: RoutesQuestion,
): Promise<QuestionAnswer<OnPods<RouteRow>>> {
  const pool = interner(routeRowKey);
  const pods = await source.everyPod((admin) => fetchRouteRows(admin, pool, keepDumps));
  const rows = mapOutcomes(pods, (pod) => pod.rows);
  const merged = mergePods(rows.filter(hasAnswered), pool.key, compareRouteRows);
  const isByObject = filter.vs !== undefined || filter.for !== undefined;
  const { all, notes } = isByObject ? await withDelegates(source, merged) : { all: merged, notes: [] };
  const isWanted = routeFilter(filter);
  const items = all.filter(({ value }) => isWanted(value));
  return {
    gateway: await source.gateway(),
    pods,
    items,
    dumps: mapOutcomes(pods, ({ dumps }) => dumps),
    notes: [...(items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : []), ...notes],
  };
}

/** Envoy names the root VirtualService for routes of its delegates. */
async function withDelegates(
  source: Source,
  rows: readonly OnPods<RouteRow>[],
): Promise<{ readonly all: readonly OnPods<RouteRow>[]; readonly notes: readonly string[] }> {
  const listed = await triedTo(source.list('virtualservices'));
  if ('failed' in listed)
    return {
      all: rows,
      notes: [
        `cannot tell which routes are of a delegate, so its root VirtualService stands for it: ${listed.failed.message}`,
      ],
    };
  const delegateOf = delegatesAmong(listed.ok);
  const all = rows.map((row) => {
    const delegate = row.value.route && delegateOf(row.value.route);
    return delegate ? { ...row, value: { ...row.value, delegate } } : row;
  });
  return { all, notes: [] };
}

interface PodRoutes {
  readonly rows: readonly RouteRow[];
  /** Dynamic ones, static ones. */
  readonly dumps: readonly unknown[];
}

async function fetchRouteRows(admin: Admin, pool: Interner<RouteRow>, keepDumps: boolean): Promise<PodRoutes> {
  const dynamic = await fetchConfigDump(admin, { resource: 'dynamic_route_configs' });
  const rows = pool.intern(rowsOfRoutes(readRoutes(dynamic)));
  if (!keepDumps) return { rows, dumps: [] };
  // Those of the bootstrap (Prometheus, the readiness probe) are no Gateway's, but istioctl prints them.
  const fixed = await fetchConfigDump(admin, { resource: 'static_route_configs' });
  return { rows, dumps: await keptDumps([dynamic, fixed]) };
}

function nothingFound(all: readonly RouteRow[]): string {
  if (all.length === 0) return 'no routes: no Gateway and VirtualService reach this gateway';
  return `no route matches; hosts that exist: ${someOf(all.flatMap((row) => row.domains))}`;
}
