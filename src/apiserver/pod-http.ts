// The HTTP servers inside pods: Envoy's admin port, the agent's ports, istiod's debug port. They listen nowhere: a
// tunnel hands them its stream. A fault of kind `answer` starts here and, where it concerns bytes, is carried out by the
// tunnel.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import type { PodRef } from '#core/fleet.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { PodPort, ServedAnswer, ServedCluster } from './cluster.ts';
import type { CutAnswerFault, Faults, OtherAnswerFault } from './fault.ts';
import { connectionRefused } from './port-forward.ts';

/** The tunnel's end of a TCP connection to a pod. */
export interface PodConnection {
  readonly stream: Duplex;
  /** What is to happen to the bytes that follow; set while an answer is being made. */
  spoiled: CutAnswerFault | Extract<OtherAnswerFault, { does: 'drip' }> | undefined;
}

export interface PodRequest {
  readonly pod: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
}

/** A pod, as its node reaches it. */
export interface PodDoor extends PodRef {
  /** Undefined where nothing listens on the port. */
  connect(port: number): PodConnection | undefined;
  /** What the node says then. */
  whyNot(port: number): string;
  /** What a process in the pod gets from the port, without a tunnel. Never rejects. */
  ask(port: number, method: string, path: string): Promise<ServedAnswer>;
}

const notFound: ServedAnswer = { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };

/** The doors of pods. `seen` is told of each request that comes through a connection. */
export function podDoors(
  cluster: ServedCluster,
  faults: Faults,
  seen: (request: PodRequest) => void,
): (pod: KubeObject) => PodDoor {
  const connections = new WeakMap<
    object,
    { readonly door: PodDoor; readonly port: number; readonly connection: PodConnection }
  >();
  const http = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    const at = connections.get(request.socket);
    if (!at) return;
    const { door, port, connection } = at;
    const target = { on: 'portforward', pod: door.name, port, path: request.url } as const;
    seen({ pod: door.name, port, method: request.method ?? '', path: request.url ?? '' });
    const fault = faults.take('answer', target);
    void door.ask(port, request.method ?? 'GET', request.url ?? '/').then((answer) => {
      if (fault) sendSpoiled(request, response, answer, fault, connection, port);
      else sendAnswer(response, answer, port);
    });
  });
  const connectTo = (door: PodDoor, port: number, at: PodPort): PodConnection => {
    const [stream, inside] = duplexPair();
    // A client that goes away in mid-answer is no event for a pod.
    inside.on('error', () => {});
    stream.on('error', () => {});
    const connection: PodConnection = { stream, spoiled: undefined };
    if ('accept' in at) at.accept(inside);
    else {
      connections.set(inside, { door, port, connection });
      http.emit('connection', inside);
    }
    return connection;
  };
  return (pod) => {
    const { name, namespace = '' } = pod.metadata;
    const door: PodDoor = {
      namespace,
      name,
      whyNot: (port) => (cluster.words?.noPort ?? connectionRefused)(door, port),
      ask: (port, method, path) => askPort(cluster.port(pod, port), method, path),
      connect: (port) => {
        const at = cluster.port(pod, port);
        return at && connectTo(door, port, at);
      },
    };
    return door;
  };
}

async function askPort(at: PodPort | undefined, method: string, path: string): Promise<ServedAnswer> {
  if (!at || !('answer' in at)) return notFound;
  try {
    // Not relative to a base: a path may begin with two slashes.
    return await at.answer(method, new URL(`http://localhost${path}`));
  } catch (error) {
    return { ...notFound, status: 500, body: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

/** Envoy sends chunks, never a length; Go's servers a length. */
function sendAnswer(response: ServerResponse, { status, contentType, body }: ServedAnswer, port: number): void {
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  if (port === 15000) {
    response.setHeader('cache-control', 'no-cache, max-age=0');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('server', 'envoy');
    response.write(body);
    response.end();
  } else response.end(body);
}

function sendSpoiled(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ServedAnswer,
  fault: CutAnswerFault | OtherAnswerFault,
  connection: PodConnection,
  port: number,
): void {
  if (fault.does === 'junk') {
    request.socket.write('\x16\x03\x01\x02\x00\x01\x00\x01this is no HTTP\r\n\r\n');
  } else if (fault.does === 'answer') {
    sendAnswer(
      response,
      { status: fault.status, contentType: fault.contentType ?? 'text/plain', body: fault.body },
      port,
    );
  } else if (fault.does === 'wrong-length') {
    response.writeHead(answer.status, {
      'content-type': answer.contentType,
      'content-length': Buffer.byteLength(answer.body) + fault.by,
    });
    response.end(answer.body, () => fault.by > 0 && request.socket.end());
  } else {
    connection.spoiled = fault;
    sendAnswer(response, answer, port);
  }
}
