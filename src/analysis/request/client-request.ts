// The explained request → the request on the wire.

import type { ClientRequest } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import type { Request } from '#model/request.ts';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/** RFC 9110 §9.2.1: safe methods change nothing. Throws `usage` for the others, unless they are allowed. */
export function clientRequest(
  request: Request,
  identity: { readonly certificate?: string; readonly key?: string },
  methods: 'safe' | 'any',
  userAgent: string,
): ClientRequest {
  if (methods === 'safe' && !safe.has(request.method)) {
    throw new ToolError('usage', `--send sends only GET, HEAD and OPTIONS: ${request.method} may change something`, {
      hint: 'to send it all the same, add --allow-unsafe',
    });
  }
  const named: [string, string][] = [...request.headers].flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const agent: [string, string][] = request.headers.has('user-agent') ? [] : [['user-agent', userAgent]];
  return {
    tls: request.scheme === 'https' ? { serverName: request.sni, ...identity } : undefined,
    method: request.method,
    path: request.path,
    headers: [['host', request.authority], ...agent, ...named, ['connection', 'close']],
  };
}
