// Parts of a VirtualService's route with which Envoy refuses the whole route configuration. Most of them istiod's webhook
// refuses before; it is not asked everywhere. Source: istio pkg/config/validation/validation.go; Envoy's
// api/envoy/config/route/v3/route_components.proto, type/matcher/v3/string.proto; source/common/common/regex.cc,
// source/common/formatter/substitution_formatter.cc.

import type { Headers, HttpMatch, HttpRoute, StringCondition } from '#analysis/istio/virtual-service.ts';
import { compiledRegex } from '#core/regex.ts';
import { describeObject } from '#model/resource.ts';
import { whyNoVariable } from './header-variables.ts';
import type { Translation } from './translate.ts';

export interface RefusedPart {
  /** From the route. */
  readonly path: readonly (string | number)[];
  /** `"(["`. */
  readonly value: string;
  /** `no regex of RE2`. */
  readonly reason: string;
  /** Undefined: istiod's webhook refuses it, too. */
  readonly passesWebhook?: true;
}

type Path = RefusedPart['path'];

/** `mayDelegate`: a delegate is looked for, as in one that is no delegate itself. */
export const refusedParts = (http: HttpRoute, mayDelegate = false): RefusedPart[] => [
  ...(http.delegate && mayDelegate ? [] : refusedActions(http)),
  ...refusedConditions(http),
  ...refusedHeaders(http),
];

const redirectCodes = [301, 302, 303, 307, 308];

/** istiod takes a redirect before a direct response, and this before destinations. */
function refusedActions({ redirect, directResponse, route = [], fault, delegate }: HttpRoute): RefusedPart[] {
  const code = fault?.abort?.httpStatus;
  const ofFault = isStatus(code) ? [] : [wrongStatus(code, ['fault', 'abort', 'httpStatus'])];
  if (redirect) return [...refusedCode(redirect.redirectCode), ...ofFault];
  if (directResponse) {
    const { status } = directResponse;
    return [...(isStatus(status) ? [] : [wrongStatus(status, ['directResponse', 'status'])]), ...ofFault];
  }
  const reason = 'none that Envoy takes';
  if (route.length === 0 && delegate)
    return [{ path: ['delegate'], value: 'a delegate of a delegate', reason: 'no destination' }, ...ofFault];
  if (route.length === 0) return [{ path: [], value: 'a route without a destination', reason }, ...ofFault];
  return route.length > 1 && route.every(({ weight }) => !weight)
    ? [{ path: ['route'], value: 'a list of destinations of which none has a weight', reason }, ...ofFault]
    : ofFault;
}

const isStatus = (code: number | undefined): boolean => code === undefined || (code >= 200 && code < 600);

const wrongStatus = (code: number | undefined, path: Path): RefusedPart => ({
  path,
  value: String(code),
  reason: 'no status from 200 to 599',
  // The webhook means 599, and lets 600 through.
  ...(code === 600 ? { passesWebhook: true } : {}),
});

/** The webhook takes any 3xx; of those that Envoy has no word for istiod makes a route without an action. */
const refusedCode = (code = 0): RefusedPart[] =>
  code === 0 || redirectCodes.includes(code)
    ? []
    : [
        {
          path: ['redirect', 'redirectCode'],
          value: String(code),
          reason: `none of ${redirectCodes.join(', ')}`,
          ...(code >= 300 && code < 400 ? { passesWebhook: true } : {}),
        },
      ];

function refusedConditions({ match = [], corsPolicy, rewrite }: HttpRoute): RefusedPart[] {
  const pattern = rewrite?.uriRegexRewrite?.match;
  return [
    ...match.flatMap((one, index) => inMatch(one, ['match', index])),
    ...(corsPolicy?.allowOrigins ?? []).flatMap((one, index) => inText(one, ['corsPolicy', 'allowOrigins', index])),
    ...(pattern === undefined ? [] : inRegex(pattern, ['rewrite', 'uriRegexRewrite', 'match'])),
  ];
}

/** A star is no regex but in a path: istiod makes a match for any value of it. A path may begin with nothing. */
function inMatch(match: HttpMatch, path: Path): RefusedPart[] {
  const { uri, scheme, method, authority } = match;
  const named = [
    ...Object.entries({ scheme, method, authority }).map(([name, one]) => ({ one, at: [...path, name] })),
    ...(['headers', 'withoutHeaders', 'queryParams'] as const).flatMap((field) =>
      Object.entries(match[field] ?? {}).map(([name, one]) => ({ one, at: [...path, field, name] })),
    ),
  ];
  return [
    ...(uri?.regex === undefined ? [] : inRegex(uri.regex, [...path, 'uri', 'regex'])),
    ...named.filter(({ one }) => one?.regex !== '*').flatMap(({ one, at }) => inText(one, at)),
  ];
}

function inText(one: StringCondition | null | undefined, path: Path): RefusedPart[] {
  if (one?.prefix === '')
    return [{ path: [...path, 'prefix'], value: '""', reason: 'no prefix that Envoy takes here' }];
  return one?.regex === undefined ? [] : inRegex(one.regex, [...path, 'regex']);
}

/** RE2 knows the empty one, and Envoy takes none. */
const inRegex = (regex: string, path: Path): RefusedPart[] =>
  regex === '' || compiledRegex(regex) === undefined
    ? [{ path, value: JSON.stringify(regex), reason: regex ? 'no regex of RE2' : 'no regex' }]
    : [];

function refusedHeaders({ headers, route = [], redirect, directResponse }: HttpRoute): RefusedPart[] {
  // Nothing is made of destinations behind a redirect, nor of one with a weight of 0 beside others.
  const shares = redirect || directResponse ? [] : route;
  return [
    ...inHeaders(headers, ['headers']),
    ...shares.flatMap((one, index) =>
      shares.length === 1 || one.weight ? inHeaders(one.headers, ['route', index, 'headers']) : [],
    ),
  ];
}

const inHeaders = (headers: Headers | undefined, path: Path): RefusedPart[] =>
  (['request', 'response'] as const).flatMap((side) =>
    (['set', 'add'] as const).flatMap((operation) =>
      Object.entries(headers?.[side]?.[operation] ?? {})
        // This one becomes the host of a rewrite, which is no format.
        .filter(([name]) => side === 'response' || !/^(:authority|host)$/i.test(name))
        .flatMap(([name, value]) => inHeaderValue(value, [...path, side, operation, name])),
    ),
  );

/**
 * Of a format Envoy takes `%%` and `%NAME%` of a variable that it has, with an argument and a length behind it; of others
 * no percent sign. What stands before it may be a credential.
 */
function inHeaderValue(value: string, path: Path): RefusedPart[] {
  if ([...value].some(isControl)) return [{ path, value: 'a text with a control character', reason: 'no header' }];
  const passes = isFormatOfWebhook(value) ? { passesWebhook: true as const } : {};
  const unknown: RefusedPart[] = [];
  const left = value.replace(command, (found, name?: string, argument?: string) => {
    const reason = name && whyNoVariable(name, argument);
    if (reason) unknown.push({ path, value: `%${name.slice(0, 60)}%`, reason, ...passes });
    return ' '.repeat(found.length);
  });
  const at = left.indexOf('%');
  if (at < 0) return unknown.slice(0, 1);
  const reason = 'no format of Envoy (a percent sign is %%, a variable %NAME%)';
  return [{ path, value: `with ${JSON.stringify(value.slice(at, at + 20))}`, reason, ...passes }];
}

/** With the name of a variable, and its argument in brackets. */
const command = /%%|%([A-Z0-9_]+)(\(.*?\))?(?::\d+)?%/gs;

const isControl = (character: string): boolean => (character < ' ' && character !== '\t') || character === '\u007f';

/** It asks whether each percent sign has its other half, whatever stands between them. */
const isFormatOfWebhook = (value: string): boolean => !value.replace(/%%|%[^%(]*(?:\([^)]*\) *)?%/g, '').includes('%');

/** By name: why Envoy takes nothing of it, with all its hosts. */
export function refusedConfigurations({
  configurations,
}: Pick<Translation, 'configurations'>): ReadonlyMap<string, readonly string[]> {
  const pairs = configurations.map(({ name, hosts }) => {
    const why = hosts.flatMap(({ routes }) =>
      routes.flatMap(({ of, route: { from } }) =>
        refusedParts(of).map(
          ({ value, reason }) =>
            `Envoy refuses route configuration ${name}, as ${value}${from ? ` of ${describeObject(from)}` : ''} is ${reason}`,
        ),
      ),
    );
    return [name, [...new Set(why)]] as const;
  });
  return new Map(pairs.filter(([, why]) => why.length > 0));
}
