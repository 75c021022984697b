// A TLS handshake with a port of a pod, as a client of the gateway makes it, to see which certificate comes. Nothing is
// sent after it. The certificate is not checked: the caller judges it.

import type { Duplex } from 'node:stream';
import tls, { type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { ClientHello, Handshake } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import type { Dial } from '#core/stream.ts';

/** Throws ToolError where the port cannot be reached. A handshake that the other side ends is an answer. */
export async function shakeHands(
  dial: Dial,
  pod: PodRef,
  port: number,
  hello: ClientHello,
  signal: AbortSignal,
): Promise<Handshake> {
  const stream = await dial(pod, port, signal);
  const close = (): void => {
    stream.destroy(signal.reason);
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    return await handshakeOver(stream, hello, `${pod.namespace}/${pod.name}:${port}`);
  } finally {
    signal.removeEventListener('abort', close);
    stream.destroy();
  }
}

function handshakeOver(stream: Duplex, { serverName, alpn }: ClientHello, target: string): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      socket: stream,
      ...(serverName === undefined ? {} : { servername: serverName }),
      ALPNProtocols: [...alpn],
      rejectUnauthorized: false,
    });
    // After the stream has failed, TLS says that it ended: the stream's reason comes first.
    stream.once('error', (error) => reject(asFailure(error, target)));
    socket.once('error', (error) =>
      error instanceof ToolError ? reject(error) : resolve({ outcome: 'closed', why: whyClosed(error) }),
    );
    socket.once('secureConnect', () => resolve(describe(socket)));
  });
}

const describe = (socket: TLSSocket): Handshake => ({
  outcome: 'certificate',
  chain: chainOf(socket.getPeerCertificate(true)),
  protocol: socket.getProtocol() ?? '',
  alpn: socket.alpnProtocol || undefined,
});

/** The leaf first; the last one has no issuer, or is its own. */
export function chainOf(leaf: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  let at: DetailedPeerCertificate | undefined = leaf;
  while (at?.raw !== undefined && !chain.some((one) => one.equals(at?.raw as Buffer))) {
    chain.push(at.raw);
    at = at.issuerCertificate;
  }
  return chain;
}

/**
 * Envoy ends the connection without a word where it has no filter chain or no certificate. OpenSSL's words are in
 * `reason`.
 */
export function whyClosed(error: NodeJS.ErrnoException & { readonly reason?: string }): string {
  if (error.code === 'ECONNRESET') return 'the connection ended before a certificate came';
  return `TLS: ${error.reason ?? error.message}`;
}

export const asFailure = (error: Error, target: string): ToolError =>
  error instanceof ToolError
    ? error
    : new ToolError('broken', `lost the connection to ${target}: ${error.message}`, { cause: error });
