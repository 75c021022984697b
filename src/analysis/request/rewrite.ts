// What a route makes of the path and of the URL: rewrites towards the service, redirects towards the client.
// Source: envoy source/common/router/config_impl.cc (finalizePathHeader, newUri), source/common/http/utility.cc.

import { compiledRegex } from '#core/regex.ts';
import type { PathMatch } from '#model/match.ts';
import { headerOf, pathWithoutQuery, type Request } from '#model/request.ts';
import type { RedirectAction, Rewrite, WeightedCluster } from '#model/route.ts';
import { headerAfter } from './header-operations.ts';
import { fillTemplate, matchTemplate } from './path-template.ts';

/** The path with query that the service gets; undefined where this tool cannot tell. */
export function rewrittenPath(rewrite: Rewrite, match: PathMatch, path: string): string | undefined {
  const bare = pathWithoutQuery(path);
  const rest = path.slice(bare.length);
  if (rewrite.template !== undefined) return templateFilled(rewrite.template, match, bare)?.concat(rest);
  if (rewrite.regex) {
    const made = replaced(rewrite.regex, bare);
    // What becomes empty an Envoy of 1.36 sends so, and one of 1.40 leaves as it was.
    return made ? made + rest : undefined;
  }
  if (rewrite.prefix !== undefined) return prefixReplaced(match, bare, rewrite.prefix) + rest;
  return path;
}

function templateFilled(template: string, match: PathMatch, path: string): string | undefined {
  const variables = match.kind === 'template' ? matchTemplate(match.value, path) : undefined;
  return variables && fillTemplate(template, variables);
}

/**
 * What a prefix rewrite replaces is the matched part: the prefix or the exact path, behind which there may be path
 * parameters, and the whole path for regex matches. A path that has parameters inside that part stays as it is.
 */
function prefixReplaced(match: PathMatch, path: string, replacement: string): string {
  if (!('caseSensitive' in match)) return replacement;
  const fold = (text: string): string => (match.caseSensitive ? text : text.toLowerCase());
  const isThere = fold(path).startsWith(fold(match.value));
  return isThere ? replacement + path.slice(match.value.length) : path;
}

/**
 * The host that the service gets; undefined where this tool cannot tell. The share's own literal comes first, what the
 * route says goes over it, and nothing is rewritten to an empty host. Source: envoy source/common/router/config_impl.cc
 * finalizeHostHeader, weighted_cluster_specifier.cc finalizeRequestHeaders.
 */
export function rewrittenHost(
  rewrite: Rewrite,
  share: Pick<WeightedCluster, 'host' | 'headerOperations'>,
  request: Request,
): string | undefined {
  const own = share.host || request.authority;
  const { host, autoHost, hostFromHeader, hostFromPath } = rewrite;
  if (host) return host;
  if (hostFromHeader !== undefined) {
    const operations = [share.headerOperations ?? [], rewrite.headerOperations ?? []].flat();
    const [first = { value: own }] = headerAfter(hostFromHeader, operations, request);
    return first.value === '' ? own : first.value;
  }
  if (hostFromPath) {
    const made = replaced(hostFromPath, pathWithoutQuery(request.path));
    return made === '' ? own : made;
  }
  return autoHost ? undefined : own;
}

/**
 * RE2 replace-all; in the substitution `\1` is the first group, `\0` the whole match, `\\` a backslash. One that names
 * a group which the expression does not have replaces nothing (re2.cc GlobalReplace).
 */
function replaced(
  { pattern, substitution }: { readonly pattern: string; readonly substitution: string },
  path: string,
): string | undefined {
  const expression = compiledRegex(pattern);
  if (!expression) return undefined;
  const matcher = expression.matcher(path);
  const tokens = substitution.match(/\\[\d\\]|[^\\]+|\\/g) ?? [];
  if (tokens.some((token) => groupOf(token) > expression.groupCount())) return path;
  let text = '';
  let end = 0;
  while (matcher.find()) {
    const parts = tokens.map((token) =>
      token === '\\\\' ? '\\' : groupOf(token) < 0 ? token : (matcher.group(groupOf(token)) ?? ''),
    );
    text += path.slice(end, matcher.start()) + parts.join('');
    end = matcher.end();
  }
  return text + path.slice(end);
}

/** -1 for text. */
const groupOf = (token: string): number => (/^\\\d$/.test(token) ? Number(token.slice(1)) : -1);

/** The `location` header; undefined where this tool cannot tell. */
export function redirectLocation(action: RedirectAction, match: PathMatch, request: Request): string | undefined {
  const scheme = action.scheme ?? request.scheme;
  const path = redirectPath(action, match, request.path);
  return path === undefined ? undefined : `${scheme}://${redirectHost(action, scheme, request)}${path}`;
}

/**
 * The request's port goes where another is set, and where it was the default of a scheme that changes; which that was
 * X-Forwarded-Proto tells (utility.cc processRequestHost).
 */
function redirectHost(action: RedirectAction, scheme: string, request: Request): string {
  const received = headerOf(request, 'x-forwarded-proto');
  const port = received === 'https' ? ':443' : received === 'http' ? ':80' : undefined;
  const isDefaultPort = scheme !== received && port !== undefined && request.authority.endsWith(port);
  const own =
    action.port !== undefined || isDefaultPort ? request.authority.replace(/:[^:\]]*$/, '') : request.authority;
  const bare = action.host ?? own;
  return action.port === undefined ? bare : `${bare}:${action.port}`;
}

/** Source: envoy source/common/http/utility.cc newUri. */
function redirectPath(action: RedirectAction, match: PathMatch, path: string): string | undefined {
  if (action.pathFormat !== undefined) return undefined;
  if (action.path?.includes('?')) return withSlash(action.path);
  const bare = pathWithoutQuery(path);
  const made = action.path ?? changedPath(action, match, bare);
  const whole = made && withSlash(made + path.slice(bare.length));
  return action.stripQuery ? whole?.replace(/\?.*$/s, '') : whole;
}

/** What a regex makes nothing of stays as it was (config_impl.cc currentUrlPathAfterRewriteWithMatchedPath). */
function changedPath({ regex, prefix }: RedirectAction, match: PathMatch, path: string): string | undefined {
  if (regex) {
    const made = replaced(regex, path);
    return made === '' ? path : made;
  }
  return prefix === undefined ? path : prefixReplaced(match, path, prefix);
}

const withSlash = (path: string): string => (path.startsWith('/') ? path : `/${path}`);
