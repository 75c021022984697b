// Regular expressions of a VirtualService's route with which Envoy would refuse the whole route configuration.

import type { HttpRoute } from '#analysis/istio/virtual-service.ts';
import { compiled } from '#analysis/request/path-match.ts';

/** Those that RE2 does not know, as reasons. A star is none: istiod makes a match for any value of it. */
export function refusedRegexes({ match = [], corsPolicy, rewrite }: HttpRoute): string[] {
  const conditions = match.flatMap(({ uri, scheme, method, authority, headers, withoutHeaders, queryParams }) => [
    ...[uri, scheme, method, authority],
    ...[headers, withoutHeaders, queryParams].flatMap((some) => Object.values(some ?? {})),
  ]);
  const all = [...conditions, ...(corsPolicy?.allowOrigins ?? []), { regex: rewrite?.uriRegexRewrite?.match }];
  return all
    .flatMap((one) => one?.regex ?? [])
    .filter((regex) => regex !== '*' && compiled(regex) === undefined)
    .map((regex) => `Envoy refuses the route configuration, as ${JSON.stringify(regex)} is no regex of RE2`);
}
