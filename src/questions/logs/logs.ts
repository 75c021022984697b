// The access logs of every pod as one stream, or of a file: lines are written as they come, and what they amount to is
// the answer.

import { type Criterion, checkAnswerable, logFilter } from '#accesslog/filter.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan } from '#accesslog/scan.ts';
import { LogSummaries } from '#accesslog/summary.ts';
import { addressBook } from '#analysis/select/address-book.ts';
import { loggedRouteFinder } from '#analysis/select/logged-route.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { LogCoverage } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { AccessEntry, AccessLogFormat } from '#model/access-log.ts';
import type { RouteConfiguration } from '#model/route.ts';
import { liveAccessLogFormats } from './access-log-formats.ts';
import { fileFeed, type LogFile, type LogSpan, liveFeed, timeWindow } from './feed.ts';
import { formatsOf } from './formats.ts';
import { ownerOf, routesOfOnePod } from './owned-routes.ts';
import { type LinePrinter, type Pump, pump, sifter } from './pump.ts';
import { rolloutMarks } from './rollout-marks.ts';

/** Which requests. */
export interface RequestsQuestion {
  readonly criteria: readonly Criterion[];
  /** As in `accessLogFormat`; undefined: found in the live configuration. */
  readonly format: string | undefined;
  /** `NAMESPACE[/NAME]` of services. */
  readonly owner: string | undefined;
}

export interface LogsQuestion extends RequestsQuestion, LogSpan {
  /** Also what is no access log. */
  readonly showsAll: boolean;
  /** Name the VirtualService of each request, and the pod behind its upstream. */
  readonly withRoute: boolean;
  /** Length of the lists of a summary; undefined: there is none. */
  readonly summaryOf: number | undefined;
  /** Whether so many errors of so many requests are a finding; undefined: nobody asks. */
  readonly isTooMany: ((errors: number, of: number) => boolean) | undefined;
}

/** What is known of a request beyond its line. */
export interface KnownOfRequest {
  readonly route?: string | undefined;
  readonly upstreamPod?: string | undefined;
}

export interface LogsOutput {
  /** Undefined: lines are only counted. */
  readonly printer: ((knownOf: (entry: AccessEntry) => KnownOfRequest) => LinePrinter) | undefined;
  /** Resolves when more may be written. */
  write(text: string): Promise<void>;
}

export interface LogsAnswer {
  readonly coverage: readonly PodOutcome<LogCoverage>[];
  readonly lines: LogScan['counts'];
  readonly hasFilters: Pump['hasFilters'];
  readonly findings: boolean;
  readonly summary:
    | {
        readonly summary: ReturnType<LogSummaries['result']>;
        readonly marks: Awaited<ReturnType<typeof rolloutMarks>>;
      }
    | undefined;
}

/** Throws where no pod gives its log. */
export async function askLogs(
  from: Source | LogFile,
  question: LogsQuestion,
  { printer, write }: LogsOutput,
  asking: Asking,
): Promise<LogsAnswer> {
  const { isTooMany, owner, criteria, summaryOf, withRoute } = question;
  const source = 'gateway' in from ? from : undefined;
  const parser = lineParser(await formatsOf(asking, question, source));
  checkAnswerable(criteria, parser.formats);
  const configurations = source && (owner !== undefined || withRoute) ? await routesOfOnePod(source) : [];
  const owned = owner === undefined ? undefined : ownedBy(ownerOf(owner, configurations));
  const into: Pump = {
    scan: new LogScan({ parser, filter: logFilter(criteria), also: owned }),
    hasFilters: criteria.length > 0 || owned !== undefined ? 'filtered' : 'everything',
    summaries: new LogSummaries(),
    wantsSummaries: summaryOf !== undefined || isTooMany !== undefined,
    printer: printer?.(source && withRoute ? await requestFinder(source, configurations) : () => ({})),
    showsAll: question.showsAll,
    isInTime: source ? undefined : timeWindow(question),
  };
  const feed =
    'gateway' in from ? await liveFeed(from, question, asking) : fileFeed(from, asking, parser, sifter(into));
  await pump(write, feed, into);
  const coverage = feed.coverage();
  throwIfNone(coverage);
  const { errors, of } = into.summaries.totals;
  return {
    coverage,
    lines: into.scan.counts,
    hasFilters: into.hasFilters,
    findings: isTooMany?.(errors, of) === true,
    summary:
      summaryOf === undefined
        ? undefined
        : {
            summary: into.summaries.result(summaryOf),
            marks: source ? await rolloutMarks(source, into.summaries) : [],
          },
  };
}

/** The formats that the gateway writes. Throws `not-ready` where no pod answers. */
export async function askLogFormats(source: Source): Promise<readonly AccessLogFormat[]> {
  const formats = await liveAccessLogFormats(source);
  if (formats !== undefined) return formats;
  throw new ToolError('not-ready', 'cannot find the format of the access log: no gateway pod answers');
}

async function requestFinder(
  source: Source,
  configurations: readonly RouteConfiguration[],
): Promise<(entry: AccessEntry) => KnownOfRequest> {
  const routeOf = loggedRouteFinder(configurations);
  const podAt = addressBook(await source.list('pods'));
  return (entry) => ({ route: routeOf(entry), upstreamPod: podAt(entry.upstreamHost) });
}

function throwIfNone(coverage: readonly PodOutcome<LogCoverage>[]): void {
  const failed = coverage.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  const [first] = failed;
  if (!first || failed.length < coverage.length) return;
  if (failed.length === 1) throw first;
  throw new ToolError(first.code, `none of ${failed.length} pods gives its log; the first: ${first.message}`, {
    hint: first.hint,
  });
}
