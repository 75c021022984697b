// Sends a request as it is written, over a connection of its own: no client library puts paths or headers right on the
// way.

import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Certificate, type GeneratedRequest, hostOf, type Seen, serverNameOf } from './exchange.ts';
import { sendHttp2 } from './http2.ts';
import { listenerPorts } from './words.ts';

export async function send(
  address: string,
  request: GeneratedRequest,
  userAgent: string,
  certificate: Certificate,
): Promise<Seen> {
  if (request.protocol === 'h2') return sendHttp2(address, request, userAgent, certificate);
  const socket = open(address, request, certificate);
  const lines = [
    `${request.method} ${request.path} HTTP/1.1`,
    `Host: ${hostOf(request)}`,
    `User-Agent: ${userAgent}`,
    'Connection: close',
  ];
  const more = request.headers.map(([name, value]) => `${name}: ${value}`);
  const length = request.method === 'POST' || request.method === 'PUT' ? ['Content-Length: 0'] : [];
  const isReady = request.scheme === 'https' ? 'secureConnect' : 'connect';
  socket.once(isReady, () => socket.write([...lines, ...more, ...length, '', ''].join('\r\n'), 'latin1'));
  const seen = parse(await read(socket, request.method));
  return request.method === 'HEAD' ? { ...seen, body: undefined } : seen;
}

function open(address: string, request: GeneratedRequest, certificate: Certificate): Socket {
  const place = { host: address, port: listenerPorts[request.port] ?? request.port };
  if (request.scheme === 'http') return connectPlain(place);
  return connectTls({
    ...place,
    servername: serverNameOf(request),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
    ...(request.hasCertificate ? certificate : {}),
  });
}

interface Read {
  readonly text: string;
  readonly ended: string | undefined;
}

/** Envoy keeps a connection for a second after its own answers, so the end is not waited for. */
function isWhole(text: string, method: string): boolean {
  const [head = '', body] = text.split(/\r\n\r\n(.*)/s);
  if (body === undefined) return false;
  if (method === 'HEAD' || body.endsWith('0\r\n\r\n')) return true;
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  return length !== undefined && body.length >= Number(length);
}

function read(socket: Socket, method: string): Promise<Read> {
  return new Promise((resolve) => {
    let text = '';
    const end = (ended?: string): void => {
      socket.destroy();
      resolve({ text, ended });
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      if (isWhole(text, method)) end();
    });
    socket.once('error', (error) => end(error.message)).once('close', () => end());
    socket.setTimeout(10_000, () => end('no answer in 10 s'));
  });
}

function parse({ text, ended }: Read): Seen {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  const code = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const headers = new Map(
    head
      .split('\r\n')
      .slice(1)
      .map((line): [string, string] => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
  );
  const echo = headers.get('x-echo');
  return {
    code: code === undefined ? undefined : Number(code),
    location: headers.get('location'),
    grpcStatus: headers.has('grpc-status') ? Number(headers.get('grpc-status')) : undefined,
    echo: echo === undefined ? undefined : JSON.parse(decodeURIComponent(echo)),
    body,
    ended,
  };
}
