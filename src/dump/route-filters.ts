// What a route, its virtual host or its route configuration tells the filters that may answer before it: faults and
// CORS preflights. Source: envoy/extensions/filters/http/{fault,cors}/v3; in Envoy 1.17 the CORS policy is a field of
// the route.

import { booleanIn, durationIn, type JsonObject, numberIn, objectIn, objectsIn } from '#core/json.ts';
import type { Fault, Preflight } from '#model/route.ts';
import { corsPolicy, perFilterConfig } from './cors.ts';
import { readHeaderMatch, readPercent, readStringMatch } from './matchers.ts';

export interface RouteFilters {
  readonly fault?: Fault;
  readonly preflight?: Preflight;
}

/** The nearest that says something decides alone. */
export function readRouteFilters(holder: JsonObject, above: RouteFilters): RouteFilters {
  const fault = perFilterConfig(holder, 'envoy.filters.http.fault');
  const cors = corsPolicy(holder) ?? corsPolicy(objectIn(holder, 'route') ?? { ...holder, fields: {} });
  return {
    ...above,
    ...(fault ? { fault: readFault(fault) } : {}),
    ...(cors ? { preflight: readPreflight(cors) } : {}),
  };
}

function readFault(fault: JsonObject): Fault {
  const abort = objectIn(fault, 'abort');
  const delay = objectIn(fault, 'delay');
  return {
    // A gRPC status is told in a 200.
    abort: abort && { code: numberIn(abort, 'http_status') ?? 200, share: readShare(abort) },
    delay: delay && { ms: durationIn(delay, 'fixed_delay') ?? 0, share: readShare(delay) },
    headers: objectsIn(fault, 'headers').map(readHeaderMatch),
  };
}

function readShare(holder: JsonObject): number {
  const percent = objectIn(holder, 'percentage');
  const { numerator, denominator } = percent ? readPercent(percent) : { numerator: 0, denominator: 100 };
  return Math.min(1, numerator / denominator);
}

function readPreflight(policy: JsonObject): Preflight {
  return {
    origins: objectsIn(policy, 'allow_origin_string_match').map(readStringMatch),
    forwardsOthers: booleanIn(policy, 'forward_not_matching_preflights') ?? true,
  };
}
