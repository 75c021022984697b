// From what a client sends to what Envoy matches: everything that the connection manager changes before it routes, in
// its order. Source: envoy source/common/http/conn_manager_impl.cc ActiveStream::decodeHeaders,
// conn_manager_utility.cc maybeNormalizePath, maybeNormalizeHost, mutateRequestHeaders; header_utility.cc.

import type { DownstreamTls, HeaderRules, HttpHandler } from '#model/listener.ts';
import { isHttp3, type Request } from '#model/request.ts';
import { isGrpc } from './grpc.ts';
import { normalizedPath } from './path-normalization.ts';
import { hasParametersPerSegment } from './route-match.ts';

export type Received =
  | { readonly kind: 'request'; readonly request: Request; readonly removed: readonly string[] }
  /** `code` undefined: the stream is reset, without an answer. `isUnread`: Envoy does not know what client it answers. */
  | { readonly kind: 'refused'; readonly code: 400 | undefined; readonly why: string; readonly isUnread?: boolean }
  | { readonly kind: 'redirect'; readonly location: string };

interface Where {
  /** Of the filter chain; undefined for plain HTTP. */
  readonly tls: DownstreamTls | undefined;
  readonly listenerPort: number;
  /** `internal_only_headers` of the route configuration. */
  readonly internalOnly?: readonly string[];
  readonly envoyVersion?: string;
}

export function receive(sent: Request, handler: HttpHandler, where: Where): Received {
  const underscored = [...sent.headers.keys()].filter((name) => name.includes('_'));
  const { underscores } = handler.headerRules ?? {};
  const invalid = isHttp3(sent) ? whyNoHttp3(sent) : undefined;
  if (invalid !== undefined) return { kind: 'refused', code: undefined, why: invalid, isUnread: true };
  if (underscores === 'REJECT_REQUEST' && underscored.length > 0) {
    // HTTP/1: codec error; later ones: the stream is reset (headers_with_underscores_action in protocol.proto).
    const why = `header ${underscored[0]} has an underscore in its name`;
    return { kind: 'refused', code: hasStreams(sent, where) ? undefined : 400, why, isUnread: true };
  }
  if (!isValidAuthority(sent.authority)) return { kind: 'refused', code: 400, why: badAuthority };
  const takesParametersOffDots = hasParametersPerSegment(where.envoyVersion ?? '');
  const path = normalizedPath({ ...handler, takesParametersOffDots }, sent.path);
  // gRPC clients do not follow redirects: what would be one is refused.
  if (!path || (path.isRedirect && isGrpc(sent)))
    return { kind: 'refused', code: 400, why: 'the path cannot be normalised' };
  if (path.isRedirect) return { kind: 'redirect', location: path.path };
  const kept = underscores === 'DROP_HEADER' ? without(sent, underscored) : sent;
  const routed = { ...kept, path: path.path, authority: hostFor(handler, sent, where.listenerPort) };
  return { kind: 'request', ...withHeaders(routed, handler, where) };
}

const badAuthority = 'the host has a forbidden character';

/** Ends the connection. Source: RFC 9114 §4.2; envoy source/common/quic/envoy_quic_server_stream.cc. */
function whyNoHttp3({ headers, authority }: Request): string | undefined {
  const isForbidden = (name: string): boolean =>
    headers.has(name) && (name !== 'te' || headers.get(name)?.some((value) => value !== 'trailers') === true);
  const forbidden = [...hopByHop, 'connection', 'upgrade', 'te'].find(isForbidden);
  if (forbidden !== undefined) return `HTTP/3 has no header ${forbidden}`;
  return isValidAuthority(authority) ? undefined : badAuthority;
}

/** Source: envoy source/common/http/header_utility.cc authorityIsValid. */
const isValidAuthority = (authority: string): boolean => /^[!$%&'()*+,\-.0-9:;=@A-Z[\]_a-z~]*$/.test(authority);

/**
 * `strip_trailing_host_dot` first, then the port: any, or that on which the gateway listens. A port behind an IPv6
 * address stands behind its bracket.
 */
function hostFor(handler: HttpHandler, { authority }: Request, listenerPort: number): string {
  const host = handler.stripTrailingHostDot ? authority.replace(/\.(?=$|:[^.:\]]*$)/, '') : authority;
  const port = /:(\d+)$/.exec(host)?.[1];
  const strips =
    handler.stripHostPort === 'any' || (handler.stripHostPort === 'matching' && Number(port) === listenerPort);
  return port !== undefined && strips ? host.slice(0, -port.length - 1) : host;
}

/** HTTP/2 and 3. Clients offer HTTP/2 in ALPN, over TLS only; curl and browsers take it. */
const hasStreams = (request: Request, { tls }: Where): boolean =>
  isHttp3(request) ||
  (request.scheme === 'https' && request.alpn.includes('h2') && (tls?.alpn.includes('h2') ?? false));

function without(request: Request, names: readonly string[]): Request {
  const gone = new Set(names);
  return { ...request, headers: new Map([...request.headers].filter(([name]) => !gone.has(name))) };
}

interface Changed {
  readonly request: Request;
  /** Headers of the client that only clients inside the mesh may send. */
  readonly removed: readonly string[];
}

function withHeaders(sent: Request, handler: HttpHandler, where: Where): Changed {
  const { headerRules: rules = {}, useRemoteAddress: isEdge } = handler;
  const headers = new Map(withOneCookie(withoutHopByHop(sent), where).headers);
  const unknown = new Set<string>();
  const internal = internalHeaders(isEdge, where).filter((name) => headers.has(name));
  const { scheme, forwardedProto } = schemesOf(sent, handler, where);
  for (const name of ['x-envoy-internal', ...internal]) headers.delete(name);
  headers.set('x-forwarded-proto', [forwardedProto]);
  if (rules.appendsXForwardedPort && !(isTrusted(handler) && headers.has('x-forwarded-port')))
    headers.set('x-forwarded-port', [String(where.listenerPort)]);
  if (isEdge && !rules.skipsXffAppend) unknown.add('x-forwarded-for');
  if (isEdge) unknown.add('x-envoy-external-address');
  if (isRequestIdWritten(headers, isEdge, rules)) unknown.add('x-request-id');
  if (rules.setsUserAgent) for (const name of userAgentHeaders(headers)) unknown.add(name);
  if (rules.via !== undefined) headers.set('via', [[...(headers.get('via') ?? []), rules.via].join(', ')]);
  const certificate = clientCertificateHeader(sent, rules);
  if (certificate === 'removed') headers.delete('x-forwarded-client-cert');
  if (certificate === 'written') unknown.add('x-forwarded-client-cert');
  return { request: { ...sent, scheme, headers, unknownHeaders: unknown }, removed: internal };
}

/** RFC 9113 §8.2.3, RFC 9114 §4.2.1: the pieces of the header are put together, before anything matches them. */
function withOneCookie(request: Request, where: Where): Request {
  const cookies = request.headers.get('cookie');
  if (!cookies || !hasStreams(request, where)) return request;
  return { ...request, headers: new Map([...request.headers, ['cookie', [cookies.join('; ')]]]) };
}

/** Proxies in front are believed where their number is set, and where `use_remote_address` is not. */
const isTrusted = ({ useRemoteAddress, headerRules }: HttpHandler): boolean =>
  !useRemoteAddress || (headerRules?.trustedHops ?? 0) > 0;

/** A proxy in front would be believed, and what it sends is not known. */
export const isProtoOpen = ({ headers }: Request, handler: HttpHandler): boolean =>
  isTrusted(handler) && handler.headerRules?.scheme === undefined && !headers.has('x-forwarded-proto');

/**
 * X-Forwarded-Proto as sent by proxies that are believed, else by the connection. `:scheme` is the client's own in
 * HTTP/2 and 3; in HTTP/1 it follows X-Forwarded-Proto.
 */
function schemesOf(
  sent: Request,
  handler: HttpHandler,
  where: Where,
): { readonly scheme: Request['scheme']; readonly forwardedProto: string } {
  const overwritten = handler.headerRules?.scheme;
  if (overwritten !== undefined) return { scheme: asScheme(overwritten) ?? sent.scheme, forwardedProto: overwritten };
  // Envoy puts this header together as it reads it, without what is empty (header_map_impl.cc appendToHeader).
  const values = sent.headers.get('x-forwarded-proto')?.filter((value) => value !== '');
  const believed = isTrusted(handler) ? values?.join(',') : undefined;
  const forwardedProto = believed ?? sent.scheme;
  const scheme = hasStreams(sent, where) ? sent.scheme : (asScheme(forwardedProto) ?? sent.scheme);
  return { scheme, forwardedProto };
}

function asScheme(text: string): Request['scheme'] | undefined {
  const scheme = text.toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : undefined;
}

const hopByHop = ['keep-alive', 'proxy-connection', 'transfer-encoding'];

/** It asks for another protocol than HTTP, such as WebSocket. Envoy takes `h2c` away (http1/codec_impl.cc). */
export const isUpgrade = ({ headers }: Request): boolean =>
  hasToken(headers, 'connection', 'upgrade') &&
  hasToken(headers, 'upgrade', '') &&
  headers.get('upgrade')?.join(',').toLowerCase() !== 'h2c';

function hasToken(headers: Request['headers'], name: string, token: string): boolean {
  return (headers.get(name) ?? []).some((value) =>
    value
      .toLowerCase()
      .split(',')
      .some((one) => one.trim() === token || token === ''),
  );
}

/** An upgrade keeps `connection` and `upgrade`. */
function withoutHopByHop(request: Request): Request {
  const { headers } = request;
  const te = hasToken(headers, 'te', 'trailers') ? [] : ['te'];
  const referer = isReferer(headers.get('referer')) ? [] : ['referer'];
  return without(request, [...hopByHop, ...referer, ...(isUpgrade(request) ? [] : ['connection', 'upgrade', ...te])]);
}

/** RFC 3986 §4.2 without a fragment: no colon before the first slash. */
const isRelative = /^[\w.~!$&'()*+,;=@?%-]*(?:\/[\w.~!$&'()*+,;=@?%:/-]*)?$/;

/** Source: envoy source/common/http/utility.cc isValidRefererValue. */
function isReferer(values: readonly string[] = ['/']): boolean {
  const [value = ''] = values;
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(value)?.[1];
  const isValid = authority === undefined ? isRelative.test(value) : !/[#]/.test(value) && !authority.includes('@');
  return values.length === 1 && isValid;
}

const onlyAtTheEdge = [
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-original-path',
  'x-envoy-original-host',
];

const alwaysInternal = [
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-ip-tags',
  'x-envoy-original-url',
  'x-envoy-hedge-on-per-try-timeout',
];

/** Of a client from outside these are taken away. Source: conn_manager_utility.cc cleanInternalHeaders. */
const internalHeaders = (isEdge: boolean, { internalOnly = [] }: Where): string[] => [
  ...(isEdge ? onlyAtTheEdge : []),
  ...alwaysInternal,
  ...internalOnly.map((name) => name.toLowerCase()),
];

function isRequestIdWritten(headers: ReadonlyMap<string, unknown>, isEdge: boolean, rules: HeaderRules): boolean {
  if (rules.generatesRequestId === false) return false;
  return !headers.has('x-request-id') || (isEdge && !rules.preservesRequestId);
}

const userAgentHeaders = (headers: ReadonlyMap<string, readonly string[]>): string[] => [
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  ...(headers.get('user-agent')?.join('') ? [] : ['user-agent']),
];

/** Source: conn_manager_utility.cc mutateXfccRequestHeader; `SANITIZE` is the default. */
function clientCertificateHeader(
  { scheme, hasClientCertificate }: Request,
  { clientCertificateHeader: action = 'SANITIZE' }: HeaderRules,
): 'kept' | 'removed' | 'written' {
  if (action === 'ALWAYS_FORWARD_ONLY') return 'kept';
  if (action === 'SANITIZE' || scheme !== 'https' || !hasClientCertificate) return 'removed';
  return action === 'FORWARD_ONLY' ? 'kept' : 'written';
}
