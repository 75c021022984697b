// Whether one route's match takes every request that another's takes. Said only where it is certain: of regular expressions
// for one path, and for one that takes everything behind a beginning.

import type { PathMatch, RouteMatch } from '#model/match.ts';
import { matchesPath } from './path-match.ts';

/** Every condition of the earlier one is one of the later one as well. */
export function takesAllOf(earlier: RouteMatch, later: RouteMatch): boolean {
  const { fraction, others } = earlier;
  const isCertain =
    others.length === 0 &&
    (fraction === undefined || (fraction.runtimeKey === undefined && fraction.numerator >= fraction.denominator));
  return (
    isCertain &&
    (!earlier.grpc || later.grpc) &&
    isPartOf(earlier.headers, later.headers) &&
    isPartOf(earlier.query, later.query) &&
    pathTakesAllOf(earlier.path, later.path)
  );
}

function isPartOf(some: readonly object[], all: readonly object[]): boolean {
  const known = new Set(all.map((one) => JSON.stringify(one)));
  return some.every((one) => known.has(JSON.stringify(one)));
}

function pathTakesAllOf(first: PathMatch, second: PathMatch): boolean {
  const [earlier, later] = [asPrefix(first), asPrefix(second)];
  if (earlier.kind === 'unknown' || earlier.kind === 'connect' || later.kind === 'connect')
    return earlier.kind !== 'unknown' && earlier.kind === later.kind;
  if (JSON.stringify(earlier) === JSON.stringify(later)) return true;
  // A path is one text where its case counts.
  if (later.kind === 'exact' && later.caseSensitive) return matchesPath(earlier, later.value) === true;
  if (earlier.kind !== 'prefix' && earlier.kind !== 'path-separated-prefix') return false;
  if (earlier.kind === 'prefix' && earlier.value === '/') return true;
  if (later.kind !== 'prefix' && later.kind !== 'exact' && later.kind !== 'path-separated-prefix') return false;
  return beginsWith(earlier, later);
}

/** `/api/.*` is the prefix /api/: no path has a line break. */
function asPrefix(path: PathMatch): PathMatch {
  const [, value] = (path.kind === 'regex' && /^([\w/-]*)\.\*$/.exec(path.value)) || [];
  return value === undefined ? path : { kind: 'prefix', value: value === '' ? '/' : value, caseSensitive: true };
}

type Literal = Extract<PathMatch, { readonly caseSensitive: boolean }>;

function beginsWith(earlier: Literal, later: Literal): boolean {
  if (earlier.caseSensitive && !later.caseSensitive) return false;
  const fold = (text: string): string => (earlier.caseSensitive ? text : text.toLowerCase());
  const [start, path] = [fold(earlier.value), fold(later.value)];
  if (earlier.kind === 'prefix') return path.startsWith(start);
  return (path === start && later.kind !== 'prefix') || path.startsWith(`${start}/`);
}
