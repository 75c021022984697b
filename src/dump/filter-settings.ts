// What the configuration of an HTTP filter says, whichever way it is carried, and whether it makes the filter do anything.

import { fieldNames, hasField, type JsonObject, objectIn, objectsIn, textIn } from '#core/json.ts';
import { typeOf } from './elements.ts';
import { readFraction } from './matchers.ts';

/**
 * A TypedStruct carries a message as JSON, with the type beside it. Source: xds/type/v3/typed_struct.proto,
 * udpa/type/v1.
 */
const isTypedStruct = (config: JsonObject): boolean => typeOf(config).endsWith('.TypedStruct');

/** The last part of the message's name. */
export const typeOfSettings = (config: JsonObject | undefined): string =>
  ((config && isTypedStruct(config) ? textIn(config, 'type_url') : undefined) ?? typeOf(config)).replace(/^.*[./]/, '');

export const settingsOf = (config: JsonObject): JsonObject | undefined =>
  isTypedStruct(config) ? objectIn(config, 'value') : config;

/** Istio puts filters with empty configurations into every chain. */
export function doesSomething(config: JsonObject): boolean {
  const settings = settingsOf(config);
  if (settings === undefined || fieldNames(settings).length === 0) return false;
  return typeOfSettings(config) !== 'LocalRateLimit' || mayLimit(settings);
}

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
