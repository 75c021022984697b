// WebSockets to the API server: streams of a pod (port-forward, exec) begin here.

import type { IncomingMessage } from 'node:http';
import type https from 'node:https';
import WebSocket from 'ws';
import type { Connection, RequestOptions } from '#cluster/access/connection.ts';
import { type AccessRule, connectError, statusError } from '#cluster/access/status-error.ts';
import { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';

export interface StreamRequest {
  /** Below the server's own path, e.g. `/api/v1/namespaces/NS/pods/POD/portforward`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Subprotocols in the order of preference. */
  readonly protocols: readonly string[];
  /** For messages: `reach istio-system/gw-1:15000`. */
  readonly attempted: string;
  readonly rule: AccessRule;
}

/**
 * The stream after 101. A refused credential is renewed once. Throws ToolError; the caller ends the socket with
 * `terminate()`.
 */
export async function openWebSocket(
  connection: Connection,
  request: StreamRequest,
  signal: AbortSignal,
): Promise<WebSocket> {
  const first = await handshake(connection, request, signal);
  if (first instanceof WebSocket) return first;
  const second =
    first.status === 401 && (await connection.renew(signal)) ? await handshake(connection, request, signal) : first;
  if (second instanceof WebSocket) return second;
  throw refusal(request, second);
}

interface Refusal {
  readonly status: number;
  readonly body: string;
}

async function handshake(
  connection: Connection,
  request: StreamRequest,
  signal: AbortSignal,
): Promise<WebSocket | Refusal> {
  const options = await connection.options(signal);
  signal.throwIfAborted();
  const fail = (error: unknown): never => {
    throw signal.aborted ? signal.reason : connectError(request.attempted, error as Error, connection);
  };
  const open = (agent: https.Agent): Promise<WebSocket | Refusal> =>
    upgrade(urlOf(connection.server, request), request.protocols, { ...options, agent }, signal);
  const idle = options.idleAgent();
  if (!idle) return open(options.streamAgent).catch(fail);
  const first = await open(idle).catch((error) => (isOfIdle(error) ? undefined : fail(error)));
  return first === undefined || isTimeout(first) ? open(options.streamAgent).catch(fail) : first;
}

/** The server, or a proxy before it, may just have closed the connection, or have said before that it will. */
const isOfIdle = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(?:ECONNRESET$|EPIPE$|HPE_)/.test(String(error.code));

/** What a server sends before it closes a connection that has waited for long (RFC 9110 §15.5.9): of no request. */
const isTimeout = (answer: WebSocket | Refusal): boolean => !(answer instanceof WebSocket) && answer.status === 408;

/** Rejects with the reason of `signal`, or with what the connection ended with. */
function upgrade(
  url: string,
  protocols: readonly string[],
  { headers, tls, agent }: Pick<RequestOptions, 'headers' | 'tls' | 'agent'>,
  signal: AbortSignal,
): Promise<WebSocket | Refusal> {
  const socket = new WebSocket(url, [...protocols], {
    headers,
    ...tls,
    agent,
    handshakeTimeout: limits.handshakeMs,
    // Chunks from a pod are at most 32 KiB and rarely worth compressing; inflating them costs more than the network
    // saves.
    perMessageDeflate: false,
    skipUTF8Validation: true,
    followRedirects: false,
    maxPayload: 32 * 1024 * 1024,
  });
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      socket.terminate();
      reject(signal.reason);
    };
    const settle = (done: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      done();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (error) => settle(() => reject(error)));
    socket.once('unexpected-response', (_, response) => {
      readRefusal(response).then(
        (refused) => settle(() => resolve(refused)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
    // Paused until there is a reader: the first messages may come with the 101.
    socket.once('open', () => {
      socket.pause();
      settle(() => resolve(socket));
    });
  });
}

/** As text: each part of a URL that is set is the whole of it parsed once more. */
function urlOf({ href }: URL, request: StreamRequest): string {
  const base = href.replace(/[?#].*/, '').replace(/\/$/, '');
  return `${base.replace(/^http/, 'ws')}${request.path}?${request.query}`;
}

async function readRefusal(response: IncomingMessage): Promise<Refusal> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) {
    body += chunk;
    if (body.length > 64 * 1024) break;
  }
  return { status: response.statusCode ?? 0, body };
}

/**
 * What kubelet and API server say in a handshake, often as text/plain: kubernetes/pkg/kubelet/server/server.go,
 * apimachinery proxy.
 */
function refusal({ attempted, rule }: StreamRequest, { status, body }: Refusal): ToolError {
  const text = body.trim();
  if (status === 403 && text === '') {
    return new ToolError(
      'unsupported',
      `cannot ${attempted}: the API server, or a proxy before it, does not speak the stream's protocol`,
    );
  }
  if (status === 500 && /^(pod|container) not found/.test(text)) {
    return new ToolError('not-ready', `cannot ${attempted}: the pod runs no container yet, or no longer`);
  }
  const dialing = /error dialing backend[^"]*/.exec(text)?.[0];
  if (status >= 500 && dialing !== undefined) {
    return new ToolError(
      'unreachable',
      `cannot ${attempted}: the API server cannot reach the pod's node (${dialing})`,
      {
        hint: 'see whether the node is Ready: kubectl get nodes',
      },
    );
  }
  // The kubelet's words for a container runtime that is down: gRPC's, with a path of the node.
  if (status === 500 && text.startsWith('rpc error: code = Unavailable')) {
    return new ToolError(
      'unreachable',
      `cannot ${attempted}: the container runtime of the pod's node does not answer its kubelet`,
      {
        hint: 'the gateway itself may serve all the same; see whether the node is Ready: kubectl get nodes',
      },
    );
  }
  return statusError(attempted, { status, body }, rule);
}
