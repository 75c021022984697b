// An API server on the loopback: HTTPS with a certificate and a token of its own, discovery, objects, logs and streams.
// Whoever starts it closes it.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { operationOf, parseApiPath } from './api-path.ts';
import { mintCertificate } from './certificate.ts';
import type { ServedCluster } from './cluster.ts';
import { discovery } from './discovery.ts';
import { type Faults, faultList, type StatusFault, type Target } from './fault.ts';
import { serveLog } from './log.ts';
import { podDoors } from './pod-http.ts';
import { podType } from './resource-type.ts';
import { answerRest } from './rest.ts';
import {
  type ApiAnswer,
  failed,
  failure,
  jsonAnswer,
  notFound,
  textAnswer,
  unauthorized,
  unknownPath,
} from './status.ts';
import { podStreams, type Streams } from './streams.ts';

/** A request to the API server or, where `pod` is given, to a port of a pod. */
export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly pod?: string;
  readonly port?: number;
}

export interface ApiServerOptions {
  /** 0, where it is not given: one that is free. */
  readonly port?: number;
  readonly faults?: Faults;
  readonly seen?: (request: SeenRequest) => void;
  /** How long after the end of a pod's connection its stream is closed: 1000, as containerd does. */
  readonly closeDelayMs?: number | undefined;
}

export interface ApiServer {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
  /** WebSockets that were open at the same time, at the most. */
  mostStreams(): number;
  /** Breaks every connection, as an API server that is restarted. */
  dropConnections(): void;
  /** Ends every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. Rejects where it cannot. */
export async function startApiServer(cluster: ServedCluster, options: ApiServerOptions = {}): Promise<ApiServer> {
  const { port = 0, faults = faultList([]), seen = () => {}, closeDelayMs = 1000 } = options;
  const { certificate, key } = mintCertificate(new Date());
  // Begins with a letter, always: whether YAML may take it for a number decides what code runs, and with that V8's code
  // cache.
  const token = `kii-${randomBytes(24).toString('base64url')}`;
  const streams = podStreams(cluster, podDoors(cluster, faults, seen), faults, closeDelayMs);
  const server = createServer({ cert: certificate, key, keepAliveTimeout: 0 });
  const connections = rawConnections(server);
  answerRequests(server, { cluster, faults, streams, token, seen, reset: connections.reset });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: certificate,
    token,
    mostStreams: streams.mostOpen,
    dropConnections: connections.destroy,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      streams.close();
      connections.destroy();
      await closed;
    },
  };
}

interface RawConnections {
  /** A TCP reset, which TLS has no word for. */
  readonly reset: (over: Socket) => void;
  readonly destroy: () => void;
}

/** The TCP connections below TLS, by the client's port. */
function rawConnections(server: Server): RawConnections {
  const open = new Map<number | undefined, Socket>();
  server.on('connection', (socket: Socket) => {
    const port = socket.remotePort;
    open.set(port, socket);
    socket.on('close', () => open.delete(port));
  });
  return {
    reset: (over) => open.get(over.remotePort)?.resetAndDestroy(),
    destroy: () => {
      for (const socket of open.values()) socket.destroy();
    },
  };
}

interface Context {
  readonly cluster: ServedCluster;
  readonly faults: Faults;
  readonly streams: Streams;
  readonly token: string;
  readonly seen: (request: SeenRequest) => void;
  readonly reset: RawConnections['reset'];
}

function answerRequests(server: Server, context: Context): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer(context, request, (url) => answerPath(context, request, response, url)).then(
      (made) => made && send(response, made),
    );
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    const upgrade = (url: URL): Promise<ApiAnswer | undefined> =>
      context.streams.upgrade({ request, socket, head, path: parseApiPath(url.pathname), query: url.searchParams });
    void answer(context, request, upgrade).then(
      (refused) => refused && send(responseTo(request, socket as Socket), refused),
    );
  });
}

type Make = (url: URL) => Promise<ApiAnswer | undefined>;

/** Undefined where there is nothing to send: a stream has begun, or a fault keeps the server silent. Never rejects. */
async function answer(context: Context, request: IncomingMessage, make: Make): Promise<ApiAnswer | undefined> {
  try {
    return await checked(context, request, make);
  } catch (error) {
    return failed(error);
  }
}

async function checked(context: Context, request: IncomingMessage, make: Make): Promise<ApiAnswer | undefined> {
  // Not relative to a base: a path may begin with two slashes.
  const url = new URL(`https://localhost${request.url ?? '/'}`);
  context.seen({ method: request.method ?? '', path: request.url ?? '' });
  if (request.headers.authorization !== `Bearer ${context.token}`) return unauthorized;
  const fault = context.faults.take('request', targetOf(request.method ?? '', url));
  if (fault?.does === 'status') return faulty(fault);
  if (fault?.does === 'reset') context.reset(request.socket);
  return fault ? undefined : make(url);
}

function targetOf(method: string, url: URL): Target {
  const path = parseApiPath(url.pathname);
  const pod = path?.resource === 'pods' ? path.name : undefined;
  const port = url.searchParams.get('ports');
  return {
    on: operationOf(method, path, url.searchParams),
    resource: path?.resource,
    version: path?.version,
    pod,
    port: port === null ? undefined : Number(port),
  };
}

function faulty({
  code,
  body = 'status',
  message = 'a fault',
  reason = 'InternalError',
  retryAfterSeconds,
}: StatusFault): ApiAnswer {
  const made =
    body === 'status'
      ? failure(code, reason, message)
      : body === 'text'
        ? textAnswer(code, message)
        : { status: code, headers: {}, body: '' };
  if (retryAfterSeconds === undefined) return made;
  return { ...made, headers: { ...made.headers, 'retry-after': String(retryAfterSeconds) } };
}

async function answerPath(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<ApiAnswer | undefined> {
  const { cluster, faults } = context;
  if (url.pathname === '/version') return jsonAnswer(200, await cluster.version());
  const found = discovery(cluster.types, url.pathname);
  if (found) return jsonAnswer(200, found);
  const path = parseApiPath(url.pathname);
  if (!path) return unknownPath;
  const { method = '' } = request;
  if (method === 'GET' && operationOf('GET', path, url.searchParams) === 'log')
    return answerLog(context, request, response, url);
  const body = await bodyOf(request);
  const { accept } = request.headers;
  return answerRest(cluster, { method, path, query: url.searchParams, body, accept, response }, faults);
}

async function answerLog(
  { cluster, faults, reset }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<ApiAnswer | undefined> {
  const { namespace = '', name = '' } = parseApiPath(url.pathname) ?? {};
  const pod = await cluster.read(podType, namespace, name);
  if (!pod) return notFound(podType, name);
  const query = url.searchParams;
  return serveLog(response, { cluster, pod, query, faults, reset: () => reset(request.socket) });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** For a request whose upgrade is refused; the connection ends with it. */
function responseTo(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.end());
  return response;
}

/** What goes wrong after an answer has begun can only be told by the end of its connection. */
function send(response: ServerResponse, { status, headers, body }: ApiAnswer): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
