// Services that say what they got: in the header `x-echo`, as JSON.

import { createServer as createPlain, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Echo {
  readonly backend: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
}

export interface Backend {
  readonly name: string;
  readonly port: number;
  close(): void;
}

/** Of the bridge that joins the gateways' networks. */
const bridge = '10.200.255.254';

const echoOf = (backend: string, { method = '', url = '', headers }: IncomingMessage): Echo => ({
  backend,
  method,
  path: url,
  host: headers.host ?? '',
});

export async function startBackend(
  name: string,
  tls?: { readonly key: string; readonly cert: string },
  address = bridge,
): Promise<Backend> {
  const answer: RequestListener = (request, response) => {
    request.resume();
    response.writeHead(200, { 'x-echo': encodeURIComponent(JSON.stringify(echoOf(name, request))) }).end();
  };
  const server: Server = tls ? createSecure(tls, answer) : createPlain(answer);
  // Envoy keeps its connections; one that closes while a request is on its way would be a 503 of its own.
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return {
    name,
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
