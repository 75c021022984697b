// What the filters before the router answer by what they are told: aborts, then CORS preflights (Istio puts them in this
// order). Source: envoy source/extensions/filters/http/{fault/fault_filter,cors/cors_filter}.cc,
// filters/common/fault/fault_config.cc, source/common/http/filter_chain_helper.cc.

import type { Outcome } from '#model/explanation.ts';
import type { HttpHandler } from '#model/listener.ts';
import { headerOf, type Request } from '#model/request.ts';
import type { Fault, Preflight, Route, RouteFilters } from '#model/route.ts';
import { integerOf, type Runtime, shareOf } from '#model/runtime.ts';
import { isGrpc } from './grpc.ts';
import { type EnvoyBehaviour, headersHold } from './route-match.ts';
import { matchesString } from './string-match.ts';

interface Filtered {
  readonly answered: readonly Outcome[];
  /** The share of requests that gets as far as the route's action. */
  readonly left: number;
}

/** What decides beside the request. */
export interface FilterSetting {
  readonly handler: HttpHandler;
  readonly behaviour: EnvoyBehaviour;
  readonly runtime: Runtime | undefined;
  /** What the route, or the share that chance has chosen, tells the filters. */
  readonly filters: RouteFilters;
  /** The cluster that the request is for; undefined for one that is not forwarded. */
  readonly cluster: string | undefined;
}

/** `share`: of all requests, that of those which take the route. */
export function filterRequest(route: Route, share: number, request: Request, setting: FilterSetting): Filtered {
  const { filters, handler } = setting;
  const fault = activeFault(filters, handler);
  const abort = fault && abortOf(fault, request, setting);
  const aborted = abort ? share * abort.share : 0;
  const answered: Outcome[] = abort && aborted > 0 ? [{ ...abort.answer, kind: 'abort', share: aborted, route }] : [];
  const left = share - aborted;
  const preflight = preflightShare(filters, route, request, setting);
  if (left <= 0 || preflight <= 0) return { answered, left };
  return {
    answered: [...answered, { kind: 'preflight', share: left * preflight, route, code: 200 }],
    left: left * (1 - preflight),
  };
}

/**
 * A filter acts where the filter chain has it and nothing switches it off: the nearest that names it decides, and who
 * configures it switches it on.
 */
export function isActive(name: string, { httpFilters }: HttpHandler, filters: RouteFilters): boolean {
  const filter = httpFilters.find((one) => one.name === name);
  if (!filter || filters.disabledFilters?.includes(name)) return false;
  const { fault, preflight, configuredFilters = [] } = filters;
  const configured = [...configuredFilters, fault && faultFilterOf(fault), preflight && corsFilterOf(preflight)];
  return !filter.disabled || configured.includes(name);
}

const faultFilterOf = ({ filter = 'envoy.filters.http.fault' }: Fault): string => filter;
const corsFilterOf = ({ filter = 'envoy.filters.http.cors' }: Preflight): string => filter;

/** The route's own, else that of the filter itself. */
export const activeFault = (filters: RouteFilters, handler: HttpHandler): Fault | undefined =>
  [...(filters.fault ? [filters.fault] : []), ...(handler.faults ?? [])].find((fault) =>
    isActive(faultFilterOf(fault), handler, filters),
  );

/** The fault is for this request. */
function concerns(fault: Fault, request: Request, { behaviour, cluster }: FilterSetting): boolean {
  const { headers, upstreamCluster, downstreamNodes } = fault;
  if (upstreamCluster !== undefined && upstreamCluster !== cluster) return false;
  const node = headerOf(request, 'x-envoy-downstream-service-node');
  if (downstreamNodes && (node === undefined || !downstreamNodes.includes(node))) return false;
  return headersHold(headers, request, behaviour);
}

interface Abort {
  readonly share: number;
  readonly answer: { readonly code: number; readonly grpcStatus?: number };
}

function abortOf(fault: Fault, request: Request, setting: FilterSetting): Abort | undefined {
  const { abort } = fault;
  if (!abort || !concerns(fault, request, setting)) return undefined;
  const percent = percentFor(abort, 'abort', request);
  const answer = abort.byHeader === undefined ? abort : abortByHeader(request);
  if (!answer) return undefined;
  const { runtime } = setting;
  const isForGrpc = answer.grpcStatus !== undefined;
  return {
    share: shareOf({ ...percent, runtimeKey: 'fault.http.abort.abort_percent' }, runtime),
    answer: isForGrpc
      ? grpcAnswer(request, integerOf('fault.http.abort.grpc_status', answer.grpcStatus ?? 0, runtime))
      : { code: integerOf('fault.http.abort.http_status', answer.code, runtime) },
  };
}

/** Other clients get an empty 200: the status stands in no header of theirs. */
const grpcAnswer = (request: Request, grpcStatus: number): Abort['answer'] =>
  isGrpc(request) ? { code: 200, grpcStatus } : { code: 200 };

/** `header_abort`, `header_delay`: a header of the request may make the share smaller. Its first value counts. */
function percentFor(
  { share, byHeader }: { readonly share: number; readonly byHeader?: number | undefined },
  what: 'abort' | 'delay',
  request: Request,
): { readonly numerator: number; readonly denominator: number } {
  if (byHeader === undefined) return { numerator: share, denominator: 1 };
  const asked = firstNumber(request, `x-envoy-fault-${what}-request-percentage`);
  const most = share * byHeader;
  return { numerator: asked === undefined ? most : Math.min(asked, most), denominator: byHeader };
}

function abortByHeader(request: Request): { readonly code: number; readonly grpcStatus?: number } | undefined {
  const code = firstNumber(request, 'x-envoy-fault-abort-request');
  if (code !== undefined && code >= 200 && code < 600) return { code };
  const grpcStatus = firstNumber(request, 'x-envoy-fault-abort-grpc-request');
  return grpcStatus === undefined ? undefined : { code: 200, grpcStatus };
}

function firstNumber(request: Request, name: string): number | undefined {
  const [value = ''] = request.headers.get(name) ?? [];
  return /^\s*\+?\d+\s*$/.test(value) ? Number(value) : undefined;
}

/** Milliseconds and share of what the fault filter delays of requests like this one; undefined: nothing. */
export function delayOf(
  fault: Fault,
  request: Request,
  setting: FilterSetting,
): { readonly ms: number; readonly share: number } | undefined {
  const { delay } = fault;
  if (!delay || !concerns(fault, request, setting)) return undefined;
  const { runtime } = setting;
  const percent = percentFor(delay, 'delay', request);
  const own = delay.byHeader === undefined ? delay.ms : firstNumber(request, 'x-envoy-fault-delay-request');
  const ms = own && integerOf('fault.http.delay.fixed_duration_ms', own, runtime);
  const share = shareOf({ ...percent, runtimeKey: 'fault.http.delay.fixed_delay_percent' }, runtime);
  return ms && share > 0 ? { ms, share } : undefined;
}

/** 0 where the CORS filter lets the request pass. It leaves redirects and direct responses alone. */
function preflightShare(
  filters: RouteFilters,
  { action }: Route,
  request: Request,
  { handler, runtime }: FilterSetting,
): number {
  const { preflight } = filters;
  if (!preflight || action.kind !== 'forward' || !isActive(corsFilterOf(preflight), handler, filters)) return 0;
  if (!isAnswered(preflight, request)) return 0;
  return preflight.enabled ? shareOf(preflight.enabled, runtime) : 1;
}

function isAnswered({ origins, forwardsOthers }: Preflight, request: Request): boolean {
  const origin = headerOf(request, 'origin');
  if (request.method !== 'OPTIONS' || !origin || !headerOf(request, 'access-control-request-method')) return false;
  // A matcher that takes the text `*` takes every origin (isOriginAllowed).
  return !forwardsOthers || origins.some((match) => matchesString(match, '*') || matchesString(match, origin));
}
