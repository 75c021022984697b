// Requests to an API server of our own by node's client: the CA is checked, the token is the server's unless a test
// says otherwise.

import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import WebSocket from 'ws';
import type { ApiServer } from '#apiserver/server.ts';

type Server = Pick<ApiServer, 'url' | 'ca' | 'token'>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface RequestOptions {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly authorization?: string | undefined;
  readonly accept?: string;
}

const bearer = (server: Server): string => `Bearer ${server.token}`;

/** Rejects where the connection fails. */
export async function ask(server: Server, path: string, options: RequestOptions = {}): Promise<Answer> {
  const authorization = 'authorization' in options ? options.authorization : bearer(server);
  const request = https.request(server.url + path, {
    ca: server.ca,
    agent: false,
    method: options.method ?? 'GET',
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(options.accept !== undefined && { accept: options.accept }),
    },
  });
  request.end(options.body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return answerOf(response);
}

export async function askJson<T>(server: Server, path: string): Promise<T> {
  return JSON.parse((await ask(server, path)).body) as T;
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** The open stream, or what the server answered in its place. */
export async function upgrade(server: Server, path: string, protocols: readonly string[]): Promise<WebSocket | Answer> {
  const socket = new WebSocket(server.url.replace('https:', 'wss:') + path, [...protocols], {
    ca: server.ca,
    headers: { authorization: bearer(server) },
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => answerOf(response).then(resolve, reject));
  });
}
