// A port that only this machine can reach: on 127.0.0.1, and on ::1 where the machine has it.

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { ToolError } from '#core/error.ts';

export interface Loopback {
  readonly port: number;
  /** Ends HTTP connections. Other connections stay, and new ones are refused. */
  close(): void;
}

/** How many ports are tried: one that is free on 127.0.0.1 may be taken on ::1. */
const tries = 5;

/**
 * Listens on the same port of both addresses, with a server from `make` for each; port 0 chooses one. Throws ToolError
 * `usage` where another program has the port on either: a client of `localhost` could reach that program.
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

/** Why a port of this machine could not be had. */
export function cannotListen(port: number, error: unknown): ToolError {
  const { message } = error as Error;
  const why =
    { EADDRINUSE: 'something else listens there', EACCES: 'ports below 1024 need a privilege' }[codeOf(error)] ??
    message;
  return new ToolError('usage', `cannot listen on port ${port} of localhost: ${why}`, {
    hint: 'name another port, or 0 for one that is free',
    cause: error,
  });
}
