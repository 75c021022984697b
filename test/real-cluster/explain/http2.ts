// Sends a request over HTTP/2, as it is written.

import { type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Certificate, type GeneratedRequest, hostOf, type Seen, serverNameOf } from './exchange.ts';
import { listenerPorts } from './words.ts';

type Sent = Record<string, string | string[]>;

function headersOf(request: GeneratedRequest, userAgent: string): Sent {
  const { method, path, scheme, headers } = request;
  const sent: Sent = {
    ':method': method,
    ':path': path,
    ':scheme': scheme,
    ':authority': hostOf(request),
    'user-agent': userAgent,
  };
  for (const [name, value] of headers) {
    const before = sent[name];
    sent[name] = before === undefined ? value : [before, value].flat();
  }
  return sent;
}

const nothing: Seen = {
  code: undefined,
  location: undefined,
  grpcStatus: undefined,
  echo: undefined,
  body: undefined,
  ended: undefined,
};

export async function sendHttp2(
  address: string,
  request: GeneratedRequest,
  userAgent: string,
  certificate: Certificate,
): Promise<Seen> {
  const socket = open(address, request, certificate);
  const session = connect(`https://${address}`, { createConnection: () => socket });
  const seen = await new Promise<Seen>((resolve) => {
    const failed = ({ message }: Error): void => resolve({ ...nothing, ended: message });
    session.once('error', failed);
    socket.once('error', failed).once('close', () => failed(new Error('closed')));
    socket.once('secureConnect', () => {
      const stream = session.request(headersOf(request, userAgent)).once('error', failed);
      stream.setTimeout(10_000, () => failed(new Error('no answer in 10 s')));
      collect(stream, (answer) => resolve(request.method === 'HEAD' ? { ...answer, body: undefined } : answer));
    });
  });
  session.destroy();
  socket.destroy();
  return seen;
}

const open = (address: string, request: GeneratedRequest, certificate: Certificate): TLSSocket =>
  connectTls({
    host: address,
    port: listenerPorts[request.port] ?? request.port,
    servername: serverNameOf(request),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
    ...(request.hasCertificate ? certificate : {}),
  });

function collect(stream: ClientHttp2Stream, done: (seen: Seen) => void): void {
  let [seen, body] = [nothing, ''];
  stream.once('response', (answer) => {
    seen = headOf(answer);
  });
  stream.setEncoding('latin1').on('data', (chunk: string) => {
    body += chunk;
  });
  stream.once('end', () => done({ ...seen, body })).end();
}

function headOf(answer: IncomingHttpHeaders): Seen {
  const { 'x-echo': echo, 'grpc-status': grpcStatus, location } = answer;
  return {
    ...nothing,
    code: Number(answer[':status']),
    location,
    grpcStatus: grpcStatus === undefined ? undefined : Number(grpcStatus),
    echo: echo === undefined ? undefined : JSON.parse(decodeURIComponent(String(echo))),
  };
}
