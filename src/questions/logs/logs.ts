// The access logs of every pod as one stream, or of a file: lines are written as they come, and what they amount to is
// the answer.

import { type Criterion, checkAnswerable, isOfOutcome, logFilter, onlyErrors } from '#accesslog/filter.ts';
import { type Judgement, judge } from '#accesslog/judgement.ts';
import { fieldsReader, type LineParser, lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan, type ScanOptions } from '#accesslog/scan.ts';
import type { FieldKeys } from '#accesslog/split-line.ts';
import { LogSummaries } from '#accesslog/summary.ts';
import type { Threshold } from '#accesslog/threshold.ts';
import { addressBook } from '#analysis/select/address-book.ts';
import { loggedRouteFinder, loggedTimeoutFinder } from '#analysis/select/logged-route.ts';
import { ToolError } from '#core/error.ts';
import { type PodOutcome, withoutPods } from '#core/fleet.ts';
import type { LogCoverage } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { AccessEntry, AccessLogFormat, UnreadLeaf } from '#model/access-log.ts';
import type { RouteConfiguration } from '#model/route.ts';
import { liveAccessLogFormats } from './access-log-formats.ts';
import { failuresOf } from './coverage.ts';
import { fileFeed, type LogFile, type LogSpan, liveFeed, type TimeWindow, timeWindow } from './feed.ts';
import { formatsOf } from './formats.ts';
import { ownerOf, routesOfOnePod } from './owned-routes.ts';
import { type LinePrinter, type Pump, pump, sifter } from './pump.ts';
import { rolloutMarks } from './rollout-marks.ts';

/** Which requests. */
export interface RequestsQuestion {
  readonly criteria: readonly Criterion[];
  /** Of these, only what accesslog/failure.ts takes for an error. */
  readonly errorsOnly: boolean;
  /** As in `accessLogFormat`; undefined: found in the live configuration. */
  readonly format: string | undefined;
  /** `NAMESPACE[/NAME]` of services. */
  readonly owner: string | undefined;
}

export interface LogsQuestion extends RequestsQuestion, LogSpan {
  /** Keys of fields in JSON that a pipeline has taken apart, before those that are known. */
  readonly keys: FieldKeys;
  /** Also what is no access log. */
  readonly showsAll: boolean;
  /** Name the VirtualService of each request, and the pod behind its upstream. */
  readonly withRoute: boolean;
  /** Length of the lists of a summary; undefined: there is none. */
  readonly summaryOf: number | undefined;
  /** Whether so many errors of so many requests are a finding; undefined: nobody asks. */
  readonly isTooMany: Threshold | undefined;
}

/** What is known of requests beyond their lines. */
export interface RequestFinder {
  /** The VirtualService and its route. */
  routeOf(entry: AccessEntry): string | undefined;
  /** Pod and ReplicaSet behind the upstream's address. */
  upstreamPodOf(entry: AccessEntry): string | undefined;
  /** Milliseconds, of the route. */
  timeoutOf(entry: AccessEntry): number | undefined;
}

export interface LogsOutput {
  /** Undefined: lines are only counted. */
  readonly printer: ((finder: RequestFinder) => LinePrinter) | undefined;
  /** Resolves when more may be written. */
  write(text: string): Promise<void>;
}

export interface LogsAnswer {
  readonly coverage: readonly PodOutcome<LogCoverage>[];
  readonly lines: LogScan['counts'];
  readonly hasFilters: Pump['hasFilters'];
  /** Leaves of a JSON format that could not be read in some lines. */
  readonly unread: readonly UnreadLeaf[];
  /** Lines of which a part that tells an error could not be read. */
  readonly halfRead: number;
  /** Lines that have no time, where one was asked for. */
  readonly untimed: number;
  /** Of lines that have a time, where none is of the one that was asked for. */
  readonly missed: TimeWindow['missed'];
  /** Undefined where nobody asks whether the errors are too many. */
  readonly judgement: Judgement | undefined;
  readonly summary:
    | {
        readonly summary: ReturnType<LogSummaries['result']>;
        readonly marks: Awaited<ReturnType<typeof rolloutMarks>>;
      }
    | undefined;
}

/** Of formats that are guessed one has it; whether a line does is seen line by line. */
function warnOfGrpcStatus(criteria: readonly Criterion[], formats: readonly unknown[], asking: Asking): void {
  if (formats.length === 0 && criteria.some(({ key }) => key === 'grpc-status'))
    asking.warn(
      'only lines that have a gRPC status can match --grpc-status; the formats of Istio and Envoy write none',
    );
}

/** Throws where no pod gives its log, unless errors are to be judged: that they cannot be is an answer of its own. */
export async function askLogs(
  from: Source | LogFile,
  question: LogsQuestion,
  { printer, write }: LogsOutput,
  asking: Asking,
): Promise<LogsAnswer> {
  const { isTooMany, owner, criteria, summaryOf } = question;
  const source = 'gateway' in from ? from : undefined;
  const formats = await formatsOf(asking, question, source);
  const parser = lineParser(formats, question.keys);
  checkAnswerable(criteria, parser.formats);
  warnOfGrpcStatus(criteria, formats, asking);
  const configurations = source && (owner !== undefined || question.withRoute) ? await routesOfOnePod(source) : [];
  const owned = owner === undefined ? undefined : ownedBy(ownerOf(owner, configurations));
  const window = source ? undefined : timeWindow(question);
  const into: Pump = {
    scan: new LogScan({ parser, ...testsOf(question, parser), also: owned, isInTime: window && timeTest(window) }),
    hasFilters: hasFilters(question),
    summaries: new LogSummaries(),
    wantsSummaries: summaryOf !== undefined || isTooMany !== undefined,
    printer: printer?.(await requestFinder(question.withRoute ? source : undefined, configurations)),
    showsAll: question.showsAll,
    window,
  };
  const feed =
    'gateway' in from ? await liveFeed(from, question, asking) : fileFeed(from, asking, parser, sifter(into));
  await pump(write, feed, into);
  const coverage = feed.coverage();
  if (isTooMany === undefined) await expectLogs(source, question, coverage);
  const { counts, hasSubject } = into.scan;
  const placed = placedBy(window);
  const unread = parser.unread();
  const halfRead = unread.reduce((sum, { lines, tellsErrors }) => (tellsErrors ? sum + lines : sum), 0);
  return {
    coverage,
    lines: counts,
    hasFilters: into.hasFilters,
    unread,
    halfRead,
    ...placed,
    judgement: isTooMany && judge(isTooMany, { counts, hasSubject, halfRead, ...placed, ...into.summaries.totals }),
    summary:
      summaryOf === undefined
        ? undefined
        : {
            summary: into.summaries.result(summaryOf),
            marks: source ? await rolloutMarks(source, into.summaries) : [],
          },
  };
}

/** Throws where no pod gives its log, or there is none; who follows may wait for one. */
async function expectLogs(
  source: Source | undefined,
  { follow }: LogsQuestion,
  coverage: LogsAnswer['coverage'],
): Promise<void> {
  failuresOf(coverage);
  if (source && coverage.length === 0 && !follow) throw withoutPods(await source.gateway());
}

/** The formats that the gateway writes. Throws `not-ready` where no pod answers. */
export async function askLogFormats(source: Source): Promise<readonly AccessLogFormat[]> {
  const formats = await liveAccessLogFormats(source);
  if (formats !== undefined) return formats;
  throw new ToolError('not-ready', 'cannot find the format of the access log: no gateway pod answers');
}

const hasFilters = ({ criteria, errorsOnly, owner }: RequestsQuestion): Pump['hasFilters'] =>
  criteria.length > 0 || errorsOnly || owner !== undefined ? 'filtered' : 'everything';

/** Filters by what was asked and by what came of it, apart: see ScanOptions. */
function testsOf(
  { criteria, errorsOnly }: RequestsQuestion,
  { formats }: LineParser,
): Pick<ScanOptions, 'filter' | 'outcome'> {
  const byOutcome = criteria.filter(isOfOutcome);
  const { accepts } = logFilter(byOutcome);
  const isFailure = errorsOnly ? onlyErrors(formats) : undefined;
  return {
    filter: logFilter(criteria.filter((criterion) => !isOfOutcome(criterion))),
    outcome:
      isFailure === undefined && byOutcome.length === 0
        ? undefined
        : (format, read) => accepts(format, read) && isFailure?.(format, read) !== false,
  };
}

const placedBy = (window: TimeWindow | undefined): Pick<LogsAnswer, 'untimed' | 'missed'> => ({
  untimed: window?.untimed ?? 0,
  missed: window?.missed,
});

/** Of the time that the line itself has. */
function timeTest(window: TimeWindow): NonNullable<ScanOptions['isInTime']> {
  const timed = fieldsReader(['startTime']);
  return (format, read) => window.mayTake(timed(format, read));
}

/** `source`: undefined where neither routes nor pods are to be named. */
async function requestFinder(
  source: Source | undefined,
  configurations: readonly RouteConfiguration[],
): Promise<RequestFinder> {
  const timeoutOf = loggedTimeoutFinder(configurations);
  if (source === undefined) return { routeOf: () => undefined, upstreamPodOf: () => undefined, timeoutOf };
  const podAt = addressBook(await source.list('pods'));
  return {
    routeOf: loggedRouteFinder(configurations),
    upstreamPodOf: ({ upstreamHost }) => podAt(upstreamHost),
    timeoutOf,
  };
}
