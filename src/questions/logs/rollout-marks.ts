// What was rolled out between the first and the last line of a summary.

import type { LogSummaries } from '#accesslog/summary.ts';
import { type Rollout, rolloutsBetween } from '#analysis/fleet/rollouts.ts';
import { mapBounded } from '#core/concurrency.ts';
import { triedTo } from '#core/known.ts';
import type { Source } from '#core/source.ts';

const mostNamespaces = 10;

/** Rollouts are a help, not the answer: where they may not be read, there are none. */
export async function rolloutMarks(source: Source, summaries: LogSummaries): Promise<readonly Rollout[]> {
  const { from, to } = summaries.result(0);
  if (from === undefined || to === undefined) return [];
  const namespaces = [...summaries.namespaces].slice(0, mostNamespaces);
  const lists = await mapBounded(namespaces, mostNamespaces, (namespace) =>
    triedTo(source.list('replicasets', { namespace })),
  );
  const known = lists.flatMap((list) => ('ok' in list ? list.ok : []));
  return rolloutsBetween(from, to, known, (await source.gateway()).pods);
}
