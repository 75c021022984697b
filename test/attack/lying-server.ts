// An API server that passes everything on to a demo and lies where a test says so. In plain HTTP: no credential is sent.

import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';
import type { DemoOptions } from '#demo/server.ts';
import { type DemoCluster, withDemo } from '../support/run-command.ts';

export interface Lies {
  /** Answers in the place of the API server; false passes the request on. */
  readonly answer?: (url: URL, response: ServerResponse) => boolean;
  /** Changes the document that the API server answers with. */
  readonly change?: (url: URL, json: Json) => void;
  /** The answer in place of 101. */
  readonly refuse?: (url: URL) => { readonly status: number; readonly body: string } | undefined;
  /** Serves what is on a stream of a pod after 101. */
  readonly serve?: (socket: WebSocket, url: URL) => void;
  /** What the demo calls a pod that is called otherwise here. */
  readonly realName?: (path: string) => string;
}

// biome-ignore lint/suspicious/noExplicitAny: documents are changed as a stranger changes them, not by their types.
export type Json = any;

export interface LyingCluster extends DemoCluster {
  readonly url: string;
}

/** `kii` asks the lying server. */
export function withLies<T>(
  lies: Lies,
  use: (cluster: LyingCluster) => Promise<T>,
  options: DemoOptions = {},
): Promise<T> {
  return withDemo(options, async (cluster) => {
    const server = http.createServer();
    const up = upstream(cluster.demo.kubeconfig);
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
    // A client that has gone, and a demo that is closed.
    server.on('request', (request, response) => answer(lies, up, request, response).catch(() => response.destroy()));
    server.on('upgrade', (request, raw, head) => upgrade(lies, up, sockets, request, raw, head));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const kii: DemoCluster['kii'] = (words, runtime) => {
        const list = typeof words === 'string' ? words.split(' ') : words;
        return cluster.kii([...list, '--server', url], { env: { HOME: cluster.directory }, ...runtime });
      };
      return await use({ ...cluster, kii, url });
    } finally {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
    }
  });
}

type Ask = (path: string, headers: http.OutgoingHttpHeaders, method?: string) => http.ClientRequest;

function upstream(kubeconfig: string): Ask {
  const server = new URL(/server: (\S+)/.exec(kubeconfig)?.[1] ?? '');
  const token = /token: (\S+)/.exec(kubeconfig)?.[1];
  return (path, headers, method) =>
    https.request(new URL(path, server), {
      method,
      headers: { ...headers, host: server.host, authorization: `Bearer ${token}`, 'accept-encoding': 'identity' },
      rejectUnauthorized: false,
      agent: false,
    });
}

async function answer(lies: Lies, up: Ask, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://x');
  response.on('error', () => {});
  if (lies.answer?.(url, response)) return;
  const forwarded = up(lies.realName?.(request.url ?? '') ?? request.url ?? '', request.headers, request.method);
  request.pipe(forwarded);
  const [real] = (await once(forwarded, 'response')) as [IncomingMessage];
  real.on('error', () => response.destroy());
  response.writeHead(real.statusCode ?? 500, { 'content-type': real.headers['content-type'] ?? 'text/plain' });
  if (lies.change === undefined || !/json/.test(real.headers['content-type'] ?? '') || url.searchParams.has('watch'))
    return void real.pipe(response);
  const json = JSON.parse(await text(real));
  lies.change(url, json);
  response.end(JSON.stringify(json));
}

function upgrade(
  lies: Lies,
  up: Ask,
  sockets: WebSocketServer,
  request: IncomingMessage,
  raw: Duplex,
  head: Buffer,
): void {
  const url = new URL(request.url ?? '', 'http://x');
  raw.on('error', () => {});
  const refused = lies.refuse?.(url);
  if (refused) {
    const length = Buffer.byteLength(refused.body);
    raw.end(`HTTP/1.1 ${refused.status} x\r\ncontent-length: ${length}\r\n\r\n${refused.body}`);
  } else if (lies.serve)
    sockets.handleUpgrade(request, raw, head, (socket) => {
      socket.on('error', () => {});
      lies.serve?.(socket, url);
    });
  else passUpgrade(lies, up, request, raw);
}

function passUpgrade(lies: Lies, up: Ask, request: IncomingMessage, raw: Duplex): void {
  const path = request.url ?? '';
  const forwarded = up(lies.realName?.(path) ?? path, request.headers).on('error', () => raw.destroy());
  forwarded.on('response', () => raw.destroy());
  forwarded.on('upgrade', (real, socket) => {
    const headers = Object.entries(real.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    raw.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('')}\r\n`);
    socket.on('error', () => raw.destroy()).pipe(raw);
    raw.on('close', () => socket.destroy()).pipe(socket);
  });
  forwarded.end();
}
