// From lines to what is printed and counted of them.

import type { LogScan } from '#accesslog/scan.ts';
import type { LogSummaries } from '#accesslog/summary.ts';
import type { Context } from '#core/command.ts';
import type { LogLine } from '#core/source.ts';
import type { AccessEntry } from '#model/access-log.ts';
import type { LogPrinter } from '#render/log-line.ts';
import type { Feed } from './feed.ts';

export interface Pump {
  readonly scan: LogScan;
  readonly summaries: LogSummaries;
  readonly wantsSummaries: boolean;
  readonly printer: LogPrinter | undefined;
  readonly showsAll: boolean;
  readonly isInTime: ((entry: AccessEntry, line: LogLine) => boolean) | undefined;
}

/** Ends with the feed. What is printed is waited for; who reads the pods' logs is not. */
export async function pump(context: Context, feed: Feed, into: Pump): Promise<void> {
  for await (const lines of feed.blocks) {
    let text = '';
    for (const line of lines) text += take(line, into);
    if (text !== '') await context.write(text);
  }
}

function take(line: LogLine, into: Pump): string {
  const { scan, summaries, printer, showsAll } = into;
  const scanned = scan.read(line.text);
  if (scanned === undefined) return '';
  if (scanned.kind !== 'access') return printer && (showsAll || scanned.kind === 'unparsed') ? printer.other(line, scanned.kind) : '';
  if (printer?.needsEntry === false && !into.wantsSummaries && !into.isInTime) return printer.entry({}, line);
  const entry = scanned.format.entry(scanned.values);
  if (into.isInTime?.(entry, line) === false) return '';
  if (into.wantsSummaries) summaries.add(entry, line);
  return printer?.entry(entry, line) ?? '';
}
