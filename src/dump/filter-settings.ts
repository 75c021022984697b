// What the configuration of an HTTP filter says, whichever way it is carried, and whether it makes the filter do anything.

import { booleanIn, fieldNames, hasField, type JsonObject, numberIn, objectIn, objectsIn, textIn } from '#core/json.ts';
import { memoize } from '#core/memoize.ts';
import { typeOf } from './elements.ts';
import { readFraction } from './matchers.ts';

/**
 * A TypedStruct carries a message as JSON, with the type beside it. Source: xds/type/v3/typed_struct.proto,
 * udpa/type/v1.
 */
const isTypedStruct = (config: JsonObject): boolean => typeOf(config).endsWith('.TypedStruct');

/** The last part of the message's name. */
export const typeOfSettings = (config: JsonObject | undefined): string =>
  lastPart((config && isTypedStruct(config) ? textIn(config, 'type_url') : undefined) ?? typeOf(config));

/** `RBAC` of `envoy.extensions.filters.http.rbac.v3.RBAC`, whatever stands before it. */
export const lastPart = memoize((type) => type.replace(/^.*[./]/, ''));

export const settingsOf = (config: JsonObject): JsonObject | undefined =>
  isTypedStruct(config) ? objectIn(config, 'value') : config;

/** Istio puts filters with empty configurations into every chain. */
export function doesSomething(config: JsonObject): boolean {
  const settings = settingsOf(config);
  if (settings === undefined || fieldNames(settings).length === 0) return false;
  switch (typeOfSettings(config)) {
    case 'LocalRateLimit':
      return mayLimit(settings);
    case 'RateLimit':
      return mayAskService(settings) && hasLimits(settings);
    case 'RateLimitPerRoute':
      return hasLimits(settings);
    case 'RBAC':
      // Shadow rules are evaluated, and refuse nothing.
      return hasField(settings, 'rules') || hasField(settings, 'matcher');
    default:
      return true;
  }
}

/** What the filter of the global rate limit asks its service for, beside limits of its own: those of routes. */
export function limitStage(config: JsonObject): number | undefined {
  const settings = typeOfSettings(config) === 'RateLimit' ? settingsOf(config) : undefined;
  return settings && mayAskService(settings) ? (numberIn(settings, 'stage') ?? 0) : undefined;
}

/**
 * A service that refuses nobody and may be down asks for nothing. Source: envoy
 * source/extensions/filters/http/ratelimit/ratelimit.cc FilterConfig::enabled, enforced, failureModeAllow.
 */
function mayAskService(settings: JsonObject): boolean {
  const [enabled, enforced] = [objectIn(settings, 'filter_enabled'), objectIn(settings, 'filter_enforced')];
  const deniesFailures = booleanIn(settings, 'failure_mode_deny') || hasField(settings, 'failure_mode_deny_percent');
  return (enabled === undefined || isEver(enabled)) && (enforced === undefined || isEver(enforced) || deniesFailures);
}

/** Limits that are counted after the answer refuse nothing. */
const limitsIn = (holder: JsonObject): JsonObject[] =>
  objectsIn(holder, 'rate_limits').filter((limit) => !booleanIn(limit, 'apply_on_stream_done'));

export const hasLimits = (holder: JsonObject): boolean => limitsIn(holder).length > 0;

/** Of a virtual host or a route's action: for which filters there are limits. */
export const limitStages = (holder: JsonObject): number[] =>
  limitsIn(holder).map((limit) => numberIn(limit, 'stage') ?? 0);

/**
 * Without its two fractions a local rate limit does nothing. Source: envoy/extensions/filters/http/local_ratelimit/v3,
 * envoy source/extensions/filters/http/local_ratelimit/local_ratelimit.cc FilterConfig::enabled, enforced.
 */
const mayLimit = (settings: JsonObject): boolean =>
  (hasField(settings, 'token_bucket') || objectsIn(settings, 'descriptors').length > 0) &&
  ['filter_enabled', 'filter_enforced'].every((name) => isEver(objectIn(settings, name)));

/** The runtime can raise what has a key. */
function isEver(field: JsonObject | undefined): boolean {
  const fraction = field && readFraction(field);
  return fraction !== undefined && (fraction.numerator > 0 || fraction.runtimeKey !== undefined);
}
