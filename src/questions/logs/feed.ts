// Where the lines come from: the pods, or a file.

import { ExportReader } from '#accesslog/export-reader.ts';
import type { ExportedLine } from '#accesslog/exported.ts';
import type { LineParser } from '#accesslog/line-parser.ts';
import type { PodOutcome } from '#core/fleet.ts';
import type { LogCoverage, LogLine } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { AccessEntry } from '#model/access-log.ts';
import { readLogFile } from '#source/log-file.ts';

export interface Feed {
  readonly blocks: AsyncIterable<readonly LogLine[]>;
  coverage(): readonly PodOutcome<LogCoverage>[];
}

/** Which lines of each log. */
export interface LogSpan {
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  /** The last so many lines of each pod. */
  readonly tailLines: number | undefined;
  readonly follow: boolean;
  /** Of one pod. */
  readonly maxBytes: number;
}

export async function liveFeed(source: Source, span: LogSpan, { warn }: Asking): Promise<Feed> {
  const { since, until, tailLines, follow, maxBytes } = span;
  const stream = await source.logs({
    container: 'istio-proxy',
    since,
    until,
    tailLines,
    follow,
    maxBytes,
    note: (line) => warn(line),
  });
  return { blocks: stream, coverage: () => stream.coverage() };
}

/** Exported logs; `name`: `-` is what `stdin` has. */
export interface LogFile {
  readonly name: string;
  readonly stdin: NodeJS.ReadableStream;
}

/** `sift` leaves out lines that are known to be unwanted. */
export function fileFeed(
  { name, stdin }: LogFile,
  { signal }: Asking,
  parser: LineParser,
  sift?: (block: Buffer) => readonly Buffer[],
): Feed {
  const reader = new ExportReader(parser);
  async function* blocks(): AsyncGenerator<readonly LogLine[]> {
    for await (const lines of readLogFile(name, stdin, sift, signal)) {
      yield lines.flatMap((line) => reader.read(line)).map(asLogLine);
    }
    yield reader.end().map(asLogLine);
  }
  return { blocks: blocks(), coverage: () => [] };
}

const asLogLine = ({ text, pod = '', time = '' }: ExportedLine): LogLine => ({ pod, time, text });

/** Of exported logs; undefined where all lines are meant. */
export function timeWindow({
  since,
  until,
}: LogSpan): ((entry: Pick<AccessEntry, 'startTime'>, line: LogLine) => boolean) | undefined {
  if (since === undefined && until === undefined) return undefined;
  return ({ startTime = '' }, { time }) => {
    const at = Date.parse(time || startTime);
    return (since === undefined || at >= since.getTime()) && (until === undefined || at <= until.getTime());
  };
}
