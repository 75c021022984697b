// How `logs --summary` looks: one screen that says how bad it is, since when, and where to look.

import type { Style } from '#command/command.ts';
import { describeSpan } from '#core/duration.ts';
import { hintText } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { count } from '#core/phrase.ts';
import type { LogCoverage } from '#core/pod-logs.ts';
import type { ErrorVerdict, LogSummary, SharedBy, TopList } from '#model/log-summary.ts';
import { elideText, padText } from '#render/format/text.ts';
import { paint } from '#render/format/tone.ts';
import { describeLatency } from './log-line.ts';

/** Something that happened while the requests did: a rollout, a restart. */
export interface Mark {
  /** RFC 3339. */
  readonly at: string;
  readonly what: string;
}

export interface SummaryAnswer {
  readonly summary: LogSummary;
  readonly marks: readonly Mark[];
  /** Lines that were read, by what they are. */
  readonly lines: object;
  readonly coverage: readonly PodOutcome<LogCoverage>[];
  readonly complete: boolean;
}

/** The document of `-o json`. */
export function summaryJson({ summary, marks, lines, coverage, complete }: SummaryAnswer, now: Date): string {
  const document = {
    apiVersion: 'istio-ingress/v1',
    kind: 'AccessLogSummary',
    generatedAt: now.toISOString(),
    complete,
    lines,
    coverage: coverage.map((outcome) =>
      hasAnswered(outcome)
        ? { pod: outcome.pod.name, ...outcome.ok }
        : {
            pod: outcome.pod.name,
            error: { code: outcome.failed.code, message: outcome.failed.message, hint: hintText(outcome.failed) },
          },
    ),
    ...summary,
    marks,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const bars = '▁▂▃▄▅▆▇█';
const barsWithoutRequests = ' ';

/** `1.2 %`; never 0 where there are errors. */
export function describeShare(part: number, all: number): string {
  if (all === 0 || part === 0) return '0 %';
  const percent = (part / all) * 100;
  if (percent < 0.1) return '<0.1 %';
  return `${percent >= 10 ? Math.round(percent) : percent.toFixed(1)} %`;
}

export function renderSummary(summary: LogSummary, marks: readonly Mark[], style: Style): string[] {
  const all = summary.requests + summary.connections;
  if (all === 0) return ['no requests', ...notCounted(summary)];
  const sections = [
    ...(summary.verdict === undefined ? [] : [[paint(verdictLine(summary.verdict), 'bad', style.color)]]),
    headOf(summary, style),
    timelineOf(summary, marks, style),
    answerersOf(summary),
    ...topsOf(summary, style),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}

function headOf(summary: LogSummary, style: Style): string[] {
  const { requests, connections, errors, latency, from, to } = summary;
  const what = [
    ...(requests > 0 || connections === 0 ? [count(requests, 'request')] : []),
    ...(connections > 0 ? [count(connections, 'TCP connection')] : []),
  ];
  const span =
    from && to
      ? ` in ${describeSpan(Math.max(1000, Date.parse(to) - Date.parse(from)))}, ${clock(from)}–${clock(to)} UTC`
      : '';
  const all = requests + connections;
  const failed = `${count(errors, 'error')} (${describeShare(errors, all)} of ${all})`;
  const refused =
    summary.refused === 0
      ? ''
      : ` · ${summary.refused} refused by the gateway with 4xx (${describeShare(summary.refused, all)})`;
  const lines = [`${what.join(', ')}${span} · ${paint(failed, errors > 0 ? 'bad' : 'good', style.color)}${refused}`];
  lines.push(...notCounted(summary));
  if (latency) {
    const { p50, p90, p95, p99, max } = latency;
    lines.push(
      `duration p50 ${describeLatency(p50)} · p90 ${describeLatency(p90)} · p95 ${describeLatency(p95)} · p99 ${describeLatency(p99)} · max ${describeLatency(max)}`,
    );
  }
  return lines;
}

const notCounted = ({ own, partial }: LogSummary): string[] => [
  ...(own === undefined ? [] : [`not counted: ${own} of this tool itself (explain --send)`]),
  ...(partial === undefined
    ? []
    : [`not counted: ${count(partial, 'line')} of requests and connections that went on, or of single attempts`]),
];

/** `all 9 DC after 1.9 s, by dashboard/4.1: a timeout of 2 s at the client`. */
export function verdictLine({ errors, of, kind, shared, afterMs, clientTimeoutMs }: ErrorVerdict): string {
  const what = kind ?? 'errors';
  const many =
    errors === of
      ? `all ${of} ${what}`
      : `at least ${errors} of ${of} ${kind === undefined ? what : `errors (${kind})`}`;
  const after = afterMs === undefined ? '' : ` after ${describeSeconds(afterMs)}`;
  const where = shared.map(describeShared).join(', ');
  const comma = after !== '' && where !== '' ? ',' : '';
  const why =
    clientTimeoutMs !== undefined
      ? `: a timeout of ${describeSeconds(clientTimeoutMs)} at the client`
      : kind === 'UT' && afterMs !== undefined
        ? ": the route's timeout"
        : '';
  return `${many}${after}${comma}${where === '' ? '' : ` ${where}`}${why}`;
}

const describeSeconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`);

function describeShared({ by, value }: SharedBy): string {
  switch (by) {
    case 'pod':
      return `come from pod ${value.split('-').at(-1)}`;
    case 'subset': {
      const [service, subset] = value.split(' subset ');
      return `at subset ${subset} of ${service}`;
    }
    case 'service':
      return `at service ${value}`;
    case 'upstream':
      return `at endpoint ${value}`;
    case 'user agent':
      return `by ${value}`;
    case 'host':
      return `for host ${value}`;
    case 'path':
      return `for path ${value}`;
  }
}

const clock = (time: string): string => time.slice(11, 19);

function timelineOf({ timeline: { buckets, bucketMs } }: LogSummary, marks: readonly Mark[], style: Style): string[] {
  if (buckets.length < 2) return [];
  const most = Math.max(...buckets.map(({ requests }) => requests));
  const mostErrors = Math.max(...buckets.map(({ errors }) => errors));
  const lines = [
    `requests  ${buckets.map(({ requests }) => bar(requests, most)).join('')}  at most ${most} in ${describeSpan(bucketMs)}`,
    `errors    ${paint(buckets.map(({ errors }) => bar(errors, mostErrors)).join(''), 'bad', style.color)}  at most ${mostErrors}`,
  ];
  const first = Date.parse(buckets[0]?.from ?? '');
  const placed = marks
    .map((mark) => ({ ...mark, column: Math.floor((Date.parse(mark.at) - first) / bucketMs) }))
    .filter(({ column }) => column >= 0 && column < buckets.length);
  if (placed.length === 0) return lines;
  const columns = new Set(placed.map(({ column }) => column));
  lines.push(`          ${buckets.map((_, index) => (columns.has(index) ? '▲' : ' ')).join('')}`.trimEnd());
  for (const { at, what } of placed.slice(0, 8)) lines.push(`          ▲ ${clock(at)} ${what}`);
  if (placed.length > 8) lines.push(`          ▲ and ${placed.length - 8} more`);
  return lines;
}

function bar(value: number, most: number): string {
  if (value === 0 || most === 0) return barsWithoutRequests;
  return bars[Math.min(bars.length - 1, Math.floor((value / most) * bars.length))] ?? '█';
}

const answererNames = {
  application: 'the application',
  gateway: 'the gateway itself',
  nobody: 'nobody (the client left)',
  connection: 'TCP connections',
  unknown: 'not known, as the log has neither details nor flags nor an upstream:',
} as const;

function answerersOf({ answeredBy, errorsBy }: LogSummary): string[] {
  const names = Object.keys(answererNames) as (keyof typeof answererNames)[];
  const parts = names
    .filter((name) => (answeredBy[name] ?? 0) > 0)
    .map(
      (name) =>
        `${answererNames[name]} ${answeredBy[name]}${errorsBy[name] ? ` (${count(errorsBy[name], 'error')})` : ''}`,
    );
  return [`answered by: ${parts.join(' · ')}`];
}

function topsOf(summary: LogSummary, style: Style): string[][] {
  return [
    topOf('HOSTS', summary.hosts, style),
    topOf('PATHS', summary.paths, style),
    topOf('CODES', summary.codes, style),
    topOf('FLAGS', summary.flags, style),
    topOf('DETAILS', summary.details, style),
    topOf('SERVICES', summary.services, style),
    topOf('UPSTREAMS', summary.upstreams, style),
    topOf('USER AGENTS', summary.userAgents, style),
    topOf('PODS', summary.pods, style),
    topOf('SNI UNLIKE HOST', summary.misdirected, style),
  ];
}

function topOf(title: string, { top, of, isApproximate }: TopList, style: Style): string[] {
  if (top.length === 0) return [];
  const hidden = of - top.length;
  const head = `${title}${hidden > 0 ? ` (${isApproximate ? 'more than ' : ''}${hidden} more)` : ''}`;
  const width = Math.min(
    60,
    Math.max(head.length, ...top.map(({ value }) => value.length)),
    Number.isFinite(style.columns) ? Math.max(20, style.columns - 28) : 200,
  );
  const lines = top.map(({ value, requests, errors }) => {
    const name = padText(elideText(value, style.wide ? Number.POSITIVE_INFINITY : width), width);
    return `${name}   ${String(requests).padStart(8)}   ${paint(describeShare(errors, requests).padStart(14), errors > 0 ? 'bad' : undefined, style.color)}`;
  });
  const note = isApproximate
    ? ['too many different ones to keep: there may be others, and each was seen at least so often']
    : [];
  return [`${padText(head, width)}   REQUESTS   ERRORS OF THEM`, ...lines, ...note];
}
