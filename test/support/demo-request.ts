// Requests to the demo's API server by node's own client: the CA is checked, the token is the demo's unless a test says
// otherwise.

import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import WebSocket from 'ws';
import type { Demo } from '#demo/server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface RequestOptions {
  readonly method?: string;
  readonly body?: string;
  readonly authorization?: string | undefined;
}

const bearer = (demo: Demo): string => `Bearer ${demo.token}`;

/** Rejects where the connection fails. */
export async function ask(demo: Demo, path: string, options: RequestOptions = {}): Promise<Answer> {
  const authorization = 'authorization' in options ? options.authorization : bearer(demo);
  const request = https.request(demo.url + path, {
    ca: demo.ca,
    agent: false,
    method: options.method ?? 'GET',
    headers: authorization === undefined ? {} : { authorization },
  });
  request.end(options.body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return answerOf(response);
}

export async function askJson<T>(demo: Demo, path: string): Promise<T> {
  return JSON.parse((await ask(demo, path)).body) as T;
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** The open stream, or what the server answered in its place. */
export async function upgrade(demo: Demo, path: string, protocols: readonly string[]): Promise<WebSocket | Answer> {
  const socket = new WebSocket(demo.url.replace('https:', 'wss:') + path, [...protocols], {
    ca: demo.ca,
    headers: { authorization: bearer(demo) },
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => answerOf(response).then(resolve, reject));
  });
}
