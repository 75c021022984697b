// TCP connections to a local port, each carried over a connection of its own to a port of a pod.

import net, { type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { asToolError, type ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';

export interface LocalForward {
  readonly dial: (signal: AbortSignal) => Promise<Duplex>;
  /** What went wrong with one connection; it concerns no other. */
  readonly failed: (error: ToolError) => void;
  /** Ends every connection. */
  readonly signal: AbortSignal;
  readonly lingerMs?: number;
}

/** The server does not listen yet. */
export function forwardingServer(forward: LocalForward): Server {
  return net.createServer({ allowHalfOpen: true, noDelay: true }, (local) => {
    void carry(local, forward);
  });
}

/**
 * Never rejects. What the client sends before the pod's side is open waits in the socket, which sees a client that goes
 * away all the same.
 */
async function carry(local: Socket, { dial, failed, signal, lingerMs = limits.lingerMs }: LocalForward): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  local.on('error', end);
  local.once('close', end);
  signal.addEventListener('abort', end, { once: true });
  try {
    const remote = await dial(AbortSignal.any([signal, ending.signal]));
    ending.signal.addEventListener('abort', () => remote.destroy());
    if (ending.signal.aborted) remote.destroy();
    await relay(local, remote, lingerMs);
  } catch (error) {
    if (!ending.signal.aborted) failed(asToolError(error, 'forward a connection'));
  } finally {
    signal.removeEventListener('abort', end);
    local.destroy();
    end();
  }
}

/**
 * Resolves when both have ended; rejects with what broke the pod's side. There is no half-close towards a pod: closing
 * its stream drops the reply, so after the client's FIN the stream stays until the pod is done, or silent for so long.
 */
function relay(local: Socket, remote: Duplex, lingerMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let linger: NodeJS.Timeout | undefined;
    const wait = (): void => {
      clearTimeout(linger);
      linger = setTimeout(resolve, lingerMs);
    };
    remote.once('error', reject);
    remote.once('close', () => local.writableEnded || reject(new Error('the stream was closed')));
    local.once('close', resolve);
    local.once('end', () => {
      wait();
      remote.on('data', wait);
    });
    // The client may still be sending what nobody takes: closing on it would reset the connection, and with it what it
    // has not read.
    remote.once('end', () => {
      local.unpipe(remote);
      local.resume();
      wait();
    });
    local.pipe(remote, { end: false });
    remote.pipe(local);
    local.once('close', () => clearTimeout(linger));
  });
}
