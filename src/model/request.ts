// A request as the gateway would see it: what a client sends, before Envoy does anything with it.

export interface Request {
  readonly scheme: 'http' | 'https';
  /** The host that the client connects to, without port and brackets; absent where it is that of the `authority`. */
  readonly destination?: string | undefined;
  /** The `:authority` (Host header), with the port where the client sends one. */
  readonly authority: string;
  readonly method: string;
  /** Path and query, beginning with `/`; no fragment. */
  readonly path: string;
  /** Lower-case names; a value for each time that the header is sent. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Headers that the gateway writes, with a value that nobody knows beforehand. */
  readonly unknownHeaders?: ReadonlySet<string>;
  /** The TLS server name; undefined for plain HTTP, or for a client that sends none. */
  readonly sni: string | undefined;
  /** The protocols the client offers, in its order. */
  readonly alpn: readonly string[];
  readonly hasClientCertificate: boolean;
}

/** HTTP/3, which goes over QUIC: clients offer nothing else there. */
export const isHttp3 = ({ alpn }: Pick<Request, 'alpn'>): boolean => alpn.includes('h3');

/** The part that path matchers see. */
export const pathWithoutQuery = (path: string): string => path.replace(/[?#].*$/s, '');

/**
 * The value of a header or pseudo-header, several joined as Envoy joins them; undefined where the request has none.
 * Source: envoy source/common/http/header_map_impl.cc delimiterByHeader.
 */
export function headerOf(request: Request, name: string): string | undefined {
  switch (name) {
    case ':method':
      return request.method;
    case ':authority':
    case 'host':
      return request.authority;
    case ':path':
      return request.path;
    case ':scheme':
      return request.scheme;
    case 'x-forwarded-proto':
      // Of a request that has not met its gateway yet, what a client without proxies would be given.
      return request.headers.get(name)?.join(',') ?? request.scheme;
    default:
      return request.headers.get(name)?.join(name === 'cookie' ? '; ' : ',');
  }
}

/** The first value of a query parameter, not percent-decoded: Envoy compares what was sent (parseQueryString). */
export function queryParameterOf(request: Request, name: string): string | undefined {
  const query = request.path.split('?').slice(1).join('?').replace(/#.*$/s, '');
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    if ((at < 0 ? pair : pair.slice(0, at)) === name) return at < 0 ? '' : pair.slice(at + 1);
  }
  return undefined;
}
