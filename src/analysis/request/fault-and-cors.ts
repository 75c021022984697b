// What the filters before the router answer by what the route tells them: aborts, then CORS preflights (Istio puts them
// in this order). Source: envoy source/extensions/filters/http/{fault/fault_filter,cors/cors_filter}.cc.

import type { Outcome } from '#model/explanation.ts';
import type { HttpHandler } from '#model/listener.ts';
import { headerOf, type Request } from '#model/request.ts';
import type { Fault, Preflight, Route } from '#model/route.ts';
import { type EnvoyBehaviour, headersHold } from './route-match.ts';
import { matchesString } from './string-match.ts';

interface Filtered {
  readonly answered: readonly Outcome[];
  /** The share of requests that gets as far as the route's action. */
  readonly left: number;
}

/** `share`: of all requests, that of those which take the route. A filter acts only where the filter chain has it. */
export function filterRequest(
  route: Route,
  share: number,
  request: Request,
  { httpFilters }: HttpHandler,
  behaviour: EnvoyBehaviour,
): Filtered {
  const has = (name: string): boolean => httpFilters.some((filter) => filter.name === name && !filter.disabled);
  const { fault, preflight } = route;
  const aborted = fault && has('envoy.filters.http.fault') ? share * abortedShare(fault, request, behaviour) : 0;
  const abort: Outcome[] = aborted > 0 ? [{ kind: 'abort', share: aborted, route, code: fault?.abort?.code ?? 0 }] : [];
  const left = share - aborted;
  // The CORS filter leaves redirects and direct responses alone.
  if (
    left <= 0 ||
    route.action.kind !== 'forward' ||
    !preflight ||
    !has('envoy.filters.http.cors') ||
    !isAnswered(preflight, request)
  )
    return { answered: abort, left };
  return { answered: [...abort, { kind: 'preflight', share: left, route, code: 200 }], left: 0 };
}

const abortedShare = ({ abort, headers }: Fault, request: Request, behaviour: EnvoyBehaviour): number =>
  abort && headersHold(headers, request, behaviour) ? abort.share : 0;

function isAnswered({ origins, forwardsOthers }: Preflight, request: Request): boolean {
  const origin = headerOf(request, 'origin');
  if (request.method !== 'OPTIONS' || !origin || !headerOf(request, 'access-control-request-method')) return false;
  return !forwardsOthers || origins.some((match) => matchesString(match, origin));
}
