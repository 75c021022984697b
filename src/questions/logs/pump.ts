// From lines to what is printed and counted of them.

import { fieldsReader } from '#accesslog/line-parser.ts';
import { QuickSummary } from '#accesslog/quick-summary.ts';
import type { LogScan } from '#accesslog/scan.ts';
import type { TakeLine } from '#accesslog/sieve.ts';
import type { LogSummaries } from '#accesslog/summary.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { AccessEntry } from '#model/access-log.ts';
import type { Feed } from './feed.ts';

/** How lines become text: given by whoever asks. */
export interface LinePrinter {
  /** False where the line alone is printed: then nobody has to make an entry of it. */
  readonly needsEntry: boolean;
  entry(entry: AccessEntry, line: LogLine): string;
  /** What is no entry. */
  other(line: LogLine, kind: 'other' | 'unparsed'): string;
}

export interface Pump {
  readonly scan: LogScan;
  readonly hasFilters: 'filtered' | 'everything';
  readonly summaries: LogSummaries;
  readonly wantsSummaries: boolean;
  readonly printer: LinePrinter | undefined;
  readonly showsAll: boolean;
  readonly isInTime: ((entry: Pick<AccessEntry, 'startTime'>, line: LogLine) => boolean) | undefined;
}

/** A line as it stands in a file. */
const nowhere: LogLine = { pod: '', time: '', text: '' };

/** Ends with the feed. Waits for `write`; the pods' readers never wait for it: they spool to disk. */
export async function pump(write: (text: string) => Promise<void>, feed: Feed, into: Pump): Promise<void> {
  for await (const lines of feed.blocks) {
    let text = '';
    for (const line of lines) text += take(line, into);
    if (text !== '') await write(text);
  }
}

/**
 * Leaves of the blocks of a file what has to be read line by line; undefined where that is all. What is only to be
 * counted is counted.
 */
export function sifter(into: Pump): ((block: Buffer) => readonly Buffer[]) | undefined {
  const { scan, summaries, printer } = into;
  if (printer) return into.hasFilters === 'filtered' ? (block) => scan.sift(block) : undefined;
  const summary = new QuickSummary(summaries);
  const timed = fieldsReader(['startTime']);
  const count: TakeLine = (format, read, line) => {
    if (into.isInTime?.(timed(format, read), nowhere) !== false) summary.add(format, read, line);
  };
  return (block) => scan.sift(block, count);
}

function take(line: LogLine, into: Pump): string {
  const { scan, summaries, printer, showsAll } = into;
  const scanned = scan.read(line.text);
  if (scanned === undefined) return '';
  if (scanned.kind !== 'access')
    return printer && (showsAll || scanned.kind === 'unparsed') ? printer.other(line, scanned.kind) : '';
  if (printer?.needsEntry === false && !into.wantsSummaries && !into.isInTime) return printer.entry({}, line);
  const entry = scanned.format.entry(scanned.values);
  if (into.isInTime?.(entry, line) === false) return '';
  if (into.wantsSummaries) summaries.add(entry, line);
  return printer?.entry(entry, line) ?? '';
}
