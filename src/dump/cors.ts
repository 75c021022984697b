// CORS policies: fields of the route and virtual host up to Istio 1.17, since then configuration of the filter by name.
// Source: envoy/config/route/v3/route_components.proto CorsPolicy, envoy/extensions/filters/http/cors/v3/cors.proto.

import { booleanIn, type JsonObject, objectIn, objectsIn, textIn } from '#core/json.ts';
import { describeStringMatch } from '#model/match.ts';
import type { Cors } from '#model/route.ts';
import { typeOf } from './elements.ts';
import { readStringMatch } from './matchers.ts';

/** Of a route, its action or its virtual host. */
export function readCors(holder: JsonObject): Cors | undefined {
  const policy = corsPolicy(holder);
  return policy && readPolicy(policy);
}

const corsPolicy = (holder: JsonObject): JsonObject | undefined =>
  perFilterConfig(holder, 'envoy.filters.http.cors') ?? objectIn(holder, 'cors');

/** The configuration that a route or virtual host has for the filter of this name. */
function perFilterConfig(holder: JsonObject, filter: string): JsonObject | undefined {
  const perFilter = objectIn(holder, 'typed_per_filter_config');
  const config = perFilter && objectIn(perFilter, filter);
  return config && unwrapped(config);
}

/** FilterConfig puts a level around the filter's own configuration. */
function unwrapped(config: JsonObject): JsonObject | undefined {
  return typeOf(config) === 'envoy.config.route.v3.FilterConfig' ? objectIn(config, 'config') : config;
}

function readPolicy(policy: JsonObject): Cors {
  return {
    allowOrigins: objectsIn(policy, 'allow_origin_string_match').map((origin) =>
      describeStringMatch(readStringMatch(origin)),
    ),
    allowMethods: listOf(textIn(policy, 'allow_methods')),
    allowHeaders: listOf(textIn(policy, 'allow_headers')),
    exposeHeaders: listOf(textIn(policy, 'expose_headers')),
    maxAge: textIn(policy, 'max_age') || undefined,
    allowCredentials: booleanIn(policy, 'allow_credentials'),
  };
}

const listOf = (text: string | undefined): string[] => (text ? text.split(',').map((part) => part.trim()) : []);
