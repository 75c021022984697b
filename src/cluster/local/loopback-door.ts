// A local HTTP server that takes only GET, and only from programs of this machine. A page of another site in a browser
// here must not reach an admin port by DNS rebinding or by a form (CWE-346, CWE-350).

import http, { type IncomingMessage, type ServerResponse } from 'node:http';

export interface DoorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const text = (status: number, body: string): DoorAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

/** `answer` gets the request's target as it was sent, and does not reject. The server does not listen yet. */
export function doorServer(answer: (target: string) => Promise<DoorAnswer>): http.Server {
  const server = http.createServer({ maxHeaderSize: 8 * 1024 }, (request, response) => {
    // Checked again when its turn comes: Envoy is not asked for a client that has left.
    response.on('error', () => {});
    const refused = refusal(request);
    if (refused) send(response, refused);
    else void answer(request.url ?? '/').then((made) => send(response, made));
  });
  server.on('clientError', (_, socket) => socket.destroy());
  return server;
}

function refusal({ method, headers, socket, httpVersion }: IncomingMessage): DoorAnswer | undefined {
  if (!isOwnHost(headers.host, socket.localPort))
    return text(
      403,
      `this port answers to http://localhost:${socket.localPort}, not to ${headers.host ?? `HTTP/${httpVersion}`}`,
    );
  const { origin } = headers;
  if (origin !== undefined && !isOwnOrigin(origin, socket.localPort)) return text(403, otherSite);
  if (isFromElsewhere(headers['sec-fetch-site'])) return text(403, otherSite);
  return method === 'GET' ? undefined : text(405, 'this port lets only GET through');
}

const otherSite = 'this port does not answer pages of other sites';

/**
 * `same-site` is a page of another port of this machine: it could not read the answer, and would keep Envoy busy.
 * Source: W3C Fetch Metadata Request Headers, section 2.3.
 */
const isFromElsewhere = (site: string | string[] | undefined): boolean =>
  site !== undefined && site !== 'same-origin' && site !== 'none';

/** Names that no DNS server can point elsewhere. */
const ownNames = ['localhost', '127.0.0.1', '[::1]'];

const isOwnHost = (host: string | undefined, port: number | undefined): boolean =>
  ownNames.some((name) => host?.toLowerCase() === `${name}:${port}`);

const isOwnOrigin = (origin: string, port: number | undefined): boolean =>
  ownNames.some((name) => origin === `http://${name}:${port}`);

function send(response: ServerResponse, { status, contentType, body }: DoorAnswer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...(status === 405 ? { allow: 'GET' } : {}),
  });
  response.end(body);
}
