// Where the lines come from: the pods, or a file.

import { ExportReader } from '#accesslog/export-reader.ts';
import type { ExportedLine } from '#accesslog/exported.ts';
import { longestDocument } from '#accesslog/json-documents.ts';
import type { LineParser } from '#accesslog/line-parser.ts';
import type { Sifted } from '#accesslog/sieve.ts';
import type { PodOutcome } from '#core/fleet.ts';
import { LineSplitter } from '#core/lines.ts';
import type { LogCoverage, LogLine } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { AccessEntry } from '#model/access-log.ts';
import { readLogFile } from '#source/log-file.ts';

export interface Feed {
  /** Lines, and what is printed of lines that were read already. */
  readonly blocks: AsyncIterable<readonly (string | LogLine)[]>;
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

/** `sift` takes of each block what is known by its bytes. */
export function fileFeed(
  { name, stdin }: LogFile,
  { signal }: Asking,
  parser: LineParser,
  sift: (block: Buffer) => Sifted['pieces'],
): Feed {
  const reader = new ExportReader(parser);
  const read = (lines: readonly string[]): LogLine[] => lines.flatMap((line) => reader.read(line)).map(asLogLine);
  async function* blocks(): AsyncGenerator<readonly (string | LogLine)[]> {
    const splitter = new LineSplitter(undefined, longestDocument);
    for await (const chunk of readLogFile(name, stdin, signal)) {
      const { line, block } = splitter.pushBytes(chunk);
      const pieces = sift(block);
      const textOf = (piece: string | Buffer) => (typeof piece === 'string' ? [piece] : read(splitter.linesOf(piece)));
      yield [...(line === undefined ? [] : read([line])), ...pieces.flatMap<string | LogLine>(textOf)];
    }
    yield read(splitter.end());
    yield reader.end().map(asLogLine);
  }
  return { blocks: blocks(), coverage: () => [] };
}

const asLogLine = ({ text, pod = '', time = '' }: ExportedLine): LogLine => ({ pod, time, text });

/** Undefined for a line that has no time. */
export type InTime = (entry: Pick<AccessEntry, 'startTime'>, line: LogLine) => boolean | undefined;

/** Of exported logs; undefined where all lines are meant. */
export function timeWindow({ since, until }: LogSpan): InTime | undefined {
  if (since === undefined && until === undefined) return undefined;
  return ({ startTime = '' }, { time }) => {
    const at = Date.parse(time || startTime);
    if (Number.isNaN(at)) return undefined;
    return (since === undefined || at >= since.getTime()) && (until === undefined || at <= until.getTime());
  };
}
