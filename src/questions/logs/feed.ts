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

/** The time that was asked for of exported logs, and how many lines are outside of it. */
export class TimeWindow {
  readonly #since: number;
  readonly #until: number;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  #inside = 0;
  #outside = 0;
  /** Lines without a time. */
  untimed = 0;

  constructor({ since, until }: Pick<LogSpan, 'since' | 'until'>) {
    this.#since = since?.getTime() ?? Number.NEGATIVE_INFINITY;
    this.#until = until?.getTime() ?? Number.POSITIVE_INFINITY;
  }

  /** False also where it has no time. */
  takes(entry: Pick<AccessEntry, 'startTime'>, time = ''): boolean {
    const at = timeOf(entry, time);
    if (Number.isNaN(at)) this.untimed++;
    else if (this.#has(at)) this.#inside++;
    else this.#leaveOut(at);
    return this.#has(at);
  }

  mayTake(entry: Pick<AccessEntry, 'startTime'>): boolean {
    const at = timeOf(entry, '');
    return Number.isNaN(at) || this.#has(at);
  }

  /** Of all lines that have a time, where none is inside. */
  get missed(): { readonly lines: number; readonly from: string; readonly to: string } | undefined {
    if (this.#inside > 0 || this.#outside === 0) return undefined;
    return { lines: this.#outside, from: new Date(this.#from).toISOString(), to: new Date(this.#to).toISOString() };
  }

  #has(at: number): boolean {
    return at >= this.#since && at <= this.#until;
  }

  #leaveOut(at: number): void {
    this.#outside++;
    this.#from = Math.min(this.#from, at);
    this.#to = Math.max(this.#to, at);
  }
}

const timeOf = ({ startTime = '' }: Pick<AccessEntry, 'startTime'>, time: string): number =>
  Date.parse(time || startTime);

/** Undefined where all lines are meant. */
export const timeWindow = (span: LogSpan): TimeWindow | undefined =>
  span.since === undefined && span.until === undefined ? undefined : new TimeWindow(span);
