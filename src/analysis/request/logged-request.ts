// From a line of the access log to the request that a client had sent.

import { ToolError } from '#core/error.ts';
import { type AccessEntry, isOverHttp3, urlOfEntry } from '#model/access-log.ts';
import type { Typed } from './request.ts';

/**
 * The port is the listener's, where the line has it. A request that Envoy has logged got through the handshake, and so
 * had the client certificate where one is required. `given`: `Name: value`, headers that go before what the line says of
 * them. Throws `unsupported` for a connection that was no HTTP request, or a line without host or path.
 */
export function typedRequest(entry: AccessEntry, given: readonly string[] = []): Typed {
  const { path, method, serverName, userAgent } = entry;
  const names = new Set(given.map(nameOf));
  const authority = given.find((one) => nameOf(one) === 'host')?.replace(/^[^:]*:\s*/, '') ?? entry.authority;
  if (authority === undefined || path === undefined || method === undefined) {
    throw new ToolError(
      'unsupported',
      'cannot explain the request: its line in the access log lacks the host, the path or the method',
      {
        hint: 'to see the line: kubectl istio-ingress logs -o json; then explain its URL: kubectl istio-ingress explain URL',
      },
    );
  }
  const url = urlOfEntry({ ...entry, authority }) ?? '';
  const own = [
    `Host: ${authority}`,
    ...(userAgent === undefined ? [] : [`User-Agent: ${userAgent}`]),
    ...(isOfGrpc(entry) ? ['Content-Type: application/grpc'] : []),
    ...loggedHeaders(entry),
  ];
  return {
    url,
    method,
    headers: [...own.filter((one) => !names.has(nameOf(one))), ...given],
    sni: serverName,
    hasClientCertificate: url.startsWith('https:'),
    isHttp3: isOverHttp3(entry),
  };
}

/** Whole ones. Those of Envoy's own are not what the client sent. */
const loggedHeaders = ({ other = {} }: AccessEntry): string[] =>
  Object.entries(other).flatMap(([operator, value]) => {
    const [, name] = /^(?:REQ|REQUEST_HEADER)\((?!x-envoy-)([\w-]+)\)$/i.exec(operator) ?? [];
    return name === undefined ? [] : [`${name}: ${value}`];
  });

const nameOf = (header: string): string => header.replace(/:.*$/s, '').trim().toLowerCase();

/** These end a request before its service has answered: with 200 only where the client speaks gRPC. */
const unanswered = new Set(['NR', 'NC', 'UH', 'UF', 'UO', 'URX']);

const isOfGrpc = ({ userAgent = '', responseCode, responseFlags = [] }: AccessEntry): boolean =>
  userAgent.startsWith('grpc-') || (responseCode === 200 && responseFlags.some((flag) => unanswered.has(flag)));
