// Who watches the demo's pods, and what has happened to them since any version.
// Source: kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of changes".

import type { ServerResponse } from 'node:http';
import type { BadSelector } from '#core/label-selector.ts';
import type { RecordedObject } from './recording.ts';
import { labelSelector } from './selector.ts';
import { type ApiAnswer, badRequest, failure } from './status.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

interface WatchEvent {
  readonly type: EventType;
  readonly version: number;
  readonly object: RecordedObject;
}

export interface PodWatches {
  /** Tells everybody who watches; gives the object with the version that this has made. */
  emit(type: EventType, object: RecordedObject): RecordedObject;
  /** Serves the stream of events, or says why not. */
  watch(response: ServerResponse, namespace: string | undefined, query: URLSearchParams): ApiAnswer | undefined;
  /** Ends every watch; with `expired` the versions up to now are forgotten. */
  end(expired?: 'expired'): void;
}

interface Watcher {
  readonly response: ServerResponse;
  readonly sees: (object: RecordedObject) => boolean;
}

/** `pods`: as they are at any time; `version`: the last one that any object has. */
export function podWatches(pods: readonly RecordedObject[], version: number): PodWatches {
  const watchers = new Set<Watcher>();
  const events: WatchEvent[] = [];
  let current = version;
  let oldest = 0;
  return {
    emit: (type, object) => {
      const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(++current) } };
      const event = { type, version: current, object: versioned };
      events.push(event);
      for (const watcher of watchers) send(watcher, event);
      return versioned;
    },
    watch: (response, namespace, query) => {
      const sees = selection(namespace, query.get('labelSelector') ?? '');
      if ('wrong' in sees) return badRequest(sees.wrong);
      const watcher: Watcher = { response, sees };
      const from = Number(query.get('resourceVersion') ?? 0);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      if (from > 0 && from < oldest) return sendExpired(response);
      const missed =
        from > 0
          ? events.filter((one) => one.version > from)
          : pods.map((object) => ({ type: 'ADDED', version: current, object }) as const);
      for (const event of missed) send(watcher, event);
      watchers.add(watcher);
      response.on('close', () => watchers.delete(watcher));
      return undefined;
    },
    end: (expired) => {
      if (expired) oldest = current + 1;
      for (const { response } of watchers) response.end();
      watchers.clear();
    },
  };
}

function selection(namespace: string | undefined, labels: string): Watcher['sees'] | BadSelector {
  const matches = labelSelector(labels);
  if (typeof matches !== 'function') return matches;
  return (object) => (namespace === undefined || object.metadata.namespace === namespace) && matches(object);
}

function send({ response, sees }: Watcher, { type, object }: WatchEvent): void {
  if (sees(object)) response.write(`${JSON.stringify({ type, object })}\n`);
}

function sendExpired(response: ServerResponse): undefined {
  const { body } = failure(410, 'Expired', 'too old resource version');
  response.end(`{"type":"ERROR","object":${body}}\n`);
  return undefined;
}
