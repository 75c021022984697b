// The demo cluster: an HTTPS server on the loopback that answers as the API server of the recorded cluster, with the
// nodes and pods behind it. Whoever starts it closes it.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { stringify } from 'yaml';
import { operationOf, parseApiPath } from './api-path.ts';
import { mintCertificate } from './certificate.ts';
import { type ContainerLogs, containerLogs } from './container-logs.ts';
import { discovery } from './discovery.ts';
import { type Fault, type Faults, faultList, type StatusFault, type Target } from './fault.ts';
import recorded from './fleet.json' with { type: 'json' };
import { type Fleet, makeFleet, podKey } from './fleet.ts';
import { serveLog } from './log.ts';
import { type PodChanges, podChanges } from './pod-changes.ts';
import { podPorts } from './pod-http.ts';
import type { Recording } from './recording.ts';
import { resourceTypes } from './resource-type.ts';
import { answerRest } from './rest.ts';
import { type ApiAnswer, failure, jsonAnswer, notFound, textAnswer, unauthorized, unknownPath } from './status.ts';
import { podStreams, type Streams } from './streams.ts';

export interface DemoOptions {
  /** Gateway pods; the recorded ones are never fewer. */
  readonly pods?: number;
  readonly faults?: readonly Fault[];
  /** How long after the end of a pod's connection its stream is closed: 1000, as containerd does. */
  readonly closeDelayMs?: number;
  /** Recorded requests come again for as long as somebody follows a log. */
  readonly traffic?: 'busy';
}

/** A request to the API server or, where `pod` is given, to a port of a pod. */
export interface DemoRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly pod?: string;
  readonly port?: number;
}

export interface Demo {
  readonly url: string;
  /** YAML, with the CA and the token inline. */
  readonly kubeconfig: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
  /** The recording's clock. */
  readonly now: Date;
  /** In the order of arrival; the oldest are forgotten. */
  readonly requests: readonly DemoRequest[];
  readonly faults: Faults;
  /** WebSockets that were open at the same time, at the most. */
  mostStreams(): number;
  readonly logs: ContainerLogs;
  readonly changes: PodChanges;
  /** Breaks every connection, as an API server that is restarted. */
  dropConnections(): void;
  /** Ends every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
}

const requestsKept = 10_000;
const recording = recorded as unknown as Recording;

/** Listens on a free port of 127.0.0.1. Rejects where it cannot. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { certificate, key } = mintCertificate(new Date());
  // Begins with a letter, always: whether YAML may take it for a number decides what code runs, and with that V8's code
  // cache.
  const token = `demo-${randomBytes(24).toString('base64url')}`;
  const requests: DemoRequest[] = [];
  const seen = (request: DemoRequest): void => {
    requests.push(request);
    if (requests.length > requestsKept) requests.shift();
  };
  const fleet = makeFleet(recording, options.pods ?? recording.pods.length);
  const faults = faultList(options.faults ?? []);
  const streams = podStreams(fleet, podPorts(fleet, faults, seen), faults, options.closeDelayMs ?? 1000);
  const began = performance.now();
  const clock = (): Date => new Date(Date.parse(recording.now) + performance.now() - began);
  const logs = containerLogs(fleet, clock);
  if (options.traffic) logs.keepBusy();
  const changes = podChanges(fleet, logs, clock);
  const server = createServer({ cert: certificate, key, keepAliveTimeout: 0 });
  const connections = rawConnections(server);
  answerRequests(server, { fleet, faults, streams, logs, changes, token, seen, reset: connections.reset });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    kubeconfig: kubeconfigOf(url, certificate, token),
    ca: certificate,
    token,
    now: new Date(recording.now),
    requests,
    faults,
    mostStreams: streams.mostOpen,
    logs,
    changes,
    dropConnections: connections.destroy,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      streams.close();
      logs.close();
      connections.destroy();
      await closed;
    },
  };
}

function kubeconfigOf(server: string, ca: string, token: string): string {
  const name = 'demo';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
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
  readonly fleet: Fleet;
  readonly faults: Faults;
  readonly streams: Streams;
  readonly logs: ContainerLogs;
  readonly changes: PodChanges;
  readonly token: string;
  readonly seen: (request: DemoRequest) => void;
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
    const upgrade = async (url: URL): Promise<ApiAnswer | undefined> =>
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
    return failure(
      500,
      'InternalError',
      `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
    );
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
  message = 'a fault of the demo',
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
  const { fleet, faults } = context;
  if (url.pathname === '/version') return jsonAnswer(200, fleet.recording.version);
  const found = discovery(url.pathname);
  if (found) return jsonAnswer(200, found);
  const path = parseApiPath(url.pathname);
  if (request.method === 'GET' && operationOf('GET', path, url.searchParams) === 'log')
    return answerLog(context, request, response, url);
  if (path?.resource === 'pods' && operationOf(request.method ?? '', path, url.searchParams) === 'watch') {
    return context.changes.watch(response, path.namespace, url.searchParams);
  }
  const body = await bodyOf(request);
  return path
    ? answerRest(fleet, { method: request.method ?? '', path, query: url.searchParams, body }, faults)
    : unknownPath;
}

function answerLog(
  { fleet, logs, faults, reset }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): ApiAnswer | undefined {
  const { namespace = '', name = '' } = parseApiPath(url.pathname) ?? {};
  const object =
    fleet.pods.has(podKey(namespace, name)) && fleet.objects.pods?.find(({ metadata }) => metadata.name === name);
  if (!object)
    return notFound(resourceTypes.find(({ resource }) => resource === 'pods') as (typeof resourceTypes)[number], name);
  const { containers = [] } = object['spec'] as { containers?: readonly { name: string }[] };
  const { containerStatuses = [] } = object['status'] as {
    containerStatuses?: readonly { state?: { running?: object } }[];
  };
  return serveLog(response, {
    pod: name,
    containers: containers.map((one) => one.name),
    hasStarted: containerStatuses.length > 0,
    isRunning: containerStatuses.some(({ state }) => state?.running !== undefined),
    query: url.searchParams,
    logs,
    faults,
    reset: () => reset(request.socket),
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}

/** For a request whose upgrade is refused; the connection ends with it. */
function responseTo(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.end());
  return response;
}

function send(response: ServerResponse, { status, headers, body }: ApiAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
