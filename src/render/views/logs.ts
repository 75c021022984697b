// How `logs` looks as a whole: its lines, what it says of what it has read, and the summary.

import type { Context, Text } from '#command/command.ts';
import type { LogsFlags } from '#command/log-flags.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { LogCoverage } from '#core/pod-logs.ts';
import type { AccessEntry, Cause } from '#model/access-log.ts';
import { errorLines } from '#render/format/error.ts';
import { type EntryContext, type LogPrinter, logPrinter } from './log-line.ts';
import { type Asked, type Counts, countNotes, coverageNotes } from './log-notes.ts';
import { renderSummary, type SummaryAnswer, summaryJson } from './log-summary.ts';

interface LogsRead {
  readonly coverage: readonly PodOutcome<LogCoverage>[];
  readonly lines: Counts;
  readonly hasFilters: Asked['hasFilters'];
}

export interface LogsText {
  /** Undefined: lines are only counted. */
  readonly printer: ((knownOf: (entry: AccessEntry) => EntryContext) => LogPrinter) | undefined;
  /** Lines for stderr: pods that failed, logs that do not reach back, lines that could not be parsed. */
  notes(logs: LogsRead): string[];
  summary(answer: Omit<SummaryAnswer, 'complete'>): Text;
  isComplete(coverage: LogsRead['coverage']): boolean;
}

/** `explain`: empty where nothing is to be said of an entry. */
export function logsText(
  { raw, summary }: Pick<LogsFlags, 'raw' | 'summary'>,
  { output, terminal, now }: Pick<Context, 'output' | 'terminal' | 'now'>,
  explain: (entry: AccessEntry) => readonly Cause[],
): LogsText {
  const { color } = terminal;
  const format = raw ? 'raw' : output === 'json' || output === 'wide' ? output : 'table';
  const columns = terminal.isTTY ? terminal.columns : Number.POSITIVE_INFINITY;
  const isComplete: LogsText['isComplete'] = (coverage) =>
    coverage.every(hasAnswered) && coverageNotes(coverage).length === 0;
  return {
    printer: summary ? undefined : (context) => logPrinter({ format, color, context, explain }),
    notes: ({ coverage, lines, hasFilters }) => [
      ...coverage.flatMap((one) => (hasAnswered(one) ? [] : errorLines(one.failed, color))),
      ...coverageNotes(coverage),
      ...countNotes(lines, { shown: summary ? 'counted' : 'shown', hasFilters }),
    ],
    summary: (answer) =>
      output === 'json'
        ? { document: summaryJson({ ...answer, complete: isComplete(answer.coverage) }, now) }
        : renderSummary(answer.summary, answer.marks, { color, columns, wide: output === 'wide', now }),
    isComplete,
  };
}
