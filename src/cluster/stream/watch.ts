// The pods of a namespace, kept up to date: list, then watch; list again where the watch cannot go on. Source:
// kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of changes"; client-go
// tools/cache/reflector.go.

import type { IncomingMessage } from 'node:http';
import type { Connection } from '#cluster/access/connection.ts';
import { podsPath } from '#cluster/access/resource-path.ts';
import type { Rest } from '#cluster/access/rest.ts';
import { pause } from '#core/concurrency.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { parseJson } from '#core/json.ts';
import { objectSchema, type PodObject } from '#core/kube-schema.ts';
import { limits } from '#core/limits.ts';
import { LineSplitter } from '#core/lines.ts';
import { checked, object, optional, text } from '#core/schema.ts';
import { openStream } from './open-stream.ts';

/** The server ends a watch after this; it is opened again from where it was. */
const watchSeconds = 290;
const shortestPauseMs = 250;
const longestPauseMs = 10_000;

export interface PodWatch {
  /** By name, as of now. */
  readonly pods: ReadonlyMap<string, PodObject>;
  /** Resolves after the next change, or `ms`. */
  changed(ms: number): Promise<void>;
}

interface Event {
  readonly type: string;
  /** A pod; a Status where the type is ERROR, and no more than a version where it is BOOKMARK. */
  readonly object: { readonly message?: string; readonly metadata?: { readonly resourceVersion?: string } };
}

const eventSchema = object<Event>({
  type: text,
  object: object<Event['object']>({
    message: optional(text),
    metadata: optional(object<{ readonly resourceVersion?: string }>({ resourceVersion: optional(text) })),
  }),
});
const podSchema = objectSchema('pods');

interface WatchOptions {
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** Takes a line about failures that do not pass by themselves. */
  readonly note: (line: string) => void;
}

/** Resolves once the pods are known; goes on until the signal aborts. Throws what the first list throws. */
export async function watchPods(
  connection: Connection,
  rest: Pick<Rest, 'list'>,
  options: WatchOptions,
): Promise<PodWatch> {
  const state = new WatchedPods(options.signal);
  await relist(state, rest, options.namespace);
  keepWatching(state, connection, rest, options).catch(() => {});
  return state;
}

class WatchedPods implements PodWatch {
  readonly pods = new Map<string, PodObject>();
  /** The version to go on from; undefined lists everything anew. */
  version: string | undefined;
  changes = 0;
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** Resolves at once after the abort: the caller looks at the signal. */
  changed(ms: number): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(), ms);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      this.#waiting.add(done);
    });
  }

  apply(change: () => void): void {
    change();
    this.changes++;
    this.#wake();
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}

async function relist(state: WatchedPods, rest: Pick<Rest, 'list'>, namespace: string): Promise<void> {
  const pods = (await rest.list('pods', { namespace })) as readonly PodObject[];
  state.version = undefined;
  state.apply(() => {
    state.pods.clear();
    for (const pod of pods) state.pods.set(pod.metadata.name, pod);
  });
}

async function keepWatching(
  state: WatchedPods,
  connection: Connection,
  rest: Pick<Rest, 'list'>,
  options: WatchOptions,
): Promise<void> {
  const { namespace, signal, note } = options;
  let waitMs = shortestPauseMs;
  let noted = '';
  while (!signal.aborted) {
    const before = state.changes;
    try {
      // By then the server has ended the watch, or is gone.
      const ending = AbortSignal.any([signal, AbortSignal.timeout(watchSeconds * 1000 + limits.firstByteMs)]);
      await readEvents(state, await openStream(connection, watchCall(namespace, state.version), ending));
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asToolError(thrown, `watch pods in ${namespace}`);
      if (error.code === 'forbidden' && noted !== error.message)
        note(`${error.message}; this tool lists them every ${longestPauseMs / 1000} s instead`);
      noted = error.message;
      await pause(error.code === 'forbidden' ? longestPauseMs : Math.random() * waitMs, signal);
      await relist(state, rest, namespace).catch(() => {});
    }
    // A server that does nothing but end the watch must not be asked in a tight loop.
    waitMs = state.changes > before + 1 ? shortestPauseMs : Math.min(longestPauseMs, waitMs * 2);
    await pause(Math.random() * waitMs, signal);
  }
}

function watchCall(namespace: string, version: string | undefined): Parameters<typeof openStream>[1] {
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(watchSeconds),
  });
  if (version !== undefined) query.set('resourceVersion', version);
  return {
    path: `${podsPath(namespace)}?${query}`,
    attempted: `watch pods in ${namespace}`,
    rule: { apiGroups: [''], resources: ['pods'], verbs: ['watch'], namespace },
  };
}

/** Until the stream ends. An ERROR event (410: the version is too old) is thrown, and the list begins anew. */
async function readEvents(state: WatchedPods, stream: IncomingMessage): Promise<void> {
  const splitter = new LineSplitter(limits.watchLineBytes);
  for await (const chunk of stream) {
    for (const line of splitter.push(chunk as Buffer)) applyEvent(state, line);
  }
}

function applyEvent(state: WatchedPods, line: string): void {
  const json = parseJson(line, 'the watch of pods');
  const { type, object } = checked(eventSchema, json, 'the watch of pods');
  if (type === 'ERROR') throw new ToolError('api', `cannot watch pods: ${object.message ?? 'the watch ended'}`);
  state.version = object.metadata?.resourceVersion ?? state.version;
  if (type === 'BOOKMARK') return;
  const pod = checked(podSchema, object, 'the watch of pods') as PodObject;
  const { name } = pod.metadata;
  if (type === 'DELETED') state.apply(() => state.pods.delete(name));
  else state.apply(() => state.pods.set(name, pod));
}
