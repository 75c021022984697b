// What AuthorizationPolicies do to requests of which not everything may be known: to one request, or to all that a route
// takes. Source: envoy source/extensions/filters/common/rbac/{engine_impl,matchers}.cc; istio pilot/pkg/security/authz.

import { andList } from '#core/phrase.ts';
import { type AccessCondition, type AccessRule, accessRules } from '#model/access-rule.ts';
import type { FilterChain, HttpFilter } from '#model/listener.ts';
import { describeStringMatch, type HeaderMatch, type PathMatch, type StringMatch } from '#model/match.ts';
import { pathWithoutQuery, type Request } from '#model/request.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import { type EnvoyBehaviour, headerHoldsIn } from './route-match.ts';
import { matchesString } from './string-match.ts';

/** Whether all of the requests meet a condition, none, or it depends on what is not known of them. */
export type Meeting = 'all' | 'none' | 'some';

export interface AskedRequests {
  /** As the client writes it: with a wildcard in front every host that ends so, `*` for any. */
  readonly authority: string;
  /** Those of a route, or of one path. */
  readonly path: PathMatch;
  /** Of the listener. */
  readonly port: number;
  /** False where none of the requests brings a JSON Web Token; absent: some may. */
  readonly hasToken?: false | undefined;
  /** Undefined where it is not known. Of `:authority` and `:path` nobody asks. */
  holds(header: HeaderMatch): boolean | undefined;
}

/** One request alone; `filters`: those that it goes through. */
export const askedBy = (
  request: Request,
  port: number,
  behaviour: EnvoyBehaviour,
  filters: readonly HttpFilter[],
): AskedRequests => ({
  authority: request.authority,
  path: { kind: 'exact', value: pathWithoutQuery(request.path), caseSensitive: true },
  port,
  hasToken: mayBringToken(request) || filters.some(mayAddToken) ? undefined : false,
  holds: (header) => headerHoldsIn(header, request, behaviour),
});

/** Its first part is base64url of an object of JSON. A provider may look for it in any header, cookie or parameter. */
const token = /\be[wy][\w-]+\.[\w-]+\.[\w-]*/;

/** A login brings the token from its cookies; scripts, plugins and services may. A route may switch them on. */
const adding = new Set([
  'OAuth2',
  'Lua',
  'LuaPerRoute',
  'Wasm',
  'ExternalProcessor',
  'ExtAuthz',
  'HeaderMutation',
  'Config',
]);

const mayAddToken = ({ name, type }: HttpFilter): boolean =>
  !name.startsWith('istio.') && (type === undefined || adding.has(type) || /^(?:Credential|Dynamic)/.test(type));

const mayBringToken = ({ headers, path, unknownHeaders }: Request): boolean =>
  headers.has('authorization') ||
  unknownHeaders?.has('authorization') === true ||
  token.test(path) ||
  [...headers.values()].flat().some((value) => token.test(value));

export interface Refusal {
  readonly action: 'DENY' | 'ALLOW' | 'CUSTOM';
  /** ALLOW: all of the filter, none of which is met by what is refused. */
  readonly rules: readonly AccessRule[];
  /** `some`: whether a request is refused depends on more than is known of it. */
  readonly extent: 'all' | 'some';
}

/** What a filter of AuthorizationPolicies refuses of these requests. */
export function refusalsOf({ policies }: Pick<HttpFilter, 'policies'>, asked: AskedRequests): Refusal[] {
  if (!policies) return [];
  const { action, [accessRules]: rules } = policies;
  const met = rules.flatMap((rule) => {
    const extent = meeting(rule.when, asked);
    return extent === 'none' ? [] : [{ rule, extent }];
  });
  switch (action) {
    case 'DENY':
      return met.map(({ rule, extent }) => ({ action, rules: [rule], extent }));
    case 'CUSTOM':
      return met.map(({ rule }) => ({ action, rules: [rule], extent: 'some' }));
    case 'ALLOW':
      if (met.some(({ extent }) => extent === 'all')) return [];
      return met.length === 0
        ? [{ action, rules, extent: 'all' }]
        : [{ action, rules: met.map(({ rule }) => rule), extent: 'some' }];
    default:
      return [];
  }
}

/** Of what is refused whatever else is known of the requests. */
export const refusalOfAll = (filter: Pick<HttpFilter, 'policies'>, asked: AskedRequests): Refusal | undefined =>
  refusalsOf(filter, asked).find(({ extent }) => extent === 'all');

/** Of all connections that are no HTTP to the gateway: nothing but the port is known of them. */
export function refusalOfConnections({ policies = [] }: FilterChain, port: number): Refusal | undefined {
  const path = { kind: 'prefix', value: '/', caseSensitive: true } as const;
  const asked = { authority: '*', path, port, holds: () => undefined };
  return policies.map((one) => refusalOfAll({ policies: one }, asked)).find((one) => one !== undefined);
}

export function meeting(condition: AccessCondition, asked: AskedRequests): Meeting {
  switch (condition.kind) {
    case 'always':
      return 'all';
    case 'all':
      return both(condition.of.map((one) => meeting(one, asked)));
    case 'any':
      return opposite(both(condition.of.map((one) => opposite(meeting(one, asked)))));
    case 'not':
      return opposite(meeting(condition.of, asked));
    case 'header':
      return headerMeeting(condition.match, asked);
    case 'path':
      return pathMeeting(condition.match, asked.path);
    case 'port':
      return known(condition.port === asked.port);
    case 'unknown':
      return condition.isOfToken && asked.hasToken === false ? 'none' : 'some';
  }
}

const both = (all: readonly Meeting[]): Meeting =>
  all.includes('none') ? 'none' : all.includes('some') ? 'some' : 'all';

const opposites = { all: 'none', none: 'all', some: 'some' } as const;
const opposite = (one: Meeting): Meeting => opposites[one];

const known = (holds: boolean | undefined): Meeting => (holds === undefined ? 'some' : holds ? 'all' : 'none');

function headerMeeting(match: HeaderMatch, asked: AskedRequests): Meeting {
  if (match.name !== ':authority') return known(asked.holds(match));
  const { value, invert } = match;
  const meets =
    value.kind === 'range'
      ? 'none'
      : value.kind === 'present'
        ? known(value.present)
        : hostMeeting(value, asked.authority);
  return invert ? opposite(meets) : meets;
}

function hostMeeting(match: StringMatch, authority: string): Meeting {
  if (!authority.startsWith('*')) return known(matchesString(match, authority));
  return edgeMeeting(match, 'suffix', authority.slice(1));
}

/** istiod makes these of `*`. */
const isForAll = (match: StringMatch): boolean => match.kind === 'regex' && ['.*', '.+'].includes(match.value);

function pathMeeting(match: StringMatch, path: PathMatch): Meeting {
  if (isForAll(match) || (match.kind === 'prefix' && match.value === '/')) return 'all';
  switch (path.kind) {
    case 'exact':
      return path.caseSensitive ? known(matchesString(match, path.value)) : 'some';
    case 'prefix':
    case 'path-separated-prefix':
      return path.caseSensitive ? edgeMeeting(match, 'prefix', path.value) : 'some';
    default:
      return 'some';
  }
}

/** Of all texts that begin (`prefix`) or end (`suffix`) so. */
function edgeMeeting(match: StringMatch, edge: 'prefix' | 'suffix', part: string): Meeting {
  if (isForAll(match)) return 'all';
  if (match.kind === 'regex' || match.kind === 'unknown') return 'some';
  const fold = (text: string): string => (match.ignoreCase ? text.toLowerCase() : text);
  const [value, own] = [fold(match.value), fold(part)];
  const has = (text: string, at: string): boolean => (edge === 'prefix' ? text.startsWith(at) : text.endsWith(at));
  switch (match.kind) {
    case 'exact':
      return has(value, own) ? 'some' : 'none';
    case 'contains':
      return own.includes(value) ? 'all' : 'some';
    case edge:
      return has(own, value) ? 'all' : has(value, own) ? 'some' : 'none';
    default:
      return 'some';
  }
}

/** `AuthorizationPolicy a/b`, or the filter's own rules. */
export function describePolicy({ policy, isWithoutProvider }: AccessRule): string {
  if (policy) return describeObject(policy);
  return isWithoutProvider ? 'an AuthorizationPolicy with action CUSTOM' : 'a rule of no AuthorizationPolicy';
}

/** Of the first: where it stands, what it asks for, and why it refuses: `: spec.rules[0], path /admin/*`. */
export function describePlace([rule]: readonly AccessRule[], asking = ''): string {
  const parts = [rule?.policy ? `spec.rules[${rule.index}]` : '', asking].filter((part) => part !== '');
  const place = parts.length === 0 ? '' : `: ${parts.join(', ')}`;
  return rule?.isWithoutProvider ? `${place}, as istiod does not know the provider that it names` : place;
}

/** Each once. */
export const policiesOf = (rules: readonly AccessRule[]): ObjectRef[] => [
  ...new Map(rules.flatMap(({ policy }) => (policy ? [[describeObject(policy), policy]] : []))).values(),
];

/** `AuthorizationPolicy a/b denies it: spec.rules[0]`. */
export function describeRefusal({ action, rules }: Refusal): string {
  const names = [...new Set(rules.map(describePolicy))];
  if (rules.length === 0) return 'no rule of the AuthorizationPolicies with action ALLOW can be met by it';
  if (action === 'ALLOW') return `${andList(names)} ${names.length === 1 ? 'does' : 'do'} not allow it`;
  return `${names.join()} denies it${describePlace(rules)}`;
}

/** What it asks for besides the host, in words: `path /admin/*, method POST`; empty where that is nothing. */
export const describeCondition = (condition: AccessCondition): string => partsOf(condition).join(', ');

/** Whether it asks for anything of the request besides the host, and not for the client alone. */
export function asksForRequest(condition: AccessCondition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.some(asksForRequest);
    case 'not':
      return asksForRequest(condition.of);
    case 'header':
      return condition.match.name !== ':authority';
    case 'unknown':
      return !condition.isOfClient;
    default:
      return condition.kind === 'path';
  }
}

function partsOf(condition: AccessCondition): string[] {
  switch (condition.kind) {
    case 'always':
      return [];
    case 'all':
      return [...new Set(condition.of.flatMap(partsOf))];
    case 'any': {
      const each = [...new Set(condition.of.map((one) => partsOf(one).join(' and ')))];
      return each.includes('') || each.length === 0 ? [] : [each.join(' or ')];
    }
    case 'not': {
      const inner = partsOf(condition.of).join(' and ');
      return inner === '' ? [] : [`not ${inner}`];
    }
    case 'header':
      return condition.match.name === ':authority' ? [] : [describeHeader(condition.match)];
    case 'path':
      return [`path ${describeString(condition.match)}`];
    case 'port':
      return [`port ${condition.port}`];
    case 'unknown':
      return [condition.says];
  }
}

function describeHeader({ name, value, invert }: HeaderMatch): string {
  const what = name === ':method' ? 'method' : `header ${name}`;
  const isOrNot = invert ? 'not ' : '';
  if (value.kind === 'present') return `${isOrNot}${what}`;
  return `${isOrNot}${what} ${value.kind === 'range' ? `from ${value.start} to ${value.end}` : describeString(value)}`;
}

/** As AuthorizationPolicies have it. */
function describeString(match: StringMatch): string {
  switch (match.kind) {
    case 'exact':
      return match.value;
    case 'prefix':
      return `${match.value}*`;
    case 'suffix':
      return `*${match.value}`;
    default:
      return describeStringMatch(match);
  }
}
