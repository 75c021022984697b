// Who watches the objects of a resource, and what has happened to them since any version.
// Source: kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of changes" and "Streaming lists".

import type { ServerResponse } from 'node:http';
import type { KubeObject } from '#core/kube-object.ts';
import type { Match } from './selector.ts';
import { failure } from './status.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

interface WatchEvent {
  readonly type: EventType;
  readonly version: number;
  readonly object: KubeObject;
}

/** What one watch asks for. */
export interface WatchRequest {
  readonly sees: Match;
  /** The object as the client wants it. */
  readonly shape: (object: KubeObject) => object;
  readonly query: URLSearchParams;
}

export interface ObjectWatches {
  /** Tells everybody who watches; gives the object with the version that this has made. */
  emit(type: EventType, object: KubeObject): KubeObject;
  /** Serves the stream of events until the client goes. */
  watch(response: ServerResponse, request: WatchRequest): void;
  /** Ends every watch; with `expired` the versions up to now are forgotten. */
  end(expired?: 'expired'): void;
}

interface Watcher extends WatchRequest {
  readonly response: ServerResponse;
}

/** `objects`: as they are at any time; `version`: the last one that any object has. */
export function objectWatches(objects: readonly KubeObject[], version: number): ObjectWatches {
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
    watch: (response, request) => {
      const watcher: Watcher = { response, ...request };
      const isList = request.query.get('sendInitialEvents') === 'true';
      const from = isList ? 0 : Number(request.query.get('resourceVersion') ?? 0);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      if (from > 0 && from < oldest) return sendExpired(response);
      const missed =
        from > 0
          ? events.filter((one) => one.version > from)
          : objects.map((object) => ({ type: 'ADDED', version: current, object }) as const);
      for (const event of missed) send(watcher, event);
      if (isList) sendEndOfInitial(watcher, current);
      watchers.add(watcher);
      const seconds = Number(request.query.get('timeoutSeconds') ?? 0);
      const end = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000) : undefined;
      response.on('close', () => {
        clearTimeout(end);
        watchers.delete(watcher);
      });
    },
    end: (expired) => {
      if (expired) oldest = current + 1;
      for (const { response } of watchers) response.end();
      watchers.clear();
    },
  };
}

function send({ response, sees, shape }: Watcher, { type, object }: WatchEvent): void {
  if (sees(object)) response.write(`${JSON.stringify({ type, object: shape(object) })}\n`);
}

/** The bookmark that ends a streaming list. */
function sendEndOfInitial({ response, shape }: Watcher, version: number): void {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const object = shape({ metadata: { name: '', resourceVersion: String(version), annotations } });
  response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
}

function sendExpired(response: ServerResponse): void {
  const { body } = failure(410, 'Expired', 'too old resource version');
  response.end(`{"type":"ERROR","object":${body}}\n`);
}
