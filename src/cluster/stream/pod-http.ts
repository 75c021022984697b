// HTTP/1.1 with keep-alive over a stream to a pod's port: one stream serves all requests of a command, one at a time.
// The end of a stream proves nothing (it ends with code 1000 in the middle of a body too), so HTTP's own framing
// decides whether an answer is whole.

import http, { type ClientRequestArgs, type IncomingMessage } from 'node:http';
import type https from 'node:https';
import type { Duplex } from 'node:stream';
import { retried } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { Dial, HttpAnswer, PodHttp } from '#core/stream.ts';
import type { Share } from './byte-budget.ts';

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
  const agent = new PodAgent(dial, options.pod, options.port, signal);
  let last: Promise<unknown> = Promise.resolve();
  return {
    request: (method, path) => {
      const answer = last.then(() =>
        retried(
          tellingOfBreaks(() => exchange(agent, method, path, { ...options, signal })),
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
      agent.destroy();
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

class PodAgent extends http.Agent {
  readonly #dial: () => Promise<Duplex>;
  readonly #streams = new Set<Duplex>();

  constructor(dial: Dial, pod: PodRef, port: number, signal: AbortSignal) {
    super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
    this.#dial = () => dial(pod, port, signal);
  }

  override createConnection(_: ClientRequestArgs, done: (error: Error | null, stream: Duplex) => void): undefined {
    this.#dial().then(
      (stream) => {
        this.#streams.add(stream);
        stream.once('close', () => this.#streams.delete(stream));
        done(null, stream);
      },
      (error: Error) => done(error, undefined as unknown as Duplex),
    );
  }

  override destroy(): void {
    super.destroy();
    for (const stream of this.#streams) stream.destroy();
  }
}

const retries = 2;

const mayPass = (error: unknown): boolean =>
  error instanceof ToolError && ['broken', 'unreachable'].includes(error.code);

/**
 * Node's agents look for one without TLS too, and compile their expression of IPv6 addresses for that: 3 ms of every
 * start.
 */
const withoutServerName: Pick<https.RequestOptions, 'servername'> = { servername: '' };

function exchange(agent: http.Agent, method: string, path: string, options: PodHttpOptions): Promise<HttpAnswer> {
  const { pod, port, signal, deadlines = limits } = options;
  const what = `${path.replace(/^\//, '')} of ${pod.namespace}/${pod.name}:${port}`;
  return new Promise((resolve, reject) => {
    const request = http.request({
      ...withoutServerName,
      agent,
      method,
      path,
      host: 'localhost',
      port,
      headers: { 'user-agent': 'kubectl-istio-ingress', ...(method === 'POST' ? { 'content-length': '0' } : {}) },
      signal,
    });
    let timer: NodeJS.Timeout | undefined;
    let began = 0;
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(signal.aborted ? signal.reason : asExchangeError(error, what));
    };
    request.once('socket', () => {
      began = performance.now();
      timer = setTimeout(() => request.destroy(late(what, deadlines.firstByteMs)), deadlines.firstByteMs);
    });
    request.on('error', fail);
    request.once('response', (response) => {
      clearTimeout(timer);
      const [status, waitedMs] = [response.statusCode ?? 0, performance.now() - began];
      readBody(response, what, options).then((body) => resolve({ status, body, waitedMs }), fail);
    });
    request.end();
  });
}

async function readBody(
  response: IncomingMessage,
  what: string,
  { maxAnswerBytes, budget, deadlines = limits }: PodHttpOptions,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const inactivity = setTimeout(() => response.destroy(late(what, deadlines.inactivityMs)), deadlines.inactivityMs);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxAnswerBytes) throw tooLarge(what, maxAnswerBytes);
      chunks.push(chunk);
      await budget.take(chunk.length);
      inactivity.refresh();
    }
  } finally {
    clearTimeout(inactivity);
  }
  if (!response.complete) throw new ToolError('broken', `cannot read ${what}: the answer ended after ${size} bytes`);
  return Buffer.concat(chunks, size);
}

const late = (what: string, ms: number): ToolError =>
  new ToolError('timeout', `cannot read ${what}: nothing came for ${ms / 1000} s`, {
    hint: 'the proxy may be very busy, or the network between the API server and its node lost',
  });

const tooLarge = (what: string, bytes: number): ToolError =>
  new ToolError('too-large', `cannot read ${what}: the answer is larger than ${bytes / 1024 / 1024} MiB`, {
    hint: 'raise the limit with --max-dump MIB',
  });

function asExchangeError(error: unknown, what: string): ToolError {
  if (error instanceof ToolError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith('HPE_'))
    return new ToolError('bad-answer', `cannot read ${what}: the port does not answer in HTTP`, { cause: error });
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE') {
    return new ToolError('broken', `cannot read ${what}: the connection ended in the middle of the answer`, {
      cause: error,
    });
  }
  return new ToolError('broken', `cannot read ${what}: ${message}`, { cause: error });
}
