// What istiod makes of the match of a VirtualService's route. Source: istio pilot/pkg/networking/core/route/route.go
// TranslateRouteMatch, translateHeaderMatch, translateQueryParamMatch, canBeConvertedToPresentMatch.

import type { HttpMatch, StringCondition } from '#analysis/istio/virtual-service.ts';
import { compareText } from '#core/compare.ts';
import type { HeaderMatch, PathMatch, QueryMatch, RouteMatch, StringMatch } from '#model/match.ts';

/** Undefined: the route has no match. `@request.auth.claims…` become conditions on what a JWT says. */
export function translateMatch(match: HttpMatch | undefined): RouteMatch {
  const { headers = {}, withoutHeaders = {}, queryParams = {}, uri, method, authority, scheme } = match ?? {};
  const wanted = Object.entries(headers).map(([name, value]) => headerMatch(name, value));
  const unwanted = Object.entries(withoutHeaders).map(([name, value]) => withoutHeader(name, value));
  const pseudo = [
    ...(method ? [headerMatch(':method', method)] : []),
    ...(authority ? [headerMatch(':authority', authority)] : []),
    ...(scheme ? [headerMatch(':scheme', scheme)] : []),
  ];
  const own = [...wanted, ...unwanted];
  return {
    path: pathMatch(uri, match?.ignoreUriCase !== true),
    headers: byName([...own.filter((one) => !isClaim(one)), ...pseudo]),
    query: byName(Object.entries(queryParams).map(([name, value]) => queryMatch(name, value))),
    grpc: false,
    fraction: undefined,
    others: own.some(isClaim) ? ['dynamic_metadata'] : [],
  };
}

/** Source: istio pilot/pkg/security/authz/... jwt.ToRoutingClaim: the prefix is compared without case. */
const isClaim = ({ name }: HeaderMatch): boolean => name.startsWith('@request.auth.claims');

function pathMatch(uri: StringCondition | undefined, caseSensitive: boolean): PathMatch {
  if (uri?.exact !== undefined) return { kind: 'exact', value: uri.exact, caseSensitive };
  if (uri?.regex !== undefined) return { kind: 'regex', value: uri.regex };
  return { kind: 'prefix', value: uri?.prefix ?? '/', caseSensitive };
}

const headerMatch = (name: string, condition: StringCondition): HeaderMatch => ({
  name: name.toLowerCase(),
  value: isAnyValue(condition) ? { kind: 'present', present: true } : stringMatch(condition),
  invert: false,
  treatMissingAsEmpty: false,
});

const withoutHeader = (name: string, condition: StringCondition): HeaderMatch => ({
  ...headerMatch(name, condition),
  invert: true,
  treatMissingAsEmpty: !isAnyValue(condition),
});

const queryMatch = (name: string, condition: StringCondition): QueryMatch => ({
  name,
  value: isAnyValue(condition) ? { kind: 'present', present: true } : stringMatch(condition),
});

/** `*` is no regular expression: it stands for any value. */
const isAnyValue = ({ exact, prefix, regex }: StringCondition): boolean =>
  regex === '*' || (exact ?? prefix ?? regex) === undefined;

export function stringMatch({ exact, prefix, regex }: StringCondition): StringMatch {
  if (exact !== undefined) return { kind: 'exact', value: exact, ignoreCase: false };
  if (prefix !== undefined) return { kind: 'prefix', value: prefix, ignoreCase: false };
  return regex === undefined ? { kind: 'unknown', type: 'string' } : { kind: 'regex', value: regex };
}

const byName = <T extends { readonly name: string }>(conditions: readonly T[]): readonly T[] =>
  conditions.toSorted((a, b) => compareText(a.name, b.name) || compareText(JSON.stringify(a), JSON.stringify(b)));

/** Behind it no route is ever tried. Source: route.go IsCatchAllRoute. */
export function isCatchAll({ path, headers, query, others }: RouteMatch): boolean {
  const isAnyPath =
    path.kind === 'prefix' || path.kind === 'path-separated-prefix'
      ? path.value === '/'
      : path.kind === 'regex' && path.value === '.*';
  return isAnyPath && headers.length === 0 && query.length === 0 && others.length === 0;
}
