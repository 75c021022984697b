// The HTTP servers inside the demo's pods: Envoy's admin port, the agent's ports, istiod's debug port. They listen
// nowhere: a tunnel hands them its stream. A fault of kind `answer` starts here and, where it concerns bytes, is
// carried out by the tunnel.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { answerAdmin } from './admin.ts';
import type { CutAnswerFault, Faults, OtherAnswerFault } from './fault.ts';
import type { DemoPod, Fleet, ServedAnswer } from './fleet.ts';

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

export interface PodPorts {
  /** Undefined where nothing listens on the port. */
  connect(pod: DemoPod, port: number): PodConnection | undefined;
  /** What a process in the pod gets from the port, without a tunnel. */
  ask(pod: DemoPod, port: number, method: string, path: string): ServedAnswer;
}

const notFound: ServedAnswer = { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };

type Server = (fleet: Fleet, pod: DemoPod, method: string, url: URL) => ServedAnswer;

/** By the value of the label `istio`. */
const servers: Readonly<Record<string, Readonly<Record<number, Server>>>> = {
  ingressgateway: { 15000: answerAdmin, 15020: agent, 15021: agent, 15090: agent },
  pilot: { 15014: istiod, 8080: istiod },
};

function agent(fleet: Fleet, pod: DemoPod, method: string, url: URL): ServedAnswer {
  if (url.pathname === '/healthz/ready') return { status: 200, contentType: 'text/plain; charset=utf-8', body: '' };
  if (url.pathname === '/stats/prometheus') return answerAdmin(fleet, pod, method, url);
  return notFound;
}

function istiod({ recording, syncz }: Fleet, _pod: DemoPod, _method: string, { pathname }: URL): ServedAnswer {
  const json = (body: unknown): ServedAnswer => ({
    status: 200,
    contentType: 'application/json',
    body: JSON.stringify(body),
  });
  if (pathname === '/debug/syncz') return json(syncz);
  if (pathname === '/debug/connections') return json(recording.istiod.connections);
  if (pathname === '/version')
    return { status: 200, contentType: 'text/plain; charset=utf-8', body: recording.istiod.version };
  return pathname === '/ready' ? { ...notFound, status: 200, body: '' } : notFound;
}

/** The ports of every pod. `seen` is told of each request that comes through a connection. */
export function podPorts(fleet: Fleet, faults: Faults, seen: (request: PodRequest) => void): PodPorts {
  const connections = new WeakMap<
    object,
    { readonly pod: DemoPod; readonly port: number; readonly connection: PodConnection }
  >();
  const http = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    const at = connections.get(request.socket);
    if (!at) return;
    const target = { on: 'portforward', pod: at.pod.name, port: at.port, path: request.url } as const;
    seen({ pod: at.pod.name, port: at.port, method: request.method ?? '', path: request.url ?? '' });
    const fault = faults.take('answer', target);
    const answer = ask(at.pod, at.port, request.method ?? 'GET', request.url ?? '/');
    if (!fault) return sendAnswer(response, answer, at.port);
    sendSpoiled(request, response, answer, fault, at.connection, at.port);
  });
  const serverOf = (pod: DemoPod, port: number): Server | undefined => servers[roleOf(fleet, pod)]?.[port];
  const ask = (pod: DemoPod, port: number, method: string, path: string): ServedAnswer => {
    const server = serverOf(pod, port);
    // Not relative to a base: a path may begin with two slashes.
    return server ? server(fleet, pod, method, new URL(`http://localhost${path}`)) : notFound;
  };
  return {
    ask,
    connect: (pod, port) => {
      if (!serverOf(pod, port)) return undefined;
      const [stream, inside] = duplexPair();
      // A client that goes away in mid-answer is no event for a pod.
      inside.on('error', () => {});
      stream.on('error', () => {});
      const connection: PodConnection = { stream, spoiled: undefined };
      connections.set(inside, { pod, port, connection });
      http.emit('connection', inside);
      return connection;
    },
  };
}

function roleOf(fleet: Fleet, pod: DemoPod): string {
  const object = fleet.objects.pods?.find((o) => o.metadata.name === pod.name);
  return object?.metadata.labels?.istio ?? '';
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
