// What `logs` does: from its flags to lines on stdout, notes on stderr and the exit code.

import { explainEntry } from '#accesslog/causes.ts';
import { readCriteria } from '#accesslog/criteria.ts';
import { checkAnswerable, logFilter } from '#accesslog/filter.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan } from '#accesslog/scan.ts';
import { LogSummaries } from '#accesslog/summary.ts';
import { readThreshold } from '#accesslog/threshold.ts';
import { addressBook } from '#analysis/select/address-book.ts';
import { loggedRouteFinder } from '#analysis/select/logged-route.ts';
import type { Context, Outcome } from '#command/command.ts';
import type { LogsFlags } from '#command/log-flags.ts';
import { ToolError } from '#core/error.ts';
import { type ExitCode, exitCode } from '#core/exit-code.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { LogCoverage } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import type { RouteConfiguration } from '#model/route.ts';
import { renderError } from '#render/format/error.ts';
import { type EntryContext, type LogPrinter, logPrinter } from '#render/views/log-line.ts';
import { countNotes, coverageNotes } from '#render/views/log-notes.ts';
import { liveAccessLogFormats } from './access-log-formats.ts';
import { fileFeed, liveFeed, timeWindow } from './feed.ts';
import { formatsOf } from './formats.ts';
import { ownerOf, routesFor } from './owned-routes.ts';
import { type Pump, pump, sifter } from './pump.ts';
import { writeSummary } from './summarise.ts';

export async function runLogs(context: Context, given: LogsFlags): Promise<Outcome> {
  checkTogether(given);
  if (given['show-format']) return showFormat(context);
  const failOn = given['fail-on'] === undefined ? () => false : readThreshold(given['fail-on']);
  const criteria = readCriteria(given);
  const source = given.from === undefined ? await context.source() : undefined;
  const parser = lineParser(await formatsOf(context, given, source));
  checkAnswerable(criteria, parser.formats);
  const configurations = await routesFor(given, source);
  const owned = given.for === undefined ? undefined : ownedBy(ownerOf(given.for, configurations));
  const into: Pump = {
    scan: new LogScan({ parser, filter: logFilter(criteria), also: owned }),
    hasFilters: criteria.length > 0 || owned !== undefined ? 'filtered' : 'everything',
    summaries: new LogSummaries(),
    wantsSummaries: given.summary || given['fail-on'] !== undefined,
    printer: given.summary ? undefined : await printerOf(context, given, source, configurations),
    showsAll: given.all,
    isInTime: source ? undefined : timeWindow(context, given),
  };
  const feed = source ? await liveFeed(context, given, source) : fileFeed(context, given, parser, sifter(into));
  await pump(context, feed, into);
  const isComplete = sayCoverage(context, feed.coverage());
  sayCounts(context, into);
  if (given.summary) await writeSummary(context, given, { source, into, feed, isComplete });
  const { errors, of } = into.summaries.totals;
  return { text: '', exitCode: codeOf(failOn(errors, of) ? 'finding' : 'none', isComplete ? 'complete' : 'partial') };
}

function sayCounts(context: Context, { scan, printer, hasFilters }: Pump): void {
  for (const note of countNotes(scan.counts, { shown: printer ? 'shown' : 'counted', hasFilters })) context.warn(note);
}

const codeOf = (finding: 'finding' | 'none', answered: 'complete' | 'partial'): ExitCode =>
  finding === 'finding' ? exitCode.findings : answered === 'partial' ? exitCode.partial : exitCode.ok;

/** Flags that say nothing together. */
function checkTogether(given: LogsFlags): void {
  const name = (one: keyof LogsFlags): string => `--${one}`;
  const isGiven = (one: keyof LogsFlags): boolean => given[one] !== undefined && given[one] !== false;
  const pairs: readonly (readonly [keyof LogsFlags, keyof LogsFlags])[] = [
    ['since', 'since-time'],
    ['follow', 'until'],
    ['follow', 'summary'],
    ['follow', 'fail-on'],
    ['follow', 'from'],
    ['tail', 'from'],
    ['with-route', 'from'],
    ['show-format', 'from'],
    ['raw', 'summary'],
  ];
  const wrong = pairs.find(([a, b]) => isGiven(a) && isGiven(b));
  if (!wrong) return;
  const hint = wrong.includes('summary') && wrong.includes('follow') ? 'live: kubectl istio-ingress top' : undefined;
  throw new ToolError('usage', `${name(wrong[0])} and ${name(wrong[1])} exclude each other`, { hint });
}

async function showFormat(context: Context): Promise<Outcome> {
  const formats = await liveAccessLogFormats(await context.source());
  if (formats === undefined)
    throw new ToolError('not-ready', 'cannot find the format of the access log: no gateway pod answers');
  return {
    text: formats
      .map((format) => (format.kind === 'text' ? format.text.trimEnd() : JSON.stringify(format.json, null, 2)))
      .join('\n'),
  };
}

async function printerOf(
  context: Context,
  given: LogsFlags,
  source: Source | undefined,
  configurations: readonly RouteConfiguration[],
): Promise<LogPrinter> {
  const wantsRoutes = given['with-route'] && source !== undefined;
  const routeOf = loggedRouteFinder(configurations);
  const podAt = wantsRoutes ? addressBook(await source.list('pods')) : () => undefined;
  const format = given.raw ? 'raw' : context.output === 'json' || context.output === 'wide' ? context.output : 'table';
  return logPrinter({
    format,
    color: context.terminal.color,
    context: (entry): EntryContext =>
      wantsRoutes ? { route: routeOf(entry), upstreamPod: podAt(entry.upstreamHost) } : {},
    explain: given.explain ? explainEntry : () => [],
  });
}

/** Whether every pod told all that was asked. Throws where none told anything. */
function sayCoverage(context: Context, coverage: readonly PodOutcome<LogCoverage>[]): boolean {
  const failed = coverage.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  const [first] = failed;
  if (first && failed.length === coverage.length) {
    throw failed.length === 1
      ? first
      : new ToolError(first.code, `none of ${failed.length} pods gives its log; the first: ${first.message}`, {
          hint: first.hint,
        });
  }
  for (const error of failed) context.warn(renderError(error, context.terminal.color).trimEnd());
  const notes = coverageNotes(coverage);
  for (const note of notes) context.warn(note);
  return failed.length === 0 && notes.length === 0;
}
