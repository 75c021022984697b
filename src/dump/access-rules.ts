// Envoy's RBAC filter, as istiod makes it of AuthorizationPolicies: each rule is named by its policy, but for what older
// istiods (1.18) make of a provider that they do not know: one that refuses everything.
// Source: envoy/config/rbac/v3/rbac.proto; istio pilot/pkg/security/authz/builder/builder.go policyName.

import {
  booleanIn,
  contentOf,
  entriesIn,
  enumIn,
  fieldNames,
  hasField,
  type JsonObject,
  numberIn,
  objectIn,
  objectsIn,
  rootObject,
  textIn,
} from '#core/json.ts';
import { memoize } from '#core/memoize.ts';
import { type AccessCondition, type AccessPolicies, type AccessRule, accessRules } from '#model/access-rule.ts';
import { readHeaderMatch, readStringMatch } from './matchers.ts';

/** `rules` of an RBAC filter; undefined where no AuthorizationPolicy has a part in them. */
export function readPolicies(rules: JsonObject | undefined): AccessPolicies | undefined {
  const own = rules ? rulesOf(rules) : [];
  return rules && policiesOf(enumIn(rules, 'action') ?? 'ALLOW', own);
}

/**
 * As `readPolicies`, for connections. istiod leaves out what asks for HTTP: rules of ALLOW, of which there may be none then,
 * and the fields of other rules. Source: istio pilot/pkg/security/authz/model/model.go Generate.
 */
export function readConnectionPolicies(rules: JsonObject | undefined): AccessPolicies | undefined {
  const isEmpty =
    rules && (enumIn(rules, 'action') ?? 'ALLOW') === 'ALLOW' && entriesIn(rules, 'policies').length === 0;
  return isEmpty ? { action: 'ALLOW', names: [], [accessRules]: [] } : readPolicies(rules);
}

/**
 * Whether an authorization service is asked is decided by rules that the RBAC filter before it only evaluates: those
 * whose name begins as this filter says. Undefined where it is asked about every request.
 */
export function readCustomPolicies(
  authorization: JsonObject,
  filters: readonly JsonObject[],
): AccessPolicies | undefined {
  const value = objectIn(objectIn(authorization, 'filter_enabled_metadata') ?? noObject, 'value') ?? noObject;
  const prefix = textIn(objectIn(value, 'string_match') ?? noObject, 'prefix');
  if (prefix === undefined) return undefined;
  const evaluated = filters.flatMap((filter) => objectIn(filter, 'shadow_rules') ?? []);
  return policiesOf(
    'CUSTOM',
    evaluated.flatMap((rules) => rulesOf(rules, prefix)),
  );
}

const noObject = rootObject({}, 'nothing');

function policiesOf(action: string, rules: readonly AccessRule[]): AccessPolicies | undefined {
  const names = rules.flatMap(({ policy }) => (policy ? [`${policy.namespace}/${policy.name}`] : []));
  const isIstios = names.length > 0 || rules.some(({ isWithoutProvider }) => isWithoutProvider);
  return !isIstios ? undefined : { action, names: [...new Set(names)].sort(), [accessRules]: rules };
}

const rulesOf = (rules: JsonObject, prefix = ''): AccessRule[] =>
  entriesIn(rules, 'policies').flatMap(([name, policy]) =>
    name.startsWith(prefix) ? [{ ...nameOf(name), when: readOnce(JSON.stringify(contentOf(policy))) }] : [],
  );

function nameOf(rule: string): Omit<AccessRule, 'when'> {
  const [, namespace, name, index] = /(?:^|-)ns\[(.+)\]-policy\[(.+)\]-rule\[(\d+)\]/.exec(rule) ?? [];
  const policy = namespace && name ? { kind: 'AuthorizationPolicy', namespace, name } : undefined;
  return { policy, index: Number(index ?? 0), isWithoutProvider: rule.endsWith('-due-to-bad-CUSTOM-action') };
}

/** Every filter chain has the same ones. */
const readOnce = memoize((text: string) => readRule(rootObject(JSON.parse(text), 'rule of RBAC')), 1_000);

function readRule(policy: JsonObject): AccessCondition {
  const isCel = ['condition', 'checked_condition'].some((name) => hasField(policy, name));
  return all([
    any(objectsIn(policy, 'permissions').map(readCondition)),
    any(objectsIn(policy, 'principals').map(readCondition)),
    ...(isCel ? [{ kind: 'unknown', says: 'a CEL condition', isOfClient: false } as const] : []),
  ]);
}

const all = (of: readonly AccessCondition[]): AccessCondition => {
  const asked = of.filter(({ kind }) => kind !== 'always');
  return asked.length === 1 && asked[0]
    ? asked[0]
    : asked.length === 0
      ? { kind: 'always' }
      : { kind: 'all', of: asked };
};

const any = (of: readonly AccessCondition[]): AccessCondition =>
  of.length === 1 && of[0]
    ? of[0]
    : of.some(({ kind }) => kind === 'always')
      ? { kind: 'always' }
      : { kind: 'any', of };

/** A permission or a principal. */
function readCondition(one: JsonObject): AccessCondition {
  const [name = ''] = fieldNames(one);
  const value = (): JsonObject => objectIn(one, name) ?? noObject;
  switch (name) {
    case 'any':
      return { kind: 'always' };
    case 'and_rules':
    case 'and_ids':
      return all(objectsIn(value(), name.slice('and_'.length)).map(readCondition));
    case 'or_rules':
    case 'or_ids':
      return any(objectsIn(value(), name.slice('or_'.length)).map(readCondition));
    case 'not_rule':
    case 'not_id':
      return { kind: 'not', of: readCondition(value()) };
    case 'header':
      return { kind: 'header', match: readHeaderMatch(value()) };
    case 'url_path':
      return { kind: 'path', match: readStringMatch(objectIn(value(), 'path') ?? noObject) };
    case 'destination_port':
      return { kind: 'port', port: numberIn(one, name) ?? 0 };
    default:
      return {
        kind: 'unknown',
        says: words[name] ?? name,
        isOfClient: !ofRequest.has(name),
        ...(isOfToken(name, value) ? { isOfToken: true as const } : {}),
      };
  }
}

/**
 * What the JWT filter has written, which is nothing where there was no token: a matcher of texts is not met then. Source:
 * istio pilot/pkg/security/authz/model/generator.go; istio_authn is of proxies up to 1.21, and has the peer as well.
 */
function isOfToken(name: string, read: () => JsonObject): boolean {
  if (name !== 'metadata' && name !== 'sourced_metadata') return false;
  const value = read();
  const matcher = name === 'metadata' ? value : objectIn(value, 'metadata_matcher');
  if (!matcher || enumIn(value, 'metadata_source') === 'ROUTE') return false;
  const wanted = objectIn(matcher, 'value') ?? noObject;
  const asksForText = ['string_match', 'list_match'].some((kind) => hasField(wanted, kind));
  if (!asksForText || booleanIn(matcher, 'invert')) return false;
  const filter = textIn(matcher, 'filter');
  const [first] = objectsIn(matcher, 'path').map((part) => textIn(part, 'key') ?? '');
  return (
    filter === 'envoy.filters.http.jwt_authn' ||
    (filter === 'istio_authn' && first?.startsWith('request.auth') === true)
  );
}

const ofRequest = new Set(['uri_template', 'requested_server_name', 'destination_ip', 'destination_port_range']);

const words: Readonly<Record<string, string>> = {
  authenticated: 'the client certificate',
  direct_remote_ip: "the client's address",
  remote_ip: "the client's address",
  source_ip: "the client's address",
  metadata: 'the token',
  sourced_metadata: 'the token',
  filter_state: 'the client certificate',
  uri_template: 'a template of the path',
  requested_server_name: 'the server name',
};
