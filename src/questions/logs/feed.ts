// Where the lines come from: the pods, or a file.

import { ExportReader } from '#accesslog/export-reader.ts';
import type { ExportedLine } from '#accesslog/exported.ts';
import type { LineParser } from '#accesslog/line-parser.ts';
import type { Context } from '#command/command.ts';
import type { LogsFlags } from '#command/log-flags.ts';
import type { PodOutcome } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import { readMoment } from '#core/moment.ts';
import type { LogCoverage, LogLine } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import type { AccessEntry } from '#model/access-log.ts';
import { readLogFile } from '#source/log-file.ts';

const defaultSinceMs = 5 * 60_000;

export interface Feed {
  readonly blocks: AsyncIterable<readonly LogLine[]>;
  coverage(): readonly PodOutcome<LogCoverage>[];
}

export async function liveFeed(context: Context, given: LogsFlags, source: Source): Promise<Feed> {
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

function sinceOf({ now }: Context, given: LogsFlags): Date | undefined {
  if (given['since-time'] !== undefined) return readMoment(given['since-time'], 'since-time', now);
  if (given.since === undefined && given.tail !== undefined) return undefined;
  return new Date(now.getTime() - (given.since ?? defaultSinceMs));
}

/** `sift` leaves out lines that are known to be unwanted. */
export function fileFeed(
  context: Context,
  given: LogsFlags,
  parser: LineParser,
  sift?: (block: Buffer) => readonly Buffer[],
): Feed {
  const reader = new ExportReader(parser);
  async function* blocks(): AsyncGenerator<readonly LogLine[]> {
    for await (const lines of readLogFile(given.from ?? '-', context.stdin, sift)) {
      context.signal.throwIfAborted();
      yield lines.flatMap((line) => reader.read(line)).map(asLogLine);
    }
    yield reader.end().map(asLogLine);
  }
  return { blocks: blocks(), coverage: () => [] };
}

const asLogLine = ({ text, pod = '', time = '' }: ExportedLine): LogLine => ({ pod, time, text });

/** Of exported logs, where the flags name one. */
export function timeWindow(
  context: Context,
  given: LogsFlags,
): ((entry: Pick<AccessEntry, 'startTime'>, line: LogLine) => boolean) | undefined {
  if (given.since === undefined && given['since-time'] === undefined && given.until === undefined) return undefined;
  const from = given.since === undefined && given['since-time'] === undefined ? undefined : sinceOf(context, given);
  const to = given.until === undefined ? undefined : readMoment(given.until, 'until', context.now);
  return ({ startTime = '' }, { time }) => {
    const at = Date.parse(time || startTime);
    return (from === undefined || at >= from.getTime()) && (to === undefined || at <= to.getTime());
  };
}
