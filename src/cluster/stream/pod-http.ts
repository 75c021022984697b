// HTTP/1.1 with keep-alive over a stream to a pod's port: one stream serves all requests of a command, one at a time.
// The end of a stream proves nothing (it ends with code 1000 in the middle of a body too), so HTTP's own framing
// decides whether an answer is whole.

import { retried } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { Dial, HttpAnswer, PodHttp } from '#core/stream.ts';
import { NotHttp } from './answer-reader.ts';
import type { Share } from './byte-budget.ts';
import { HttpStream } from './http-stream.ts';

export interface PodHttpOptions {
  readonly pod: PodRef;
  readonly port: number;
  readonly maxAnswerBytes: number;
  readonly budget: Share;
  readonly signal: AbortSignal;
  readonly deadlines?: { readonly firstByteMs: number; readonly inactivityMs: number };
}

export function podHttp(dial: Dial, options: PodHttpOptions): PodHttp {
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  const line = new Line(dial, { deadlines: limits, ...options, signal });
  let last: Promise<unknown> = Promise.resolve();
  return {
    request: (method, path) => {
      const answer = last.then(() =>
        retried(
          tellingOfBreaks(() => line.exchange(method, path)),
          {
            times: method === 'GET' ? retries : 0, // what acts is not repeated
            mayPass,
            signal,
          },
        ),
      );
      last = answer.catch(() => {});
      return answer;
    },
    close: () => {
      closing.abort(closed);
      options.budget.release();
    },
  };
}

/** One for all: each would hold the stack of its making. */
const closed = new ToolError('interrupted', 'closed');

/** A proxy that ended in the middle of an answer has not come back when it is asked again: both belong together. */
function tellingOfBreaks<T>(attempt: () => Promise<T>): () => Promise<T> {
  let broken: ToolError | undefined;
  return async () => {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      if (error.code === 'refused' && broken !== undefined) throw hasEnded(broken);
      if (error.code === 'broken') broken = error;
      throw error;
    }
  };
}

const hasEnded = (broken: ToolError): ToolError =>
  new ToolError('refused', `${broken.message}, and nothing listens on that port any more`, {
    hint: 'the proxy has ended, and may be starting again: kubectl get pods, kubectl logs --previous',
    cause: broken,
  });

const retries = 2;

const mayPass = (error: unknown): boolean =>
  error instanceof ToolError && ['broken', 'unreachable'].includes(error.code);

/** One stream to the port, for as long as it lasts, and then another. */
class Line {
  readonly #dial: Dial;
  readonly #options: Required<PodHttpOptions>;
  #stream: HttpStream | undefined;

  constructor(dial: Dial, options: Required<PodHttpOptions>) {
    this.#dial = dial;
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#stream?.destroy(), { once: true });
  }

  async exchange(method: string, path: string): Promise<HttpAnswer> {
    const { pod, port, signal } = this.#options;
    const what = `${path.replace(/^\//, '')} of ${pod.namespace}/${pod.name}:${port}`;
    try {
      if (!this.#stream?.isOpen) this.#stream = await this.#open();
      return await this.#stream.exchange(headOf(method, path, port), what, this.#options);
    } catch (error) {
      throw signal.aborted ? signal.reason : asExchangeError(error, what);
    }
  }

  async #open(): Promise<HttpStream> {
    const { pod, port, signal } = this.#options;
    const stream = new HttpStream(await this.#dial(pod, port, signal));
    if (signal.aborted) stream.destroy();
    return stream;
  }
}

/** Of a request without a body. */
function headOf(method: string, path: string, port: number): string {
  if (!/^[!-~]+$/.test(path)) throw new ToolError('usage', `${JSON.stringify(path)} is no path that can be asked for`);
  const headers = [
    'user-agent: kubectl-istio-ingress',
    ...(method === 'POST' ? ['content-length: 0'] : []),
    `Host: localhost:${port}`,
    'Connection: keep-alive',
  ];
  return `${method} ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
}

function asExchangeError(error: unknown, what: string): ToolError {
  if (error instanceof ToolError) return error;
  if (error instanceof NotHttp)
    return new ToolError('bad-answer', `cannot read ${what}: the port does not answer in HTTP`, { cause: error });
  const { code, message } = error as NodeJS.ErrnoException;
  const isCut = code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE';
  const why = isCut ? 'the connection ended in the middle of the answer' : message;
  return new ToolError('broken', `cannot read ${what}: ${why}`, { cause: error });
}
