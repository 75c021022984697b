// From a line of the access log to the request that a client had sent.

import { ToolError } from '#core/error.ts';
import { type AccessEntry, isOverHttp3, urlOfEntry } from '#model/access-log.ts';
import type { Typed } from './request.ts';

/**
 * The port is the listener's, where the line has it. A request that Envoy has logged got through the handshake, and so
 * had the client certificate where one is required. Throws `unsupported` for a connection that was no HTTP request, or
 * a line without host or path.
 */
export function typedRequest(entry: AccessEntry): Typed {
  const { authority, path, method, serverName, userAgent } = entry;
  if (authority === undefined || path === undefined || method === undefined) {
    throw new ToolError(
      'unsupported',
      'cannot explain the request: its line in the access log lacks the host, the path or the method',
      {
        hint: 'to see the line: kubectl istio-ingress logs -o json; then explain its URL: kubectl istio-ingress explain URL',
      },
    );
  }
  const url = urlOfEntry(entry) ?? '';
  return {
    url,
    method,
    headers: [`Host: ${authority}`, ...(userAgent === undefined ? [] : [`User-Agent: ${userAgent}`])],
    sni: serverName,
    hasClientCertificate: url.startsWith('https:'),
    isHttp3: isOverHttp3(entry),
  };
}
