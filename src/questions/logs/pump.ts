// From lines to what is printed and counted of them.

import { fieldsReader } from '#accesslog/line-parser.ts';
import { type KindPrinter, QuickPrint } from '#accesslog/quick-print.ts';
import { QuickSummary } from '#accesslog/quick-summary.ts';
import type { LogScan } from '#accesslog/scan.ts';
import type { Sifted, TakeLine } from '#accesslog/sieve.ts';
import type { LogSummaries } from '#accesslog/summary.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { AccessEntry } from '#model/access-log.ts';
import type { Feed, TimeWindow } from './feed.ts';

/** How lines become text: given by whoever asks. */
export interface LinePrinter {
  /** False where the line alone is printed: then nobody has to make an entry of it. */
  readonly needsEntry: boolean;
  entry(entry: AccessEntry, line: LogLine): string;
  /**
   * Of exported logs: prints lines that differ from `entry` in what is the line's own alone. Undefined where lines have
   * more than that of their own.
   */
  readonly alike: ((entry: AccessEntry) => KindPrinter) | undefined;
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
  /** Of exported logs, where a time was asked for. */
  readonly window: TimeWindow | undefined;
}

/** Ends with the feed. Waits for `write`; the pods' readers never wait for it: they spool to disk. */
export async function pump(write: (text: string) => Promise<void>, feed: Feed, into: Pump): Promise<void> {
  for await (const block of feed.blocks) {
    let text = '';
    for (const line of block) text += typeof line === 'string' ? line : take(line, into);
    if (text !== '') await write(text);
  }
}

/** Takes what the bytes of a block tell: what is printed of its lines, or counted, and what has to be read as text. */
export function sifter(into: Pump): (block: Buffer) => Sifted['pieces'] {
  const { scan } = into;
  const taker = takerOf(into);
  const take = taker && into.window ? inTime(into.window, taker) : taker;
  return (block) => scan.sift(block, take);
}

function inTime(window: TimeWindow, take: TakeLine): TakeLine {
  const timed = fieldsReader(['startTime']);
  return (format, read, line) => (window.takes(timed(format, read)) ? take(format, read, line) : '');
}

/** Undefined where every line that is wanted has to be read as text. */
function takerOf({ printer, summaries, wantsSummaries }: Pump): TakeLine | undefined {
  const summary = new QuickSummary(summaries);
  const count: TakeLine = (format, read, line) => {
    summary.add(format, read, line);
    return '';
  };
  if (printer === undefined) return count;
  if (printer.alike === undefined) return undefined;
  const quick = new QuickPrint(printer.alike);
  const print: TakeLine = (format, read, line) => quick.print(format, read, line);
  if (!wantsSummaries) return print;
  return (...line) => `${count(...line)}${print(...line)}`;
}

function take(line: LogLine, into: Pump): string {
  const { scan, summaries, printer, showsAll } = into;
  const scanned = scan.read(line.text);
  if (scanned === undefined) return '';
  if (scanned.kind !== 'access')
    return printer && (showsAll || scanned.kind === 'unparsed') ? printer.other(line, scanned.kind) : '';
  if (printer?.needsEntry === false && !into.wantsSummaries && !into.window) return printer.entry({}, line);
  const entry = scanned.format.entry(scanned.values);
  if (into.window?.takes(entry, line.time) === false) return '';
  if (into.wantsSummaries) summaries.add(entry, line);
  return printer?.entry(entry, line) ?? '';
}
