// What `logs` does: from its flags to lines on stdout, notes on stderr and the exit code.

import { explainEntry } from '#accesslog/causes.ts';
import { readCriteria } from '#accesslog/criteria.ts';
import { isError } from '#accesslog/failure.ts';
import { type Criterion, checkAnswerable, isOfOutcome, logFilter, onlyErrors } from '#accesslog/filter.ts';
import { type Judgement, judge } from '#accesslog/judgement.ts';
import { fieldsReader, type LineParser, lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan, type ScanOptions } from '#accesslog/scan.ts';
import { readMap } from '#accesslog/split-line.ts';
import { LogSummaries } from '#accesslog/summary.ts';
import { readThreshold, type Threshold } from '#accesslog/threshold.ts';
import { addressBook } from '#analysis/select/address-book.ts';
import { loggedRouteFinder, loggedTimeoutFinder } from '#analysis/select/logged-route.ts';
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
import { countNotes, coverageNotes, unjudgedNote, unreadNotes } from '#render/views/log-notes.ts';
import { liveAccessLogFormats } from '#source/access-log-formats.ts';
import { failuresOf } from './coverage.ts';
import { fileFeed, liveFeed, timeWindow } from './feed.ts';
import { formatsOf } from './formats.ts';
import { ownerOf, routesFor } from './owned-routes.ts';
import { type Pump, pump, sifter } from './pump.ts';
import { writeSummary } from './summarise.ts';

export async function runLogs(context: Context, given: LogsFlags): Promise<Outcome> {
  checkTogether(given);
  if (given['show-format']) return showFormat(context);
  const limit = given['fail-on'] === undefined ? undefined : readThreshold(given['fail-on']);
  const criteria = readCriteria(given);
  const source = given.from === undefined ? await context.source() : undefined;
  const parser = lineParser(await formatsOf(context, given, source), readMap(given.map));
  checkAnswerable(criteria, parser.formats);
  const configurations = await routesFor(given, source);
  const owned = given.for === undefined ? undefined : ownedBy(ownerOf(given.for, configurations));
  const isInTime = source ? undefined : timeWindow(context, given);
  const into: Pump = {
    scan: new LogScan({
      parser,
      ...testsOf(criteria, given.errors, parser),
      also: owned,
      isInTime: isInTime && timeTest(isInTime),
    }),
    hasFilters: hasFilters(given, criteria) ? 'filtered' : 'everything',
    summaries: new LogSummaries(),
    wantsSummaries: given.summary || given['fail-on'] !== undefined,
    printer: given.summary ? undefined : await printerOf(context, given, source, configurations),
    showsAll: given.all,
    isInTime,
  };
  const feed = source ? await liveFeed(context, given, source) : fileFeed(context, given, parser, sifter(into));
  await pump(context, feed, into);
  const isComplete = sayCoverage(context, feed.coverage(), limit === undefined ? 'needed' : 'judged');
  sayCounts(context, into, parser);
  if (given.summary) await writeSummary(context, given, { source, into, feed, isComplete });
  return { text: '', exitCode: codeOf(limit && judgedBy(context, limit, into, parser), isComplete) };
}

const hasFilters = ({ errors, for: owner }: LogsFlags, criteria: readonly Criterion[]): boolean =>
  criteria.length > 0 || errors || owner !== undefined;

function codeOf(judgement: Judgement | undefined, isComplete: boolean): ExitCode {
  if (judgement === 'beyond') return exitCode.findings;
  return isComplete && (judgement === undefined || judgement === 'within') ? exitCode.ok : exitCode.partial;
}

/** Filters by what was asked and by what came of it, apart: see ScanOptions. */
function testsOf(
  criteria: readonly Criterion[],
  errors: boolean,
  parser: LineParser,
): Pick<ScanOptions, 'filter' | 'outcome'> {
  const byOutcome = criteria.filter(isOfOutcome);
  const outcome = logFilter(byOutcome).accepts;
  const isFailure = errors ? onlyErrors(parser.formats) : undefined;
  return {
    filter: logFilter(criteria.filter((criterion) => !isOfOutcome(criterion))),
    outcome:
      isFailure === undefined && byOutcome.length === 0
        ? undefined
        : (format, read) => outcome(format, read) && isFailure?.(format, read) !== false,
  };
}

/** Of the time that the line itself has. */
function timeTest(isInTime: NonNullable<Pump['isInTime']>): NonNullable<ScanOptions['isInTime']> {
  const timed = fieldsReader(['startTime']);
  return (format, read) => isInTime(timed(format, read), { pod: '', time: '', text: '' });
}

/** Says why, where the limit cannot be judged. */
function judgedBy(context: Context, limit: Threshold, { scan, summaries }: Pump, parser: LineParser): Judgement {
  const halfRead = parser.unread().reduce((sum, { lines, tellsErrors }) => (tellsErrors ? sum + lines : sum), 0);
  const { counts, hasSubject } = scan;
  const judgement = judge(limit, { counts, hasSubject, halfRead, ...summaries.totals });
  if (judgement !== 'within' && judgement !== 'beyond') context.warn(unjudgedNote(judgement, counts, halfRead));
  return judgement;
}

function sayCounts(context: Context, { scan, printer, hasFilters }: Pump, parser: LineParser): void {
  for (const note of unreadNotes(parser.unread())) context.warn(note);
  for (const note of countNotes(scan.counts, { shown: printer ? 'shown' : 'counted', hasFilters })) context.warn(note);
}

/** Flags that say nothing together. */
function checkTogether(given: LogsFlags): void {
  if (given.map.length > 0 && given.from === undefined)
    throw new ToolError('usage', '--map is for exported logs: it needs --from FILE');
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
  const timeoutOf = loggedTimeoutFinder(configurations);
  const podAt = wantsRoutes ? addressBook(await source.list('pods')) : () => undefined;
  const format = given.raw ? 'raw' : context.output === 'json' || context.output === 'wide' ? context.output : 'table';
  return logPrinter({
    format,
    color: context.terminal.color,
    context: (entry): EntryContext =>
      wantsRoutes ? { route: routeOf(entry), upstreamPod: podAt(entry.upstreamHost) } : {},
    explain: given.explain ? (entry) => explainEntry(entry, { timeoutMs: timeoutOf(entry) }) : () => [],
    isError,
  });
}

/**
 * Whether every pod told all that was asked. Throws where none told anything, unless a limit was to be judged: that it
 * could not be is an answer of its own.
 */
function sayCoverage(
  context: Context,
  coverage: readonly PodOutcome<LogCoverage>[],
  answer: 'needed' | 'judged',
): boolean {
  const failed =
    answer === 'needed'
      ? failuresOf(coverage)
      : coverage.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  for (const error of failed) context.warn(renderError(error, context.terminal.color).trimEnd());
  const notes = coverageNotes(coverage);
  for (const note of notes) context.warn(note);
  return failed.length === 0 && notes.length === 0;
}
