// How `logs` looks as a whole: its lines, what it says of what it has read, and the summary.

import type { Context, Text } from '#command/command.ts';
import type { LogsFlags } from '#command/log-flags.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { LogCoverage } from '#core/pod-logs.ts';
import type { AccessEntry, Cause, Unjudged, UnreadLeaf } from '#model/access-log.ts';
import { errorLines } from '#render/format/error.ts';
import { type LogPrinter, logPrinter } from './log-line.ts';
import {
  type Asked,
  type Counts,
  countNotes,
  coverageNotes,
  type Placed,
  timeNotes,
  type Unknown,
  unjudgedNote,
  unreadNotes,
} from './log-notes.ts';
import { renderSummary, type SummaryAnswer, summaryJson } from './log-summary.ts';

interface LogsRead extends Unknown, Placed {
  readonly coverage: readonly PodOutcome<LogCoverage>[];
  readonly lines: Counts;
  readonly hasFilters: Asked['hasFilters'];
  readonly unread: readonly UnreadLeaf[];
  readonly judgement: 'within' | 'beyond' | Unjudged | undefined;
}

/** What is known of requests beyond their lines. */
interface RequestFinder {
  routeOf(entry: AccessEntry): string | undefined;
  upstreamPodOf(entry: AccessEntry): string | undefined;
  /** Milliseconds. */
  timeoutOf(entry: AccessEntry): number | undefined;
}

/** What an entry means. */
interface EntryReader {
  isError(entry: AccessEntry): boolean;
  /** Undefined where nothing is to be said; empty where nothing is to be said of this one. */
  readonly explain:
    | ((entry: AccessEntry, route: { readonly timeoutMs: number | undefined }) => readonly Cause[])
    | undefined;
}

export interface LogsText {
  /** Undefined: lines are only counted. */
  readonly printer: ((finder: RequestFinder) => LogPrinter) | undefined;
  /** Lines for stderr: pods that failed, logs that do not reach back, what could not be read or judged. */
  notes(logs: LogsRead): string[];
  summary(answer: Omit<SummaryAnswer, 'complete'> & Pick<LogsRead, 'untimed'>): Text;
  isComplete(logs: Pick<LogsRead, 'coverage' | 'untimed'>): boolean;
}

export function logsText(
  { raw, summary }: Pick<LogsFlags, 'raw' | 'summary'>,
  { output, terminal, now }: Pick<Context, 'output' | 'terminal' | 'now'>,
  { isError, explain }: EntryReader,
): LogsText {
  const { color } = terminal;
  const format = raw ? 'raw' : output === 'json' || output === 'wide' ? output : 'table';
  const columns = terminal.isTTY ? terminal.columns : Number.POSITIVE_INFINITY;
  const isComplete: LogsText['isComplete'] = ({ coverage, untimed }) =>
    untimed === 0 && coverage.every(hasAnswered) && coverageNotes(coverage).length === 0;
  return {
    printer: summary
      ? undefined
      : ({ routeOf, upstreamPodOf, timeoutOf }) =>
          logPrinter({
            format,
            color,
            context: (entry) => ({ route: routeOf(entry), upstreamPod: upstreamPodOf(entry) }),
            explain: explain && ((entry) => explain(entry, { timeoutMs: timeoutOf(entry) })),
            isError,
          }),
    notes: ({ coverage, lines, hasFilters, unread, ...read }) => [
      ...coverage.flatMap((one) => (hasAnswered(one) ? [] : errorLines(one.failed, color))),
      ...coverageNotes(coverage),
      ...unreadNotes(unread),
      ...countNotes(lines, { shown: summary ? 'counted' : 'shown', hasFilters }),
      ...timeNotes(read),
      ...unjudgedNotes(read.judgement, lines, read),
    ],
    summary: (answer) =>
      output === 'json'
        ? { document: summaryJson({ ...answer, complete: isComplete(answer) }, now) }
        : renderSummary(answer.summary, answer.marks, { color, columns, wide: output === 'wide', now }),
    isComplete,
  };
}

const unjudgedNotes = (judgement: LogsRead['judgement'], lines: Counts, unknown: Unknown): string[] =>
  judgement === undefined || judgement === 'within' || judgement === 'beyond'
    ? []
    : [unjudgedNote(judgement, lines, unknown)];
