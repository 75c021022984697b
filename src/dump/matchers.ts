// Envoy's matchers. Old spellings are read as the new ones mean: Envoy 1.17 has exact_match, prefix_match… in header
// matchers. Source: envoy/config/route/v3/route_components.proto, envoy/type/matcher/v3/{string,regex}.proto.

import { compareText } from '#core/compare.ts';
import {
  badField,
  booleanIn,
  fieldNames,
  hasField,
  inBothSpellings,
  type JsonObject,
  numberIn,
  objectIn,
  objectsIn,
  textIn,
} from '#core/json.ts';
import {
  claims,
  describeStringMatch,
  type Fraction,
  type HeaderMatch,
  type PathMatch,
  type QueryMatch,
  type RouteMatch,
  type StringMatch,
} from '#model/match.ts';
import type { Unknown } from '#model/resource.ts';
import { typeOf } from './elements.ts';

export function readRouteMatch(match: JsonObject): RouteMatch {
  const fraction = objectIn(match, 'runtime_fraction');
  const others = fieldNames(match, evaluatedFields);
  const asked = others.includes('dynamic_metadata') ? readClaims(match) : undefined;
  return {
    path: readPathMatch(match),
    headers: byName(objectsIn(match, 'headers').map(readHeaderMatch)),
    query: byName(objectsIn(match, 'query_parameters').map(readQueryMatch)),
    grpc: hasField(match, 'grpc'),
    fraction: fraction && readFraction(fraction),
    others,
    ...(asked === undefined ? {} : { [claims]: asked }),
  };
}

/**
 * What istiod makes of `@request.auth.claims.NAME`; undefined where one of the conditions is another. The second filter is
 * of proxies up to 1.21. Source: istio pilot/pkg/security/authz/matcher/metadata.go, model/util.go.
 */
function readClaims(match: JsonObject): string | undefined {
  const all = objectsIn(match, 'dynamic_metadata').map((matcher) => {
    const [first, ...path] = objectsIn(matcher, 'path').map((part) => textIn(part, 'key') ?? '');
    const wanted = stringIn(objectIn(matcher, 'value'));
    const isOfToken =
      /jwt_authn$|istio_authn$/.test(textIn(matcher, 'filter') ?? '') && /payload|claims/.test(first ?? '');
    if (!isOfToken || path.length === 0 || !wanted) return undefined;
    const said = `JWT claim ${path.join('.')} ${wanted.kind === 'exact' ? '= ' : ''}${describeStringMatch(wanted)}`;
    return booleanIn(matcher, 'invert') ? `not (${said})` : said;
  });
  return all.length > 0 && !all.includes(undefined) ? all.join(' and ') : undefined;
}

/** A claim may be a text or a list of them. */
function stringIn(value: JsonObject | undefined): StringMatch | undefined {
  if (!value) return undefined;
  const string = objectIn(value, 'string_match');
  if (string) return readStringMatch(string);
  const [list, either] = [objectIn(value, 'list_match'), objectIn(value, 'or_match')];
  return list ? stringIn(objectIn(list, 'one_of')) : stringIn(either && objectsIn(either, 'value_matchers')[0]);
}

/**
 * All of them have to hold: their order means nothing, and istiod gives them in another one with each push and to each
 * pod.
 */
const byName = <T extends { readonly name: string }>(conditions: readonly T[]): readonly T[] =>
  conditions.length < 2
    ? conditions
    : conditions.toSorted((a, b) => compareText(a.name, b.name) || compareText(JSON.stringify(a), JSON.stringify(b)));

const pathFields = ['prefix', 'path', 'safe_regex', 'path_separated_prefix', 'connect_matcher', 'path_match_policy'];

/** The fields that the model has. Any other field of the match becomes a condition that is shown by its name. */
const evaluatedFields = inBothSpellings([
  ...pathFields,
  'case_sensitive',
  'headers',
  'query_parameters',
  'grpc',
  'runtime_fraction',
]);

function readPathMatch(match: JsonObject): PathMatch {
  const caseSensitive = booleanIn(match, 'case_sensitive') ?? true;
  const prefix = textIn(match, 'prefix');
  if (prefix !== undefined) return { kind: 'prefix', value: prefix, caseSensitive };
  const path = textIn(match, 'path');
  if (path !== undefined) return { kind: 'exact', value: path, caseSensitive };
  const separated = textIn(match, 'path_separated_prefix');
  if (separated !== undefined) return { kind: 'path-separated-prefix', value: separated, caseSensitive };
  const regex = objectIn(match, 'safe_regex');
  if (regex) return { kind: 'regex', value: textIn(regex, 'regex') ?? '' };
  if (hasField(match, 'connect_matcher')) return { kind: 'connect' };
  const policy = objectIn(match, 'path_match_policy');
  return policy ? readPathPolicy(policy) : { kind: 'unknown', type: 'path' };
}

function readPathPolicy(policy: JsonObject): PathMatch {
  const config = objectIn(policy, 'typed_config');
  const template = config && textIn(config, 'path_template');
  return template === undefined ? unknownExtension(policy) : { kind: 'template', value: template };
}

export function readStringMatch(match: JsonObject): StringMatch {
  const ignoreCase = booleanIn(match, 'ignore_case') ?? false;
  for (const kind of ['exact', 'prefix', 'suffix', 'contains'] as const) {
    const value = textIn(match, kind);
    if (value !== undefined) return { kind, value, ignoreCase };
  }
  const regex = objectIn(match, 'safe_regex');
  if (regex) return { kind: 'regex', value: textIn(regex, 'regex') ?? '' };
  const custom = objectIn(match, 'custom');
  return custom ? unknownExtension(custom) : { kind: 'unknown', type: 'string' };
}

export function readHeaderMatch(match: JsonObject): HeaderMatch {
  return {
    name: (textIn(match, 'name') ?? '').toLowerCase(),
    value: readHeaderValue(match),
    invert: booleanIn(match, 'invert_match') ?? false,
    treatMissingAsEmpty: booleanIn(match, 'treat_missing_header_as_empty') ?? false,
  };
}

const oldHeaderMatches = {
  exact_match: 'exact',
  prefix_match: 'prefix',
  suffix_match: 'suffix',
  contains_match: 'contains',
} as const;

function readHeaderValue(match: JsonObject): HeaderMatch['value'] {
  const string = objectIn(match, 'string_match');
  if (string) return readStringMatch(string);
  const range = objectIn(match, 'range_match');
  if (range) return { kind: 'range', start: numberIn(range, 'start') ?? 0, end: numberIn(range, 'end') ?? 0 };
  const regex = objectIn(match, 'safe_regex_match');
  if (regex) return { kind: 'regex', value: textIn(regex, 'regex') ?? '' };
  for (const [name, kind] of Object.entries(oldHeaderMatches)) {
    const value = textIn(match, name);
    // An empty exact_match matches any value (header_utility.cc).
    if (value === '' && kind === 'exact') return { kind: 'present', present: true };
    if (value !== undefined) return { kind, value, ignoreCase: false };
  }
  return { kind: 'present', present: booleanIn(match, 'present_match') ?? true };
}

function readQueryMatch(match: JsonObject): QueryMatch {
  const string = objectIn(match, 'string_match');
  return {
    name: textIn(match, 'name') ?? '',
    value: string ? readStringMatch(string) : { kind: 'present', present: booleanIn(match, 'present_match') ?? true },
  };
}

const denominators: Readonly<Record<string, number>> = { HUNDRED: 100, TEN_THOUSAND: 10_000, MILLION: 1_000_000 };

/** A RuntimeFractionalPercent. Without a default value nothing is taken. */
export function readFraction(fraction: JsonObject): Fraction {
  const percent = objectIn(fraction, 'default_value');
  return {
    ...(percent ? readPercent(percent) : { numerator: 0, denominator: 100 }),
    runtimeKey: textIn(fraction, 'runtime_key') || undefined,
  };
}

/** A FractionalPercent. */
export function readPercent(percent: JsonObject): Pick<Fraction, 'numerator' | 'denominator'> {
  const name = textIn(percent, 'denominator') ?? 'HUNDRED';
  const denominator = denominators[name];
  if (denominator === undefined) throw badField(percent, 'denominator', `is ${name}, which Envoy does not have`);
  return { numerator: numberIn(percent, 'numerator') ?? 0, denominator };
}

/** An extension that this tool does not know, by its configuration's type or its name. */
export function unknownExtension(extension: JsonObject): Unknown {
  return {
    kind: 'unknown',
    type: typeOf(objectIn(extension, 'typed_config')) || (textIn(extension, 'name') ?? 'extension'),
  };
}
