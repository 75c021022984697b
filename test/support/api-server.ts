// An API server that answers WebSocket upgrades as a test says; for the protocols below what src/apiserver serves.

import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Connection } from '#cluster/access/connection.ts';

interface Node {
  /** What happens on the stream after 101. */
  readonly serve?: (socket: WebSocket, request: IncomingMessage) => void;
  /** The answer in place of 101. */
  readonly refuse?: (request: IncomingMessage) => { readonly status: number; readonly body: string } | undefined;
  readonly renew?: () => boolean;
}

export async function withApiServer<T>(
  node: Node,
  use: (connection: Connection, seen: readonly IncomingMessage[]) => Promise<T>,
): Promise<T> {
  const server = http.createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const seen: IncomingMessage[] = [];
  server.on('upgrade', (request, raw, head) => {
    seen.push(request);
    const refused = node.refuse?.(request);
    if (refused)
      raw.end(`HTTP/1.1 ${refused.status} x\r\ncontent-length: ${refused.body.length}\r\n\r\n${refused.body}`);
    else sockets.handleUpgrade(request, raw, head, (socket) => node.serve?.(socket, request));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const agents = {
    agent: new http.Agent() as never,
    streamAgent: new http.Agent() as never,
    idleAgent: () => undefined,
  };
  const connection: Connection = {
    context: 'test',
    files: [],
    identity: [],
    server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`),
    options: async () => ({ headers: { authorization: 'Bearer t' }, tls: {}, ...agents }),
    renew: async () => node.renew?.() ?? false,
    close: () => {},
  };
  try {
    return await use(connection, seen);
  } finally {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  }
}
