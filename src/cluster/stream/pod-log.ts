// One pod's log: read once, or followed for as long as the pod lives. Whatever breaks in between, each line comes once.

import type { IncomingMessage } from 'node:http';
import type { Connection } from '#cluster/access/connection.ts';
import { retried } from '#core/concurrency.ts';
import { asToolError, ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import { LineSplitter } from '#core/lines.ts';
import type { LogRequest } from '#core/pod-logs.ts';
import type { ContainerRun } from './container-run.ts';
import { logTime, SeenLines, splitTime, type TimedLine } from './log-lines.ts';
import { type LogOptions, openLog } from './logs.ts';

export interface PodLogOptions {
  readonly connection: Connection;
  readonly pod: PodRef;
  readonly request: LogRequest;
  readonly signal: AbortSignal;
  /** Aborts when the pod is gone: not every stream ends by itself then. */
  readonly gone: AbortSignal;
  /** Called when a stream is open, before its lines. */
  readonly opened: () => void;
  readonly push: (lines: readonly TimedLine[]) => void;
}

/** An old kubelet can lose a followed file in a rotation: a stream that is silent for so long is opened anew. */
const silenceMs = 5 * 60_000;
const retries = 3;
/** Bytes: the longest time of RFC 3339 with nine digits, and a little of its line. */
const enoughForTime = 48;
const shortestPauseMs = 250;
const longestPauseMs = 10_000;

/** How one stream ended. */
interface Read {
  readonly isWhole: boolean;
  readonly failed: ToolError | undefined;
}

export class PodLog {
  readonly #options: PodLogOptions;
  readonly #seen = new SeenLines();
  #bytes = 0;
  #isPastUntil = false;
  /** The run whose last lines were asked for. */
  #tailedRun: string | undefined;
  /** The last text of a followed stream, without newline: it comes again whole, or was the end of the log. */
  #unfinished: TimedLine | undefined;
  /** Why less came than was asked for. */
  gap: string | undefined;
  /** Where it was cut off, the time of its last line. */
  wholeUntil: string | undefined;

  constructor(options: PodLogOptions) {
    this.#options = options;
  }

  /** The time of the oldest line that is there; undefined for an empty log. */
  async oldest(): Promise<string | undefined> {
    let text = '';
    const isEnough = (): boolean => text.length >= enoughForTime || text.includes('\n');
    await this.#retried(async () => {
      text = '';
      const read = await this.#open({ limitBytes: enoughForTime }, async (stream) => {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          text += chunk.toString('latin1');
          if (isEnough()) return;
        }
      });
      return isEnough() ? { isWhole: true, failed: undefined } : read;
    });
    return splitTime(text.split('\n')[0] ?? '').time || undefined;
  }

  /** What the container before the last restart left behind; nothing where that is gone. */
  async readPrevious(): Promise<void> {
    await this.#read({ previous: true, sinceTime: this.#sinceTime() });
  }

  /** To its end. Throws where it breaks again and again. */
  readOnce(): Promise<void> {
    const { tailLines } = this.#options.request;
    return this.#retried(() => {
      const isFirst = this.#seen.last === undefined;
      return this.#read({ sinceTime: this.#sinceTime(), ...(isFirst && tailLines !== undefined ? { tailLines } : {}) });
    });
  }

  #retried(attempt: () => Promise<Read>): Promise<void> {
    const whole = async (): Promise<void> => {
      const { isWhole, failed } = await attempt();
      if (!isWhole) throw failed;
    };
    const mayPassOnce = (error: unknown): boolean => {
      const failed = error as Read['failed'];
      return mayPass(failed) && failed?.code !== 'not-found';
    };
    return retried(whole, { times: retries, mayPass: mayPassOnce, signal: this.#options.signal });
  }

  /** Until the pod is gone. `run` tells what the container is doing now, `changed` waits for news. */
  async follow(run: () => ContainerRun | undefined, changed: (ms: number) => Promise<void>): Promise<void> {
    let waitMs = shortestPauseMs;
    let ended = '';
    for (let current = run(); current !== undefined; current = run()) {
      this.#options.signal.throwIfAborted();
      // The log of a container that has ended is served again and again: it is read once.
      if (current.state !== 'running' && ended === current.id) {
        await changed(longestPauseMs);
        continue;
      }
      const before = this.#bytes;
      await this.#followRun(current.id);
      if (current.state !== 'running') ended = current.id;
      waitMs = this.#bytes > before ? shortestPauseMs : Math.min(longestPauseMs, waitMs * 2);
      await changed(waitMs);
      await this.#afterRestart(current, run());
    }
    this.#finish();
  }

  /** Reads until the stream ends for any reason. Throws failures that will not pass. */
  async #followRun(run: string): Promise<void> {
    const { tailLines } = this.#options.request;
    this.#tailedRun ??= run;
    // --tail holds until a line was read. A container that started later is read from its beginning.
    const hasTail = tailLines !== undefined && this.#seen.last === undefined && this.#tailedRun === run;
    const { failed } = await this.#read({
      follow: true,
      sinceTime: this.#sinceTime(),
      ...(hasTail ? { tailLines } : {}),
    });
    if (failed !== undefined && !mayPass(failed)) throw failed;
  }

  /**
   * The end of the last run may have been missed while the connection was broken, and its log is the previous one now.
   */
  async #afterRestart(before: ContainerRun, now: ContainerRun | undefined): Promise<void> {
    if (now === undefined || now.id === before.id) return;
    await this.readPrevious();
    this.#finish();
  }

  #finish(): void {
    const line = this.#unfinished;
    this.#unfinished = undefined;
    if (line && this.#seen.isNew(line.time)) this.#options.push([line]);
  }

  #sinceTime(): string | undefined {
    return this.#seen.last ?? this.#options.request.since?.toISOString();
  }

  #read(own: Partial<LogOptions>): Promise<Read> {
    this.#seen.resume();
    const { request, opened } = this.#options;
    const limitBytes = request.follow ? undefined : Math.max(1, request.maxBytes - this.#bytes);
    return this.#open({ limitBytes, ...own }, (stream) => {
      if (own.previous !== true) opened();
      return this.#consume(stream, own);
    });
  }

  /** Throws only for the end of the whole command. The failure of one stream is a result. */
  async #open(own: Partial<LogOptions>, consume: (stream: IncomingMessage) => Promise<void>): Promise<Read> {
    const { connection, signal, pod, gone } = this.#options;
    let stream: IncomingMessage | undefined;
    try {
      stream = await openLog(
        connection,
        { pod, container: this.#options.request.container, ...own },
        AbortSignal.any([signal, gone]),
      );
      await consume(stream);
      const isWhole = stream.complete || this.#isPastUntil;
      return { isWhole, failed: isWhole ? undefined : broken(pod) };
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      if (gone.aborted) return { isWhole: false, failed: undefined };
      return { isWhole: false, failed: asLogError(thrown, pod) };
    } finally {
      stream?.destroy();
    }
  }

  async #consume(stream: IncomingMessage, { follow, previous }: Partial<LogOptions>): Promise<void> {
    const splitter = new LineSplitter();
    const silentMs = follow ? silenceMs : limits.inactivityMs;
    const silence = setTimeout(() => stream.destroy(silent(this.#options.pod, silentMs)), silentMs);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        silence.refresh();
        this.#bytes += chunk.length;
        this.#take(splitter.push(chunk));
        if (this.#isPastUntil) return;
      }
    } finally {
      clearTimeout(silence);
    }
    this.#takeRest(splitter.end(), follow === true || previous === true);
    if (!this.#options.request.follow && this.#bytes >= this.#options.request.maxBytes) this.#cut();
  }

  #cut(): void {
    const mebibytes = this.#options.request.maxBytes / 1024 / 1024;
    this.wholeUntil = this.#seen.last ?? '';
    this.gap = `only its first ${mebibytes} MiB since then were read (--max-log)`;
  }

  #takeRest(rest: readonly string[], mayComeAgain: boolean): void {
    if (!mayComeAgain) this.#take(rest);
    const line = splitTime(rest[0] ?? '');
    if (mayComeAgain && line.time !== '') this.#unfinished = line;
  }

  #take(lines: readonly string[]): void {
    const { since } = this.#options.request;
    const from = since === undefined ? '' : logTime(since);
    const fresh: TimedLine[] = [];
    for (const line of lines) {
      const timed = splitTime(line);
      // A line without time is the kubelet's error text, sent with status 200.
      if (timed.time === '' || timed.time < from) continue;
      if (this.#isLate(timed.time)) break;
      if (this.#unfinished !== undefined && timed.time >= this.#unfinished.time) this.#unfinished = undefined;
      if (this.#seen.isNew(timed.time)) fresh.push(timed);
    }
    if (fresh.length > 0) this.#options.push(fresh);
  }

  #isLate(time: string): boolean {
    const { until } = this.#options.request;
    if (until !== undefined && time > logTime(until)) this.#isPastUntil = true;
    return this.#isPastUntil;
  }
}

const mayPass = (error: ToolError | undefined): boolean =>
  error === undefined || !['forbidden', 'credentials', 'untrusted'].includes(error.code);

const where = ({ namespace, name }: PodRef): string => `${namespace}/${name}`;

const broken = (pod: PodRef): ToolError =>
  new ToolError('broken', `cannot read the log of ${where(pod)}: the connection ended in the middle`);
const silent = (pod: PodRef, ms: number): ToolError =>
  new ToolError('timeout', `cannot read the log of ${where(pod)}: nothing came for ${ms / 1000} s`);

function asLogError(thrown: unknown, pod: PodRef): ToolError {
  if (thrown instanceof ToolError) return thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE'
    ? broken(pod)
    : asToolError(thrown, `read the log of ${where(pod)}`);
}
