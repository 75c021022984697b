// GET requests whose answers go on: logs and watches. A connection of its own for each; opening and reading are
// separate.

import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { readBody } from '#cluster/access/bounded-body.ts';
import type { Connection } from '#cluster/access/connection.ts';
import { type AccessRule, connectError, statusError } from '#cluster/access/status-error.ts';
import { withDeadline } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';

export interface StreamCall {
  /** With its query. */
  readonly path: string;
  readonly attempted: string;
  readonly rule: AccessRule;
}

/** The body of a 200. The caller destroys it, and so does the signal. Throws what `statusError` makes. */
export async function openStream(
  connection: Connection,
  call: StreamCall,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  try {
    const first = await opened(connection, call, signal);
    if (first.statusCode !== 401 || !(await connection.renew(signal))) return await checked(first, call);
    first.destroy();
    return await checked(await opened(connection, call, signal), call);
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw connectError(call.attempted, thrown, connection);
  }
}

function opened(
  connection: Connection,
  { path, attempted }: StreamCall,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const late = (): ToolError =>
    new ToolError(
      'timeout',
      `cannot ${attempted}: ${connection.server.origin} did not answer within ${limits.firstByteMs / 1000} s`,
    );
  return withDeadline(signal, limits.firstByteMs, late, (opening) => request(connection, path, signal, opening));
}

/** `opening` ends the wait for the answer, `signal` also the stream. */
async function request(
  { server, options }: Connection,
  path: string,
  signal: AbortSignal,
  opening: AbortSignal,
): Promise<IncomingMessage> {
  const { headers, tls, streamAgent } = await options(opening);
  const [pathname = '', search = ''] = path.split('?');
  const url = new URL(server);
  url.pathname = server.pathname.replace(/\/$/, '') + pathname;
  url.search = search;
  const send = url.protocol === 'http:' ? http.request : https.request;
  return new Promise((resolve, reject) => {
    const sent = send(url, { agent: streamAgent, ...tls, headers: { ...headers, accept: '*/*' }, signal });
    const giveUp = (): void => void sent.destroy(opening.reason);
    opening.addEventListener('abort', giveUp, { once: true });
    sent
      .on('socket', (socket) => socket.setKeepAlive(true, limits.heartbeatMs))
      .on('response', (response) => {
        opening.removeEventListener('abort', giveUp);
        resolve(response);
      })
      .on('error', reject)
      .end();
  });
}

const late = (attempted: string): ToolError =>
  new ToolError('timeout', `cannot ${attempted}: the answer is an error that does not end`);

async function checked(response: IncomingMessage, { attempted, rule }: StreamCall): Promise<IncomingMessage> {
  const status = response.statusCode ?? 0;
  if (status === 200) return response;
  const timer = setTimeout(() => response.destroy(late(attempted)), limits.firstByteMs);
  try {
    const { bytes } = await readBody(response, limits.errorBytes);
    throw statusError(attempted, { status, body: bytes.toString('utf8') }, rule);
  } finally {
    clearTimeout(timer);
  }
}
