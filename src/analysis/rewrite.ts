// What a route makes of the path and of the URL: rewrites towards the service, redirects towards the client.
// Source: envoy source/common/router/config_impl.cc (finalizePathHeader, newUri), source/common/http/utility.cc.

import { RE2JS } from 're2js';
import type { PathMatch } from '#model/match.ts';
import { pathWithoutQuery, type Request } from '#model/request.ts';
import type { RedirectAction, Rewrite } from '#model/route.ts';

/** The path with query that the service gets; undefined where this tool cannot tell. */
export function rewrittenPath(rewrite: Rewrite, match: PathMatch, path: string): string | undefined {
  if (rewrite.template !== undefined) return undefined;
  const bare = pathWithoutQuery(path);
  const rest = path.slice(bare.length);
  if (rewrite.regex) return replaced(rewrite.regex, bare)?.concat(rest);
  if (rewrite.prefix !== undefined) return prefixReplaced(match, bare, rewrite.prefix) + rest;
  return path;
}

/** What a prefix rewrite replaces is the matched part: the prefix, or the whole path for exact and regex matches. */
function prefixReplaced(match: PathMatch, path: string, replacement: string): string {
  const isPrefix = match.kind === 'prefix' || match.kind === 'path-separated-prefix';
  return replacement + (isPrefix ? path.slice(match.value.length) : '');
}

/** RE2 replace-all; `\1` in the substitution is the first group. */
function replaced(rewrite: { readonly pattern: string; readonly substitution: string }, path: string): string | undefined {
  try {
    const substitution = rewrite.substitution.replaceAll('$', '$$$$').replace(/\\(\d)/g, '$$$1');
    return RE2JS.compile(rewrite.pattern).matcher(path).replaceAll(substitution);
  } catch {
    return undefined;
  }
}

/** The `location` header; undefined where this tool cannot tell. */
export function redirectLocation(action: RedirectAction, match: PathMatch, request: Request): string | undefined {
  const scheme = action.scheme ?? request.scheme;
  const path = redirectPath(action, match, request.path);
  return path === undefined ? undefined : `${scheme}://${redirectHost(action, scheme, request)}${path}`;
}

/** The request's port goes where another is set, and where it was the default of a scheme that changes. */
function redirectHost(action: RedirectAction, scheme: string, request: Request): string {
  const host = action.host ?? request.authority;
  const isDefaultPort = scheme !== request.scheme && host.endsWith(request.scheme === 'https' ? ':443' : ':80');
  const bare = action.port !== undefined || isDefaultPort ? host.replace(/:\d+$/, '') : host;
  return action.port === undefined ? bare : `${bare}:${action.port}`;
}

function redirectPath(action: RedirectAction, match: PathMatch, path: string): string | undefined {
  const bare = pathWithoutQuery(path);
  const query = action.stripQuery ? '' : path.slice(bare.length);
  if (action.path !== undefined) return action.path.includes('?') ? action.path : action.path + query;
  if (action.regex) return replaced(action.regex, bare)?.concat(query);
  if (action.prefix !== undefined) return prefixReplaced(match, bare, action.prefix) + query;
  return bare + query;
}
