// `logs --summary`: what the requests have in common, and what was rolled out meanwhile.

import type { LogSummaries } from '#accesslog/summary.ts';
import { type Rollout, rolloutsBetween } from '#analysis/fleet/rollouts.ts';
import type { Context } from '#command/command.ts';
import type { LogsFlags } from '#command/log-flags.ts';
import type { Source } from '#core/source.ts';
import { renderSummary, summaryJson } from '#render/views/log-summary.ts';
import type { Feed } from './feed.ts';
import type { Pump } from './pump.ts';

const mostNamespaces = 10;

/** Rollouts are a help, not the answer: where they may not be read, there are none. */
async function marksOf({ signal }: Context, source: Source, summaries: LogSummaries): Promise<readonly Rollout[]> {
  const { from, to } = summaries.result(0);
  if (from === undefined || to === undefined) return [];
  const namespaces = [...summaries.namespaces].slice(0, mostNamespaces);
  const lists = await Promise.all(
    namespaces.map((namespace) =>
      source.list('replicasets', { namespace }).catch(() => {
        signal.throwIfAborted();
        return [];
      }),
    ),
  );
  return rolloutsBetween(from, to, lists.flat(), (await source.gateway()).pods);
}

interface Summarised {
  readonly source: Source | undefined;
  readonly into: Pump;
  readonly feed: Feed;
  readonly isComplete: boolean;
}

export async function writeSummary(
  context: Context,
  given: LogsFlags,
  { source, into, feed, isComplete }: Summarised,
): Promise<void> {
  const { now, terminal, output } = context;
  const summary = into.summaries.result(given.most);
  const marks = source ? await marksOf(context, source, into.summaries) : [];
  if (output === 'json') {
    return context.write(
      summaryJson({ summary, marks, lines: into.scan.counts, coverage: feed.coverage(), complete: isComplete }, now),
    );
  }
  const style = {
    color: terminal.color,
    columns: terminal.isTTY ? terminal.columns : Number.POSITIVE_INFINITY,
    wide: output === 'wide',
    now,
  };
  return context.write(renderSummary(summary, marks, style));
}
