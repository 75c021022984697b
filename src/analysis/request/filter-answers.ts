// What the filters before the router answer by what they are told, in their order: refusals by AuthorizationPolicies,
// aborts and CORS preflights. Source: envoy source/extensions/filters/http/{rbac/rbac_filter,fault/fault_filter,
// cors/cors_filter}.cc, filters/common/fault/fault_config.cc, source/common/http/filter_chain_helper.cc.

import type { Outcome } from '#model/explanation.ts';
import type { HttpFilter, HttpHandler } from '#model/listener.ts';
import { headerOf, type Request } from '#model/request.ts';
import { type Fault, faultsOf, type Preflight, preflightsOf, type Route, type RouteFilters } from '#model/route.ts';
import { integerOf, type Runtime, shareOf } from '#model/runtime.ts';
import { askedBy, type Refusal, refusalOfAll } from './access-rules.ts';
import { isGrpc } from './grpc.ts';
import { refusedBy } from './refused-by.ts';
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
  /** Of the listener. */
  readonly port: number;
  readonly runtime: Runtime | undefined;
  /** What the route, or the share that chance has chosen, tells the filters. */
  readonly filters: RouteFilters;
  /** The cluster that the request is for; undefined for one that is not forwarded. */
  readonly cluster: string | undefined;
}

/** `share`: of all requests, that of those which take the route. */
export function filterRequest(
  route: Route | undefined,
  share: number,
  request: Request,
  setting: FilterSetting,
): Filtered {
  return setting.handler.httpFilters
    .flatMap((filter) => answersOf(filter, route, request, setting))
    .reduce<Filtered>((before, one) => answeredBy(one, before), { answered: [], left: share });
}

/** What one filter answers, with the share of the requests that come so far. */
function answersOf(filter: HttpFilter, route: Route | undefined, request: Request, setting: FilterSetting): Outcome[] {
  const { name } = filter;
  const refusal = refusalFor(filter, request, setting);
  if (refusal) return [{ ...refusedBy(`filter ${filter.name} refuses it`, refusal, 403), route }];
  const fault = activeFaults(setting.filters, setting.handler).find((one) => faultFilterOf(one) === name);
  const abort = fault && abortOf(fault, request, setting);
  if (abort) return [{ kind: 'abort', share: abort.share, route, ...abort.answer }];
  const preflight = preflightsOf(setting.filters).find((one) => corsFilterOf(one) === name);
  if (!preflight) return [];
  return [{ kind: 'preflight', share: preflightShare(preflight, route, request, setting), route, code: 200 }];
}

function answeredBy(answer: Outcome, { answered, left }: Filtered): Filtered {
  const taken = left * answer.share;
  return taken > 0 ? { answered: [...answered, { ...answer, share: taken }], left: left - taken } : { answered, left };
}

/** Undefined where a request may pass: it does, or more decides than is known of it. */
function refusalFor(filter: HttpFilter, request: Request, setting: FilterSetting): Refusal | undefined {
  const { filters, handler, port, behaviour } = setting;
  // Most filters have no policies.
  if (!filter.policies || filters.configuredFilters?.includes(filter.name)) return undefined;
  if (!isActive(filter.name, handler, filters)) return undefined;
  return refusalOfAll(filter, askedBy(request, port, behaviour, handler.httpFilters));
}

/** Where no route has a part in the answer, the filters do what they are told in the connection manager. */
export function filterUnrouted(
  outcome: Outcome,
  request: Request,
  setting: Omit<FilterSetting, 'filters' | 'cluster'>,
): Outcome[] {
  const unrouted = { ...setting, filters: {}, cluster: undefined };
  const { answered, left } = filterRequest(undefined, outcome.share, request, unrouted);
  return left > 0 ? [...answered, { ...outcome, share: left }] : [...answered];
}

/**
 * A filter acts where the filter chain has it and nothing switches it off: the nearest that names it decides, and who
 * configures it switches it on.
 */
export function isActive(name: string, { httpFilters }: HttpHandler, filters: RouteFilters): boolean {
  const filter = httpFilters.find((one) => one.name === name);
  if (!filter || filters.disabledFilters?.includes(name)) return false;
  const configured = [
    ...(filters.configuredFilters ?? []),
    ...faultsOf(filters).map(faultFilterOf),
    ...preflightsOf(filters).map(corsFilterOf),
  ];
  return !filter.disabled || configured.includes(name);
}

const faultFilterOf = ({ filter = 'envoy.filters.http.fault' }: Fault): string => filter;
const corsFilterOf = ({ filter = 'envoy.filters.http.cors' }: Preflight): string => filter;

/** Of each filter the route's own, else that of the filter itself; in the order of the filters. */
export const activeFaults = (filters: RouteFilters, handler: HttpHandler): Fault[] =>
  handler.httpFilters.flatMap(({ name }) => {
    const told = [...faultsOf(filters), ...(handler.faults ?? [])].find((fault) => faultFilterOf(fault) === name);
    return told && isActive(name, handler, filters) ? [told] : [];
  });

/** The fault is for this request. */
function concerns(fault: Fault, request: Request, { behaviour, cluster }: FilterSetting): boolean {
  const { headers, upstreamCluster, downstreamNodes } = fault;
  if (upstreamCluster !== undefined && upstreamCluster !== cluster) return false;
  const node = clientIn(request, 'node');
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
  const key = keyFor(request, 'abort');
  const isForGrpc = answer.grpcStatus !== undefined;
  return {
    share: shareOf({ ...percent, runtimeKey: `${key}.abort_percent` }, runtime),
    answer: isForGrpc
      ? grpcAnswer(request, integerOf(`${key}.grpc_status`, answer.grpcStatus ?? 0, runtime))
      : { code: integerOf(`${key}.http_status`, answer.code, runtime) },
  };
}

/** What `add_user_agent` writes there is the gateway's own name, for which nobody has a fault: it is empty here. */
function clientIn(request: Request, what: 'cluster' | 'node'): string | undefined {
  const name = `x-envoy-downstream-service-${what}`;
  return request.unknownHeaders?.has(name) ? '' : headerOf(request, name);
}

/** Requests that name the cluster of their client have keys of their own, and not those of all. */
function keyFor(request: Request, what: 'abort' | 'delay'): string {
  const client = clientIn(request, 'cluster');
  return client === undefined ? `fault.http.${what}` : `fault.http.${client}.${what}`;
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
  const key = keyFor(request, 'delay');
  const ofAll = own && integerOf('fault.http.delay.fixed_duration_ms', own, runtime);
  const ms = ofAll && integerOf(`${key}.fixed_duration_ms`, ofAll, runtime);
  const share = shareOf({ ...percent, runtimeKey: `${key}.fixed_delay_percent` }, runtime);
  return ms && share > 0 ? { ms, share } : undefined;
}

/** 0 where the CORS filter lets the request pass. It leaves redirects and direct responses alone. */
function preflightShare(
  preflight: Preflight,
  route: Route | undefined,
  request: Request,
  { filters, handler, runtime }: FilterSetting,
): number {
  if (route?.action.kind !== 'forward' || !isActive(corsFilterOf(preflight), handler, filters)) return 0;
  if (!isAnswered(preflight, request)) return 0;
  return preflight.enabled ? shareOf(preflight.enabled, runtime) : 1;
}

function isAnswered({ origins, forwardsOthers }: Preflight, request: Request): boolean {
  const origin = headerOf(request, 'origin');
  if (request.method !== 'OPTIONS' || !origin || !headerOf(request, 'access-control-request-method')) return false;
  // A matcher that takes the text `*` takes every origin (isOriginAllowed).
  return !forwardsOthers || origins.some((match) => matchesString(match, '*') || matchesString(match, origin));
}
