// `logs`: the access logs of every gateway pod as one stream: who gets errors, since when, and why.

import { readCriteria } from '#accesslog/criteria.ts';
import { explainEntry } from '#accesslog/explain.ts';
import { exportedLine } from '#accesslog/exported.ts';
import { checkAnswerable, logFilter } from '#accesslog/filter.ts';
import { readGivenFormat } from '#accesslog/given-format.ts';
import { type LineParser, lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan } from '#accesslog/scan.ts';
import { LogSummaries } from '#accesslog/summary.ts';
import { readThreshold } from '#accesslog/threshold.ts';
import { addressBook } from '#analysis/address-book.ts';
import { loggedRouteFinder } from '#analysis/logged-route.ts';
import { type Rollout, rolloutsBetween } from '#analysis/rollouts.ts';
import { routeFilter } from '#analysis/route-filter.ts';
import { type Context, defineCommand, type Flags, type FlagValues, type Outcome } from '#core/command.ts';
import { ToolError } from '#core/error.ts';
import { type ExitCode, exitCode } from '#core/exit-code.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import { logFilterFlags } from '#core/log-flags.ts';
import { readMoment } from '#core/moment.ts';
import type { LogCoverage, LogLine, Source } from '#core/source.ts';
import { readRoutes } from '#dump/routes.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import type { AccessEntry, AccessLogFormat } from '#model/access-log.ts';
import { type RouteConfiguration, rowsOfRoutes } from '#model/route.ts';
import { renderError } from '#render/error.ts';
import { type EntryContext, type LogPrinter, logPrinter } from '#render/log-line.ts';
import { countNotes, coverageNotes } from '#render/log-notes.ts';
import { renderSummary, summaryJson } from '#render/log-summary.ts';
import { liveAccessLogFormats } from '#source/access-log-formats.ts';
import { readLogFile } from '#source/log-file.ts';

const flags = {
  follow: { type: 'boolean', short: 'f', describe: 'go on with new lines, through restarts, rotation and new pods' },
  since: { type: 'duration', value: 'TIME', describe: 'lines of this last stretch of time (5m)' },
  'since-time': { type: 'string', value: 'TIME', describe: 'lines from this time on: RFC 3339, or 12:08 of today, UTC' },
  until: { type: 'string', value: 'TIME', describe: 'lines up to this time' },
  tail: { type: 'number', value: 'N', describe: 'the last N lines of each pod, whatever they are' },
  from: { type: 'string', value: 'FILE', describe: 'exported logs in place of a cluster: plain, gzip, or JSON lines of Logstash and the like; - for stdin' },
  ...logFilterFlags,
  all: { type: 'boolean', describe: "also what is no access log: Envoy's and the agent's own lines" },
  explain: { type: 'boolean', describe: 'under a failing line, what its flags and details mean, the usual cause and the next step' },
  'with-route': { type: 'boolean', describe: 'name the VirtualService of each request, and the pod behind its upstream' },
  raw: { type: 'boolean', describe: 'print lines as they were written' },
  summary: { type: 'boolean', describe: 'what all the requests have in common, in place of each' },
  most: { type: 'number', value: 'N', default: 10, describe: 'length of the lists of --summary' },
  'fail-on': { type: 'string', value: 'LIMIT', describe: "exit code 1 beyond it: 'errors>1%' or 'errors>10'" },
  'show-format': { type: 'boolean', describe: 'print the format found in the live configuration, and nothing else' },
  'max-log': { type: 'number', value: 'MIB', describe: 'limit for what is read of one pod in MiB, without --follow (256)' },
} as const satisfies Flags;

type LogFlags = FlagValues<typeof flags>;

const defaultSinceMs = 5 * 60_000;

export default defineCommand({
  name: 'logs',
  group: 'ask',
  summary: 'The access logs of every gateway pod as one stream: who gets errors, since when, and why',
  details: `Lines stand in the order of the kubelet's time, which is when the request ended. The format is found in the live configuration.
A line that cannot be parsed is shown as it is. Where a pod's current log file does not reach back to --since, that is said and the exit
code is 3. An error is a 5xx, or a request or connection without a response code that has a flag.`,
  examples: [
    { args: 'logs --status 5xx --explain', describe: 'the errors of the last five minutes, and what they mean' },
    { args: 'logs -f --host svc1.discovery.wmnet', describe: 'follow the requests for a host on all pods' },
    { args: 'logs --summary --since 1h', describe: 'how many errors, where, since when' },
    { args: "logs --summary --for svc1 --fail-on 'errors>1%'", describe: 'for a deployment script: exit code 1 if the errors are too many' },
    { args: 'logs --from export.json.gz --flag UF', describe: 'the same questions of exported logs' },
  ],
  flags,
  outputs: ['table', 'wide', 'json'],
  needsLive: true,
  run: async (context, given) => {
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
      summaries: new LogSummaries(),
      wantsSummaries: given.summary || given['fail-on'] !== undefined,
      printer: given.summary ? undefined : await printerOf(context, given, source, configurations),
      showsAll: given.all,
      isInTime: source ? undefined : timeWindow(context, given),
    };
    const feed = source ? await liveFeed(context, given, source) : fileFeed(context, given, parser);
    await pump(context, feed, into);
    const isComplete = sayCoverage(context, feed.coverage());
    sayCounts(context, into, criteria.length > 0 || owned !== undefined ? 'filtered' : 'everything');
    if (given.summary) await writeSummary(context, given, { source, into, feed, isComplete });
    const { errors, of } = into.summaries.totals;
    return { text: '', exitCode: codeOf(failOn(errors, of) ? 'finding' : 'none', isComplete ? 'complete' : 'partial') };
  },
});

function sayCounts(context: Context, { scan, printer }: Pump, hasFilters: 'filtered' | 'everything'): void {
  for (const note of countNotes(scan.counts, { shown: printer ? 'shown' : 'counted', hasFilters })) context.warn(note);
}

const codeOf = (finding: 'finding' | 'none', answered: 'complete' | 'partial'): ExitCode =>
  finding === 'finding' ? exitCode.findings : answered === 'partial' ? exitCode.partial : exitCode.ok;

/** Flags that say nothing together. */
function checkTogether(given: LogFlags): void {
  const name = (one: keyof LogFlags): string => `--${one}`;
  const isGiven = (one: keyof LogFlags): boolean => given[one] !== undefined && given[one] !== false;
  const pairs: readonly (readonly [keyof LogFlags, keyof LogFlags])[] = [
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
  if (formats === undefined) throw new ToolError('not-ready', 'cannot find the format of the access log: no gateway pod answers');
  return { text: formats.map((format) => (format.kind === 'text' ? format.text.trimEnd() : JSON.stringify(format.json, null, 2))).join('\n') };
}

/** Where the format cannot be found out, those that Istio and Envoy have by themselves are tried. */
async function formatsOf(context: Context, given: LogFlags, source: Source | undefined): Promise<readonly AccessLogFormat[]> {
  if (given.format !== undefined) return [readGivenFormat(given.format)];
  if (!source) return [];
  const formats = await liveAccessLogFormats(source);
  if (formats === undefined) context.warn("no gateway pod tells the format of its access log: Istio's and Envoy's own are tried (or give --format)");
  if (formats?.length === 0) context.warn('the gateway writes no access log: set accessLogFile: /dev/stdout in MeshConfig, or a Telemetry');
  return formats ?? [];
}

/** Of one pod, where a flag needs them. */
async function routesFor(given: LogFlags, source: Source | undefined): Promise<readonly RouteConfiguration[]> {
  if (!source || (given.for === undefined && !given['with-route'])) return [];
  const { pods } = await source.gateway();
  const one = pods.find(({ isReady }) => isReady) ?? pods[0];
  const [outcome] = await source.everyPod(
    async (admin) => readRoutes(await fetchConfigDump(admin, { resource: 'dynamic_route_configs' })),
    ({ name }) => name === one?.name,
  );
  if (outcome && hasAnswered(outcome)) return outcome.ok;
  throw outcome?.failed ?? new ToolError('not-ready', 'cannot read the routes: the gateway has no pod');
}

function ownerOf(wanted: string, configurations: readonly RouteConfiguration[]): Parameters<typeof ownedBy>[0] {
  const [namespace = '', name] = wanted.split('/');
  const domains = rowsOfRoutes(configurations)
    .filter(routeFilter({ for: wanted }))
    .flatMap((row) => row.domains);
  return { namespace, name, domains: domains.filter((domain) => domain !== '*') };
}

async function printerOf(context: Context, given: LogFlags, source: Source | undefined, configurations: readonly RouteConfiguration[]): Promise<LogPrinter> {
  const wantsRoutes = given['with-route'] && source !== undefined;
  const routeOf = loggedRouteFinder(configurations);
  const podAt = wantsRoutes ? addressBook(await source.list('pods')) : () => undefined;
  const format = given.raw ? 'raw' : context.output === 'json' || context.output === 'wide' ? context.output : 'table';
  return logPrinter({
    format,
    color: context.terminal.color,
    context: (entry): EntryContext => (wantsRoutes ? { route: routeOf(entry), upstreamPod: podAt(entry.upstreamHost) } : {}),
    explain: given.explain ? explainEntry : () => [],
  });
}

interface Feed {
  readonly blocks: AsyncIterable<readonly LogLine[]>;
  coverage(): readonly PodOutcome<LogCoverage>[];
}

async function liveFeed(context: Context, given: LogFlags, source: Source): Promise<Feed> {
  const stream = await source.logs({
    container: 'istio-proxy',
    since: sinceOf(context, given),
    until: given.until === undefined ? undefined : readMoment(given.until, 'until', context.now),
    tailLines: given.tail,
    follow: given.follow,
    maxBytes: given['max-log'] === undefined ? limits.logBytes : given['max-log'] * 1024 * 1024,
    note: (line) => context.warn(line),
  });
  return { blocks: stream, coverage: () => stream.coverage() };
}

function sinceOf({ now }: Context, given: LogFlags): Date | undefined {
  if (given['since-time'] !== undefined) return readMoment(given['since-time'], 'since-time', now);
  if (given.since === undefined && given.tail !== undefined) return undefined;
  return new Date(now.getTime() - (given.since ?? defaultSinceMs));
}

function fileFeed(context: Context, given: LogFlags, parser: LineParser): Feed {
  const isOwn = (object: Readonly<Record<string, unknown>>): boolean => parser.isEntry(object);
  async function* blocks(): AsyncGenerator<readonly LogLine[]> {
    for await (const lines of readLogFile(given.from ?? '-', context.stdin)) {
      context.signal.throwIfAborted();
      yield lines.map((line) => {
        const { text, pod = '', time = '' } = exportedLine(line, isOwn);
        return { pod, time, text };
      });
    }
  }
  return { blocks: blocks(), coverage: () => [] };
}

/** Of exported logs, where the flags name one. */
function timeWindow(context: Context, given: LogFlags): ((entry: AccessEntry, line: LogLine) => boolean) | undefined {
  if (given.since === undefined && given['since-time'] === undefined && given.until === undefined) return undefined;
  const from = given.since === undefined && given['since-time'] === undefined ? undefined : sinceOf(context, given);
  const to = given.until === undefined ? undefined : readMoment(given.until, 'until', context.now);
  return ({ startTime = '' }, { time }) => {
    const at = Date.parse(time || startTime);
    return (from === undefined || at >= from.getTime()) && (to === undefined || at <= to.getTime());
  };
}

interface Pump {
  readonly scan: LogScan;
  readonly summaries: LogSummaries;
  readonly wantsSummaries: boolean;
  readonly printer: LogPrinter | undefined;
  readonly showsAll: boolean;
  readonly isInTime: ((entry: AccessEntry, line: LogLine) => boolean) | undefined;
}

async function pump(context: Context, feed: Feed, into: Pump): Promise<void> {
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
  const entry = scanned.format.entry(scanned.values);
  if (into.isInTime?.(entry, line) === false) return '';
  if (into.wantsSummaries) summaries.add(entry, line);
  return printer?.entry(entry, line) ?? '';
}

/** Whether every pod told all that was asked. Throws where none told anything. */
function sayCoverage(context: Context, coverage: readonly PodOutcome<LogCoverage>[]): boolean {
  const failed = coverage.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  const [first] = failed;
  if (first && failed.length === coverage.length) {
    throw failed.length === 1
      ? first
      : new ToolError(first.code, `none of ${failed.length} pods gives its log; the first: ${first.message}`, { hint: first.hint });
  }
  for (const error of failed) context.warn(renderError(error, context.terminal.color).trimEnd());
  const notes = coverageNotes(coverage);
  for (const note of notes) context.warn(note);
  return failed.length === 0 && notes.length === 0;
}

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

async function writeSummary(context: Context, given: LogFlags, { source, into, feed, isComplete }: Summarised): Promise<void> {
  const { now, terminal, output } = context;
  const summary = into.summaries.result(given.most);
  const marks = source ? await marksOf(context, source, into.summaries) : [];
  if (output === 'json') {
    return context.write(summaryJson({ summary, marks, lines: into.scan.counts, coverage: feed.coverage(), complete: isComplete }, now));
  }
  const style = { color: terminal.color, columns: terminal.isTTY ? terminal.columns : Number.POSITIVE_INFINITY, wide: output === 'wide', now };
  return context.write(renderSummary(summary, marks, style));
}
