// Whether one route's match takes every request that another's takes. Said only where it is certain: of regular expressions
// for one path, for one that takes everything behind a beginning, and for the beginning of a later one.

import type { HeaderMatch, PathMatch, QueryMatch, RouteMatch } from '#model/match.ts';
import { matchesPath } from './path-match.ts';
import { regexBeginning } from './regex-beginning.ts';
import { isInRange } from './route-match.ts';
import { matchesString } from './string-match.ts';

/** Every condition of the earlier one is one of the later one as well. */
export function takesAllOf(earlier: RouteMatch, later: RouteMatch): boolean {
  const { fraction, others } = earlier;
  const isCertain =
    others.length === 0 &&
    (fraction === undefined || (fraction.runtimeKey === undefined && fraction.numerator >= fraction.denominator));
  return (
    isCertain &&
    (!earlier.grpc || later.grpc) &&
    earlier.headers.every((header) => later.headers.some((one) => isEqual(one, header) || bringsHeader(one, header))) &&
    earlier.query.every((query) => later.query.some((one) => isEqual(one, query) || bringsQuery(one, query))) &&
    pathTakesAllOf(earlier.path, later.path)
  );
}

const isEqual = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Every request that meets `one` meets `other`. Of several values any may be the one, unless `other` is inverted. */
function bringsHeader(one: HeaderMatch, other: HeaderMatch): boolean {
  if (one.name !== other.name || other.invert) return false;
  if (other.value.kind === 'present')
    return other.value.present && !one.treatMissingAsEmpty && !['present', 'unknown'].includes(one.value.kind);
  return !one.invert && bringsValue(one.value, other.value);
}

function bringsQuery(one: QueryMatch, other: QueryMatch): boolean {
  if (one.name !== other.name) return false;
  if (other.value.kind === 'present') return other.value.present && !['present', 'unknown'].includes(one.value.kind);
  return bringsValue(one.value, other.value);
}

/** The one value that is asked for is one of those that the other takes. */
function bringsValue(one: HeaderMatch['value'], other: HeaderMatch['value']): boolean {
  if (one.kind !== 'exact' || one.value === '' || other.kind === 'present') return false;
  if (other.kind === 'range') return isInRange(other, one.value);
  const isOneText = !one.ignoreCase || ('ignoreCase' in other && other.ignoreCase);
  return isOneText && matchesString(other, one.value) === true;
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
  if (later.kind === 'regex') return beginsWith(earlier, allBehind(regexBeginning(later.value)));
  if (later.kind !== 'prefix' && later.kind !== 'exact' && later.kind !== 'path-separated-prefix') return false;
  return beginsWith(earlier, later);
}

/** `/api/.*` is the prefix /api/: no path has a line break. */
function asPrefix(path: PathMatch): PathMatch {
  const [, value] = (path.kind === 'regex' && /^([\w/-]*)\.\*$/.exec(path.value)) || [];
  return value === undefined ? path : allBehind(value === '' ? '/' : value);
}

const allBehind = (value: string): Literal => ({ kind: 'prefix', value, caseSensitive: true });

type Literal = Extract<PathMatch, { readonly caseSensitive: boolean }>;

function beginsWith(earlier: Literal, later: Literal): boolean {
  if (earlier.caseSensitive && !later.caseSensitive) return false;
  const fold = (text: string): string => (earlier.caseSensitive ? text : text.toLowerCase());
  const [start, path] = [fold(earlier.value), fold(later.value)];
  if (earlier.kind === 'prefix') return path.startsWith(start);
  return (path === start && later.kind !== 'prefix') || path.startsWith(`${start}/`);
}
