// One request of a client through a port of a pod, as it would come from the load balancer, over HTTP/1.1. It follows
// no redirect, repeats nothing and checks no certificate: the caller judges the answer.

import http, { type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import tls, { type TLSSocket } from 'node:tls';
import type { ClientRequest, SentAnswer } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import type { Dial } from '#core/stream.ts';
import { asFailure, chainOf, whyClosed } from './handshake.ts';

/** Enough for the text of a gateway's error. */
const mostBytes = 4_096;

/** `onTaken`: called once TLS is open. Throws ToolError where the port cannot be reached. A connection that the other side ends is an answer. */
export async function exchange(
  dial: Dial,
  pod: PodRef,
  port: number,
  request: ClientRequest,
  signal: AbortSignal,
  onTaken?: () => void,
): Promise<SentAnswer> {
  const stream = await dial(pod, port, signal);
  const close = (): void => {
    stream.destroy(signal.reason);
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    return await exchangeOver(stream, request, `${pod.namespace}/${pod.name}:${port}`, onTaken);
  } finally {
    signal.removeEventListener('abort', close);
    stream.destroy();
  }
}

async function exchangeOver(
  stream: Duplex,
  request: ClientRequest,
  target: string,
  onTaken?: () => void,
): Promise<SentAnswer> {
  const began = performance.now();
  const broken = new Promise<never>((_, reject) => {
    // After the stream has failed, TLS and HTTP say that it ended: the stream's reason comes first.
    stream.once('error', (error) => reject(asFailure(error, target)));
  });
  const talk = async (): Promise<SentAnswer> => {
    try {
      const socket = request.tls === undefined ? stream : await openTls(stream, request.tls);
      if (request.tls !== undefined) onTaken?.();
      const response = await answerTo(socket, request);
      const ms = Math.round(performance.now() - began);
      const chain = request.tls === undefined ? [] : chainOf((socket as TLSSocket).getPeerCertificate(true));
      return {
        outcome: 'answer',
        code: response.statusCode ?? 0,
        headers: headersOf(response),
        ms,
        chain,
        text: await textOf(response),
      };
    } catch (error) {
      if (error instanceof ToolError) throw error;
      return { outcome: 'closed', why: whyEnded(error as NodeJS.ErrnoException) };
    }
  };
  return Promise.race([talk(), broken]);
}

function whyEnded(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNRESET') return 'the connection ended without an answer';
  return error.code?.startsWith('HPE_') ? 'what came is not HTTP' : whyClosed(error);
}

function openTls(
  stream: Duplex,
  { serverName, certificate, key }: NonNullable<ClientRequest['tls']>,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      socket: stream,
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(certificate === undefined ? {} : { cert: certificate, key: key ?? certificate }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    });
    socket.once('error', reject).once('secureConnect', () => resolve(socket));
  });
}

function answerTo(socket: Duplex, { method, path, headers }: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Without an agent, so that Node uses the given socket.
    const sent = http.request({
      createConnection: () => socket,
      method,
      path,
      headers: headers.flat(),
      setHost: false,
    });
    sent.once('error', reject).once('response', resolve).end();
  });
}

const headersOf = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')]));

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= mostBytes) break;
    }
  } catch {
    // A body that breaks off: the answer has come.
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8');
}
