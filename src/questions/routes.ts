// Which routes does the gateway serve, with their whole match and action?

import { type RouteFilter, routeFilter } from '#analysis/select/routes.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Tried } from '#core/known.ts';
import { someOf } from '#core/phrase.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readRoutes } from '#dump/routes.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { byIdentity, type Interner, interner, mapOutcomes, mergePods, type OnPods } from '#model/merge-pods.ts';
import { compareRouteRows, type RouteRow, routeRowKey, routeRowName, rowsOfRoutes } from '#model/route.ts';
import { type NamesDelegate, noteOn, readDelegates } from './delegates.ts';
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
  const pool = interner(routeRowName, routeRowKey);
  const [pods, delegates] = await Promise.all([
    source.everyPod((admin) => fetchRouteRows(admin, pool, keepDumps)),
    readDelegates(source),
  ]);
  const rows = mapOutcomes(pods, (pod) => pod.rows);
  const merged = mergePods(rows.filter(hasAnswered), byIdentity, compareRouteRows);
  const named = 'ok' in delegates ? delegates.ok : undefined;
  const all = named ? withDelegates(merged, named) : merged;
  const isWanted = routeFilter(filter);
  const items = all.filter(({ value }) => isWanted(value));
  return {
    gateway: await source.gateway(),
    pods,
    items,
    dumps: mapOutcomes(pods, ({ dumps }) => dumps),
    notes: [
      ...(items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : []),
      ...notesOnDelegates(delegates, filter),
    ],
  };
}

const withDelegates = (rows: readonly OnPods<RouteRow>[], named: NamesDelegate): readonly OnPods<RouteRow>[] =>
  rows.map((row) => ({ ...row, value: { ...row.value, route: row.value.route && named(row.value.route) } }));

/** Without delegates the roots are right; only who asks by object may miss some. */
function notesOnDelegates(delegates: Tried<unknown>, filter: RouteFilter): readonly string[] {
  const isByObject = filter.vs !== undefined || filter.for !== undefined;
  if (!isByObject || !('failed' in delegates)) return [];
  return [noteOn(delegates.failed)];
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
  if (all.length === 0)
    return 'no routes: no Gateway and VirtualService reach this gateway (listeners shows routes that stand in a listener itself)';
  return `no route matches; hosts that exist: ${someOf(all.flatMap((row) => row.domains))}`;
}
