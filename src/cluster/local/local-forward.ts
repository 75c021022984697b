// TCP connections to a local port, each carried over a connection of its own to a port of a pod.

import net, { type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { asToolError, type ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';

export interface LocalForward {
  readonly dial: (signal: AbortSignal) => Promise<Duplex>;
  /** Called for a connection that failed; the others go on. */
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
 * Never rejects. Bytes that the client sends before the pod's side is open wait in the socket. The socket still notices
 * a client that goes away.
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
 * its stream drops the reply. So after the client's FIN the stream stays open until the pod ends it, or is silent for
 * `lingerMs`.
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
    // The client may still be sending. Closing now would reset the connection, and the client would lose what it has
    // not read.
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
