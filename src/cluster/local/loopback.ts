// A port of this machine that only this machine can reach: 127.0.0.1 and, where there is one, ::1.

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { ToolError } from '#core/error.ts';

export interface Loopback {
  readonly port: number;
  /** Ends what speaks HTTP; other connections are only not taken in any more. */
  close(): void;
}

/** A port that was free on 127.0.0.1 may be taken on ::1: so often another one is tried. */
const tries = 5;

/**
 * Listens on the same port of both addresses, with a server from `make` for each; port 0 chooses one. Throws ToolError
 * `usage` where somebody has the port on either: who asks for `localhost` might get to him.
 */
export async function listenOnLoopback(make: () => Server, port: number): Promise<Loopback> {
  for (let left = port === 0 ? tries : 1; ; left--) {
    try {
      return await listenOnBoth(make, port);
    } catch (error) {
      if (left > 1 && codeOf(error) === 'EADDRINUSE') continue;
      throw cannotListen(port, error);
    }
  }
}

async function listenOnBoth(make: () => Server, port: number): Promise<Loopback> {
  const first = await listen(make(), port, '127.0.0.1');
  const { port: chosen } = first.address() as AddressInfo;
  try {
    const second = await listen(make(), chosen, '::1').catch(ifNoIpv6);
    return {
      port: chosen,
      close: () => {
        for (const server of [first, second]) end(server);
      },
    };
  } catch (error) {
    first.close();
    throw error;
  }
}

function end(server: Server | undefined): void {
  server?.close();
  if (server instanceof http.Server) server.closeAllConnections();
}

async function listen(server: Server, port: number, host: string): Promise<Server> {
  await once(server.listen({ port, host, exclusive: true }), 'listening');
  return server;
}

function ifNoIpv6(error: unknown): undefined {
  if (!['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error))) throw error;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

function cannotListen(port: number, error: unknown): ToolError {
  const { message } = error as Error;
  const why =
    { EADDRINUSE: 'something else listens there', EACCES: 'ports below 1024 need a privilege' }[codeOf(error)] ??
    message;
  return new ToolError('usage', `cannot listen on port ${port} of localhost: ${why}`, {
    hint: 'name another port, or 0 for one that is free',
    cause: error,
  });
}
