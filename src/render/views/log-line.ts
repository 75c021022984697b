// How `logs` looks: a line for each request, what is always as wide as it is first; and the same as JSON, one object a
// line.

import type { Style } from '#command/command.ts';
import { memoize } from '#core/memoize.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { AccessEntry, Cause } from '#model/access-log.ts';
import { serviceOfCluster } from '#model/cluster-name.ts';
import { cleanLine, cleanText } from '#render/format/terminal.ts';
import { padText } from '#render/format/text.ts';
import { paint, type Tone } from '#render/format/tone.ts';

type LogStyle = Pick<Style, 'color' | 'wide'>;

/** What is known of a request beyond its line. */
export interface EntryContext {
  /** The VirtualService and its route. */
  readonly route?: string | undefined;
  /** Pod and ReplicaSet behind the upstream's address. */
  readonly upstreamPod?: string | undefined;
}

/** `0ms`, `999ms`, `1.5s`, `95s`. */
export function describeLatency(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  return `${ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)}s`;
}

/** How lines are printed. */
export interface LogPrinter {
  /** False where the line alone is printed: then nobody has to make an entry of it. */
  readonly needsEntry: boolean;
  entry(entry: AccessEntry, line: LogLine): string;
  /** What is no entry. */
  other(line: LogLine, kind: 'other' | 'unparsed'): string;
}

export interface PrinterOptions {
  readonly format: 'table' | 'wide' | 'json' | 'raw';
  readonly color: boolean;
  /** What is known beyond the line. */
  readonly context: (entry: AccessEntry) => EntryContext;
  /** Empty where there is nothing to add. */
  readonly explain: (entry: AccessEntry) => readonly Cause[];
  readonly isError: (entry: AccessEntry) => boolean;
}

export function logPrinter({ format, color, context, explain, isError }: PrinterOptions): LogPrinter {
  if (format === 'raw')
    return { needsEntry: false, entry: (_entry, { text }) => `${text}\n`, other: ({ text }) => `${text}\n` };
  if (format === 'json') {
    return {
      needsEntry: true,
      entry: (entry, line) => entryJson(entry, line, context(entry), explain(entry)),
      other: (line, kind) => otherLineJson(line, kind),
    };
  }
  const style = { color, wide: format === 'wide' };
  const explanation = explanationWriter(style);
  return {
    needsEntry: true,
    entry: (entry, line) =>
      renderEntry(entry, line, style, { ...context(entry), isError: isError(entry) }) + explanation(explain(entry)),
    other: (line) => renderOtherLine(line, style),
  };
}

function renderEntry(
  entry: AccessEntry,
  line: LogLine,
  style: LogStyle,
  context: EntryContext & { readonly isError: boolean },
): string {
  const tone = toneOf(entry, context.isError);
  const left = [
    describeTime(line.time || entry.startTime, style),
    paint(padText(codeOf(entry), 3), tone, style.color),
    paint(padText((entry.responseFlags ?? []).join(',') || '-', 6), tone, style.color),
    (entry.durationMs === undefined ? '-' : describeLatency(entry.durationMs)).padStart(7),
  ];
  const parts = [
    ...left,
    ...requestOf(entry),
    '→',
    upstreamOf(entry, context),
    ...(context.route ? [`[${context.route}]`] : []),
  ];
  if (style.wide) parts.push(...wideParts(entry));
  const pod =
    line.pod === '' ? [] : [paint(style.wide ? line.pod : (line.pod.split('-').at(-1) ?? ''), 'faint', style.color)];
  return lineOf([...parts, ...pod].join(' '));
}

/** With its end, which no other in it can be taken for. */
const lineOf = (line: string): string => `${cleanLine(line)}\n`;

/** A line that is no entry, as it is. */
function renderOtherLine({ pod, time, text }: LogLine, style: LogStyle): string {
  const name = pod === '' ? '' : ` ${paint(style.wide ? pod : (pod.split('-').at(-1) ?? ''), 'faint', style.color)}`;
  return lineOf(`${time === '' ? '' : `${describeTime(time, style)} `}${cleanText(text)}${name}`);
}

const causeText = ({ name, text }: Cause): string => `${name}: ${text}`;
/** Those that Envoy has are fewer; text that is no log may have any. */
const mostRemembered = 1000;

/**
 * Lines under an entry: a cause in full where it comes first, after that by its name, as it repeats line after line.
 */
function explanationWriter({ color }: LogStyle): (causes: readonly Cause[]) => string {
  const explained = new Set<string>();
  return (causes) => {
    const known = causes.filter((cause) => explained.has(causeText(cause)));
    const names = known.filter(({ isReason }) => !isReason).map(({ name }) => name);
    const full = causes.filter((cause) => cause.isReason || !known.includes(cause)).map(causeText);
    if (explained.size < mostRemembered) for (const text of full) explained.add(text);
    const reference = names.length === 0 ? [] : [paint(`as above: ${names.join(', ')}`, 'faint', color)];
    return [...reference, ...full].map((line) => lineOf(`    ${line}`)).join('');
  };
}

/** `kind` says which schema a line has. */
function entryJson(
  entry: AccessEntry,
  line: LogLine,
  { route, upstreamPod }: EntryContext,
  explanation: readonly Cause[],
): string {
  return `${JSON.stringify({
    kind: 'AccessLogEntry',
    ...(line.pod === '' ? {} : { pod: line.pod }),
    ...(line.time === '' ? {} : { time: line.time }),
    ...entry,
    ...(route === undefined ? {} : { route }),
    ...(upstreamPod === undefined ? {} : { upstreamPod }),
    ...(explanation.length === 0 ? {} : { explanation: explanation.map(causeText) }),
  })}\n`;
}

function otherLineJson({ pod, time, text }: LogLine, kind: 'unparsed' | 'other'): string {
  return `${JSON.stringify({
    kind: kind === 'unparsed' ? 'UnparsedLine' : 'OtherLine',
    ...(pod === '' ? {} : { pod }),
    ...(time === '' ? {} : { time }),
    text,
  })}\n`;
}

function toneOf({ responseCode = 0 }: AccessEntry, isError: boolean): Tone | undefined {
  if (isError) return 'bad';
  if (responseCode >= 400) return 'warning';
  return responseCode >= 200 && responseCode < 300 ? 'good' : undefined;
}

const codeOf = ({ responseCode }: AccessEntry): string => (responseCode === undefined ? '-' : String(responseCode));

/** The day where the line is wide: a runbook's reader looks at the last minutes. */
function describeTime(time: string | undefined, { wide }: LogStyle): string {
  if (time === undefined) return '-';
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(time)) return time;
  return wide ? time : inUtc(time).slice(11, 23).padEnd(12, '0').replace(/Z0*$/, '');
}

/** Stores write the time of the reader's zone, too; in one table there is one zone. */
function inUtc(time: string): string {
  const date = /[+-]\d\d:?\d\d$/.test(time) ? new Date(time) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? time : date.toISOString();
}

function requestOf({ method, path, authority, serverName, protocol }: AccessEntry): string[] {
  if (method === undefined && path === undefined) return [`${protocol ?? 'TCP'} ${serverName ?? authority ?? '-'}`];
  return [method ?? '-', `${authority ?? serverName ?? ''}${path ?? ''}`];
}

/** The Service behind it. Millions of lines have the same few. */
const describeCluster = memoize((cluster) => {
  const service = serviceOfCluster(cluster);
  return service ? `${service.namespace}/${service.name}` : cluster;
});

function upstreamOf({ upstreamHost, upstreamCluster }: AccessEntry, { upstreamPod }: EntryContext): string {
  const named = upstreamCluster === undefined ? undefined : describeCluster(upstreamCluster);
  return [
    upstreamHost ?? '-',
    ...(named === undefined ? [] : [named]),
    ...(upstreamPod === undefined ? [] : [upstreamPod]),
  ].join(' ');
}

function wideParts(entry: AccessEntry): string[] {
  const { forwardedFor, downstreamRemoteAddress, userAgent, requestId, responseCodeDetails, protocol } = entry;
  const client = forwardedFor ?? downstreamRemoteAddress;
  const named = {
    protocol,
    client,
    details: responseCodeDetails,
    id: requestId,
    agent: userAgent && JSON.stringify(userAgent),
  };
  return Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}
