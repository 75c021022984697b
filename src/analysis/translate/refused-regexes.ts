// Regular expressions of a VirtualService's route with which Envoy refuses the whole route configuration, and istiod's
// webhook the object. Source: istio pkg/config/validation/validation.go validateStringRegexp; route.go
// canBeConvertedToPresentMatch; Envoy's source/common/common/regex.cc.

import type { HttpMatch, HttpRoute, StringCondition } from '#analysis/istio/virtual-service.ts';
import { compiledRegex } from '#core/regex.ts';
import { describeObject } from '#model/resource.ts';
import type { Translation } from './translate.ts';

export interface RefusedRegex {
  readonly regex: string;
  /** From the route. */
  readonly path: readonly (string | number)[];
}

/** Those that RE2 does not know. */
export function refusedRegexes({ match = [], corsPolicy, rewrite }: HttpRoute): RefusedRegex[] {
  const pattern = rewrite?.uriRegexRewrite?.match;
  const all = [
    ...match.flatMap((one, index) => inMatch(one, ['match', index])),
    ...(corsPolicy?.allowOrigins ?? []).flatMap((one, index) =>
      inCondition(one, ['corsPolicy', 'allowOrigins', index]),
    ),
    ...(pattern === undefined ? [] : [{ regex: pattern, path: ['rewrite', 'uriRegexRewrite', 'match'] }]),
  ];
  return all.filter(({ regex }) => compiledRegex(regex) === undefined);
}

/** A star is none but in a path: istiod makes a match for any value of it. */
function inMatch(match: HttpMatch, path: RefusedRegex['path']): RefusedRegex[] {
  const { uri, scheme, method, authority } = match;
  const named = [
    ...Object.entries({ scheme, method, authority }).map(([name, one]) => ({ one, at: [...path, name] })),
    ...(['headers', 'withoutHeaders', 'queryParams'] as const).flatMap((field) =>
      Object.entries(match[field] ?? {}).map(([name, one]) => ({ one, at: [...path, field, name] })),
    ),
  ];
  return [
    ...inCondition(uri, [...path, 'uri']),
    ...named.flatMap(({ one, at }) => inCondition(one, at)).filter(({ regex }) => regex !== '*'),
  ];
}

const inCondition = (one: StringCondition | null | undefined, path: RefusedRegex['path']): RefusedRegex[] =>
  one?.regex === undefined ? [] : [{ regex: one.regex, path: [...path, 'regex'] }];

/** By name: why Envoy takes nothing of it, with all its hosts. */
export function refusedConfigurations({
  configurations,
}: Pick<Translation, 'configurations'>): ReadonlyMap<string, readonly string[]> {
  const pairs = configurations.map(({ name, hosts }) => {
    const why = hosts.flatMap(({ routes }) =>
      routes.flatMap(({ of, route: { from } }) =>
        refusedRegexes(of).map(
          ({ regex }) =>
            `Envoy refuses route configuration ${name}, as ${JSON.stringify(regex)}${from ? ` of ${describeObject(from)}` : ''} is no regex of RE2`,
        ),
      ),
    );
    return [name, [...new Set(why)]] as const;
  });
  return new Map(pairs.filter(([, why]) => why.length > 0));
}
