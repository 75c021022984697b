// HTTP/1.1 over one stream, one request at a time. Not by Node's client, which makes an agent's entry, a request, an
// answer and some thirty listeners for each: that was a sixth of what a pod costs.

import type { Duplex } from 'node:stream';
import { ToolError } from '#core/error.ts';
import type { HttpAnswer } from '#core/stream.ts';
import { AnswerReader } from './answer-reader.ts';
import type { Share } from './byte-budget.ts';

export interface ExchangeLimits {
  readonly maxAnswerBytes: number;
  readonly budget: Share;
  readonly deadlines: { readonly firstByteMs: number; readonly inactivityMs: number };
}

export class HttpStream {
  readonly #stream: Duplex;
  #exchange: Exchange | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('error', (error) => this.#exchange?.fail(error));
    stream.on('close', () => this.#exchange?.fail(hungUp));
    // Without a request they mean that the next one needs another stream.
    stream.on('end', () => (this.#exchange ? this.#exchange.end() : stream.destroy()));
    stream.on('data', (bytes: Buffer) => (this.#exchange ? this.#exchange.take(bytes) : stream.destroy()));
  }

  get isOpen(): boolean {
    return !this.#stream.destroyed;
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /**
   * `head`: of a request without a body. `what` is for messages. Throws ToolError `timeout` and `too-large`, NotHttp,
   * and what ended the stream: an error of it, or ECONNRESET. After an error the stream is not open any more.
   */
  async exchange(head: string, what: string, limits: ExchangeLimits): Promise<HttpAnswer> {
    if (!this.isOpen) throw this.#stream.errored ?? hungUp;
    const exchange = new Exchange(this.#stream, what, limits);
    this.#exchange = exchange;
    try {
      this.#stream.write(head);
      return await exchange.answer;
    } finally {
      this.#exchange = undefined;
      if (!exchange.isStreamReusable) this.#stream.destroy();
    }
  }
}

/** One for all: each would hold the stack of its making. */
const hungUp = Object.assign(new Error('the stream ended'), { code: 'ECONNRESET' });

class Exchange {
  readonly answer: Promise<HttpAnswer>;
  readonly #settle: { resolve(answer: HttpAnswer): void; reject(error: unknown): void };
  readonly #stream: Duplex;
  readonly #what: string;
  readonly #limits: ExchangeLimits;
  readonly #reader = new AnswerReader();
  readonly #began = performance.now();
  #waitedMs: number | undefined;
  #timer: NodeJS.Timeout;
  #isOver = false;
  #hasFailed = false;

  constructor(stream: Duplex, what: string, limits: ExchangeLimits) {
    const { promise, ...settle } = Promise.withResolvers<HttpAnswer>();
    this.answer = promise;
    this.#settle = settle;
    this.#stream = stream;
    this.#what = what;
    this.#limits = limits;
    this.#timer = this.#lateAfter(limits.deadlines.firstByteMs);
  }

  get isStreamReusable(): boolean {
    return !this.#hasFailed && this.#reader.isReusable;
  }

  take(bytes: Buffer): void {
    if (this.#hasFailed) return; // what else has come meanwhile makes no answer of it
    const before = this.#reader.size;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#reader.status === 0) return;
    if (this.#waitedMs === undefined) this.#headHasCome();
    if (this.#reader.size > this.#limits.maxAnswerBytes) this.fail(tooLarge(this.#what, this.#limits.maxAnswerBytes));
    else this.#hold(this.#reader.size - before);
  }

  /** The stream has ended. */
  end(): void {
    this.#reader.end();
    if (this.#reader.isWhole) this.#goOn();
    else this.fail(hungUp);
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#hasFailed = true;
    this.#over();
    this.#settle.reject(error);
  }

  #headHasCome(): void {
    this.#waitedMs = performance.now() - this.#began;
    clearTimeout(this.#timer);
    this.#timer = this.#lateAfter(this.#limits.deadlines.inactivityMs);
  }

  #lateAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.fail(late(this.#what, ms)), ms);
  }

  #hold(bytes: number): void {
    const free = this.#limits.budget.take(bytes);
    if (free === undefined) {
      this.#goOn();
      return;
    }
    this.#stream.pause();
    clearTimeout(this.#timer); // it is the pod that waits
    void free.then(() => {
      if (!this.#isOver) this.#timer = this.#lateAfter(this.#limits.deadlines.inactivityMs);
      this.#goOn();
      this.#stream.resume();
    });
  }

  #goOn(): void {
    if (this.#isOver) return;
    const { isWhole, status, body, size } = this.#reader;
    if (!isWhole) {
      this.#timer.refresh();
      return;
    }
    this.#over();
    const whole = body.length === 1 ? (body[0] as Buffer) : Buffer.concat(body, size);
    this.#settle.resolve({ status, body: whole, waitedMs: this.#waitedMs ?? 0 });
  }

  #over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}

const late = (what: string, ms: number): ToolError =>
  new ToolError('timeout', `cannot read ${what}: nothing came for ${ms / 1000} s`, {
    hint: 'the proxy may be very busy, or the network between the API server and its node lost',
  });

const tooLarge = (what: string, bytes: number): ToolError =>
  new ToolError('too-large', `cannot read ${what}: the answer is larger than ${bytes / 1024 / 1024} MiB`, {
    hint: 'raise the limit with --max-dump MIB',
  });
