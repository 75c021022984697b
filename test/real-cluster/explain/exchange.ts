// A request, and what came of it, whatever protocol it was sent by.

import type { Echo } from './backends.ts';

export interface GeneratedRequest {
  readonly scheme: 'http' | 'https';
  /** Of the URL: the Service's. */
  readonly port: number;
  /** Of the URL; without it the client sends no server name. */
  readonly host: string;
  /** The server name where it is not the URL's host. */
  readonly sni: string | undefined;
  /** The Host header where it is not the URL's host. */
  readonly authority: string | undefined;
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly hasCertificate: boolean;
  /** HTTP/1.1 where it is not said. */
  readonly protocol?: 'http/1.1' | 'h2' | 'h3';
}

/** What came back. Without a code the connection ended before an answer. */
export interface Seen {
  readonly code: number | undefined;
  readonly location: string | undefined;
  readonly grpcStatus: number | undefined;
  readonly echo: Echo | undefined;
  /** Undefined for HEAD. */
  readonly body: string | undefined;
  /** Why the connection ended, where it did. */
  readonly ended: string | undefined;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** RFC 6066 §3: without the dot at the end, and never an address. */
export function serverNameOf({ sni, host }: GeneratedRequest): string {
  const name = (sni ?? host).replace(/\.$/, '').toLowerCase();
  return /^\[|^[\d.]+$/.test(name) ? '' : name;
}

/** RFC 9113 §8.2.2: what HTTP/2 has no place for; and what Node's client sends once only. */
export function forHttp2(all: GeneratedRequest['headers']): GeneratedRequest['headers'] {
  const once = new Set(['te', 'referer', 'content-type', 'x-request-id', 'origin', 'access-control-request-method']);
  return all.filter(
    ([name, value], index) =>
      name !== 'keep-alive' &&
      (name !== 'te' || value === 'trailers') &&
      (!once.has(name) || all.findIndex(([other]) => other === name) === index),
  );
}

/** The Host header of a client that was given this URL: port only where it is not the scheme's own. */
export const hostOf = ({ scheme, host, port, authority }: GeneratedRequest): string =>
  authority ?? new URL(`${scheme}://${host}:${port}/`).host;
