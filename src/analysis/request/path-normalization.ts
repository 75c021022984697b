// The connection manager's normalisation of the path, before routing. Source: envoy
// source/common/http/conn_manager_utility.cc maybeNormalizePath, path_utility.cc; googleurl canonicalisation of paths
// (RFC 3986 §6.2.2).

import type { HttpHandler } from '#model/listener.ts';

export interface NormalizedPath {
  readonly path: string;
  /** Envoy sends the client there (307) before it routes. */
  readonly isRedirect: boolean;
}

interface Rules extends Pick<HttpHandler, 'normalizePath' | 'mergeSlashes' | 'escapedSlashes'> {
  /** `..;x` is `..`, which older Envoys leave alone (path_utility.cc stripParametersFromDotSegments, CVE-2026-73551). */
  readonly takesParametersOffDots: boolean;
}

/** Undefined where Envoy answers 400 (`path_normalization_failed`). A fragment never leaves a client. */
export function normalizedPath(rules: Rules, path: string): NormalizedPath | undefined {
  const bare = path.replace(/[?#].*$/s, '');
  const query = path.slice(bare.length).replace(/#.*$/s, '');
  const unescaped = withoutEscapedSlashes(rules, bare);
  if (unescaped !== bare && rules.escapedSlashes === 'REJECT_REQUEST') return undefined;
  const plain = rules.takesParametersOffDots ? unescaped.replace(/\/(\.\.?);[^/]*/g, '/$1') : unescaped;
  const normal = rules.normalizePath ? withoutDots(plain) : unescaped;
  if (normal === undefined) return undefined;
  return {
    path: (rules.mergeSlashes ? mergedSlashes(normal) : normal) + query,
    isRedirect: unescaped !== bare && rules.escapedSlashes === 'UNESCAPE_AND_REDIRECT',
  };
}

/**
 * Envoy puts a slash before and one behind what is between: a path of nothing but slashes keeps two (path_utility.cc
 * mergeSlashes).
 */
const mergedSlashes = (path: string): string => (/^\/{2,}$/.test(path) ? '//' : path.replace(/\/{2,}/g, '/'));

const unescaping = new Set(['REJECT_REQUEST', 'UNESCAPE_AND_REDIRECT', 'UNESCAPE_AND_FORWARD']);

const withoutEscapedSlashes = ({ escapedSlashes }: Rules, path: string): string =>
  unescaping.has(escapedSlashes ?? '') ? path.replace(/%2f/gi, '/').replace(/%5c/gi, '\\') : path;

/** `.` and `..` segments resolved (also written `%2e`), `\` as `/`; an encoded NUL is refused. */
function withoutDots(path: string): string | undefined {
  if (/%00/.test(path)) return undefined;
  const segments = path.replaceAll('\\', '/').split('/').slice(1);
  const kept: string[] = [];
  segments.forEach((segment, index) => {
    const plain = segment.replace(/%2e/gi, '.');
    const isLast = index === segments.length - 1;
    if (plain === '.' || plain === '..') {
      if (plain === '..') kept.pop();
      if (isLast) kept.push('');
    } else kept.push(decodedUnreserved(segment));
  });
  return `/${kept.join('/')}`;
}

/**
 * Letters, digits, `-`, `.`, `_`, `~` are decoded; what must not stand in a path is encoded; everything else stays as
 * it was written.
 */
const decodedUnreserved = (segment: string): string =>
  segment
    .replace(/["<>^`{|}]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%([0-9a-f]{2})/gi, (encoded, hex: string) => {
      const character = String.fromCharCode(Number.parseInt(hex, 16));
      return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded;
    });
