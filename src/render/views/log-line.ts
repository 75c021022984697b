// How `logs` looks: a line for each request, what is always as wide as it is first; and the same as JSON, one object a
// line.

import type { Style } from '#command/command.ts';
import { memoize } from '#core/memoize.ts';
import type { LogLine } from '#core/pod-logs.ts';
import { type AccessEntry, type Cause, isOfWhole } from '#model/access-log.ts';
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

/** What each request has of its own. */
interface LineOwn {
  readonly startTime?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly path?: string | undefined;
}

/** How lines are printed. */
export interface LogPrinter {
  /** False where the line alone is printed: then nobody has to make an entry of it. */
  readonly needsEntry: boolean;
  entry(entry: AccessEntry, line: LogLine): string;
  /**
   * Of exported logs: prints lines that differ from `entry` in what is the line's own alone. Undefined where lines have
   * more than that of their own.
   */
  readonly alike: ((entry: AccessEntry) => (own: LineOwn) => string) | undefined;
  /** What is no entry. */
  other(line: LogLine, kind: 'other' | 'unparsed'): string;
}

export interface PrinterOptions {
  readonly format: 'table' | 'wide' | 'json' | 'raw';
  readonly color: boolean;
  /** What is known beyond the line. */
  readonly context: (entry: AccessEntry) => EntryContext;
  /** Undefined: nothing is to be added; empty where there is nothing to add to this one. */
  readonly explain: ((entry: AccessEntry) => readonly Cause[]) | undefined;
  readonly isError: (entry: AccessEntry) => boolean;
}

export function logPrinter({ format, color, context, explain, isError }: PrinterOptions): LogPrinter {
  if (format === 'raw') {
    return {
      needsEntry: false,
      entry: (_entry, { text }) => `${text}\n`,
      alike: undefined,
      other: ({ text }) => `${text}\n`,
    };
  }
  if (format === 'json') {
    return {
      needsEntry: true,
      entry: (entry, line) => entryJson(entry, line, context(entry), explain?.(entry) ?? []),
      alike: undefined,
      other: (line, kind) => otherLineJson(line, kind),
    };
  }
  const style = { color, wide: format === 'wide' };
  const explanation = explanationWriter(style);
  const rendererOf = (entry: AccessEntry, pod: string): ReturnType<typeof entryRenderer> =>
    entryRenderer(entry, pod, style, { ...context(entry), isError: isError(entry) });
  return {
    needsEntry: true,
    entry: (entry, { pod, time }) =>
      lineOf(rendererOf(entry, pod)(time || entry.startTime, entry)) + (explain ? explanation(explain(entry)) : ''),
    alike: style.wide || explain ? undefined : (entry) => alikeWriter(rendererOf(entry, '')),
    other: (line) => renderOtherLine(line, style),
  };
}

/** Of entries that are alike but for the time, the duration and the path. */
function entryRenderer(
  entry: AccessEntry,
  pod: string,
  style: LogStyle,
  context: EntryContext & { readonly isError: boolean },
): (time: string | undefined, own: Omit<LineOwn, 'startTime'>) => string {
  const tone = toneOf(entry, context.isError);
  const code = paint(padText(codeOf(entry), 3), tone, style.color);
  const flags = paint(padText((entry.responseFlags ?? []).join(',') || '-', 6), tone, style.color);
  const request = requestOf(entry);
  const behind = [
    upstreamOf(entry, context),
    ...(isOfWhole(entry) ? [] : [`(${entry.logType})`]),
    ...(context.route ? [`[${context.route}]`] : []),
    ...(style.wide ? wideParts(entry) : []),
    ...(pod === '' ? [] : [paint(style.wide ? pod : (pod.split('-').at(-1) ?? ''), 'faint', style.color)]),
  ].join(' ');
  return (time, { durationMs, path }) => {
    const latency = (durationMs === undefined ? '-' : describeLatency(durationMs)).padStart(7);
    return `${describeTime(time, style)} ${code} ${flags} ${latency} ${request(path)} → ${behind}`;
  };
}

/** Only what differs is looked at line by line: where all else is clean, so is the line with it. */
function alikeWriter(render: ReturnType<typeof entryRenderer>): (own: LineOwn) => string {
  const isKindClean = isClean(render(undefined, {}));
  return ({ startTime = '-', durationMs, path }) => {
    const line = render(startTime, { durationMs, path });
    return isKindClean && isClean(startTime) && isClean(path ?? '') ? `${line}\n` : lineOf(line);
  };
}

const isClean = (text: string): boolean => cleanLine(text) === text;

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
  if (!wide && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time)) return time.slice(11, 23);
  if (wide || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(time)) return time;
  return inUtc(time).slice(11, 23).padEnd(12, '0').replace(/Z0*$/, '').padEnd(12);
}

/** Stores write the time of the reader's zone, too; in one table there is one zone. */
function inUtc(time: string): string {
  const date = /[+-]\d\d:?\d\d$/.test(time) ? new Date(time) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? time : date.toISOString();
}

/** By the path. */
function requestOf({ method, authority, serverName, protocol }: AccessEntry): (path: string | undefined) => string {
  const connection = `${protocol ?? 'TCP'} ${serverName ?? authority ?? '-'}`;
  const before = `${method ?? '-'} ${authority ?? serverName ?? ''}`;
  return (path) => (method === undefined && path === undefined ? connection : `${before}${path ?? ''}`);
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
