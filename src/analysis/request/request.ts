// From what was typed to a request: URL, method, headers.

import { ToolError } from '#core/error.ts';
import type { Request } from '#model/request.ts';

export interface Typed {
  readonly url: string;
  readonly method: string;
  /** `Name: value`. */
  readonly headers: readonly string[];
  readonly sni: string | undefined;
  readonly hasClientCertificate: boolean;
  readonly isHttp3?: boolean;
}

export interface TypedRequest {
  readonly request: Request;
  readonly port: number;
}

/**
 * A URL without scheme is https. Throws `usage` for what is no URL, for HTTP/3 without TLS, and for headers without a
 * colon.
 */
export function readRequest(typed: Typed): TypedRequest {
  const url = readUrl(typed.url);
  const scheme = url.protocol === 'http:' ? 'http' : 'https';
  const headers = new Map<string, string[]>();
  for (const [name, value] of typed.headers.map(readHeader)) headers.set(name, [...(headers.get(name) ?? []), value]);
  const method = typed.method.toUpperCase();
  const authority = headers.get('host')?.[0] ?? headers.get(':authority')?.[0] ?? hostOf(url, method);
  headers.delete('host');
  headers.delete(':authority');
  const sni = typed.sni ?? (isAddress(url.hostname) ? undefined : url.hostname);
  return {
    port: portOf(url),
    request: {
      scheme,
      destination: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      authority,
      method,
      path: rawPath(typed.url, url),
      headers,
      sni: scheme === 'https' && sni !== undefined ? asServerName(sni) : undefined,
      alpn: alpnOf(scheme, typed),
      hasClientCertificate: typed.hasClientCertificate,
    },
  };
}

const portOf = ({ port, protocol }: URL): number => (port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port));

/** RFC 9110 §9.3.6: who sends CONNECT names the port, also where it is the usual one. */
const hostOf = (url: URL, method: string): string =>
  method === 'CONNECT' ? `${url.hostname}:${portOf(url)}` : url.host;

function alpnOf(scheme: Request['scheme'], { isHttp3 = false }: Typed): Request['alpn'] {
  if (scheme === 'https') return isHttp3 ? ['h3'] : ['h2', 'http/1.1'];
  if (isHttp3) throw new ToolError('usage', 'HTTP/3 is for https alone, not for http');
  return [];
}

function readUrl(text: string): URL {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.parse(withScheme);
  // `http:/a` would be host `http`.
  if (!url || url.hostname === '' || /^https?:(?!\/\/)/i.test(text))
    throw new ToolError('usage', `"${text}" is not a URL`, { hint: 'e.g. https://svc1.discovery.wmnet/path' });
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ToolError('usage', `a gateway serves http and https, not ${url.protocol.slice(0, -1)}`);
  }
  return url;
}

/**
 * As it was typed, not as URL parsing normalises it: what the gateway makes of `..` and `%2e` is part of the answer.
 */
function rawPath(text: string, url: URL): string {
  const afterHost = text
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/^[^/?#]*/, '')
    .replace(/#.*$/s, '');
  const path = afterHost === '' ? '/' : afterHost.startsWith('/') ? afterHost : `/${afterHost}`;
  return /^[!-~]*$/.test(path) ? path : url.pathname + url.search;
}

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(':', 1);
  if (colon < 1) throw new ToolError('usage', `-H takes "Name: value", not "${text}"`);
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}

/** RFC 6066 §3: without the dot at the end, which the Host header keeps; Envoy's TLS inspector reads it in lower case. */
const asServerName = (name: string): string => name.replace(/\.$/, '').toLowerCase();

/** RFC 6066 §3: a server name is never an address. */
const isAddress = (hostname: string): boolean => hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname);
