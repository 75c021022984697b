// Filters that may answer before the route does, or change what it sees. They cannot be evaluated from outside.

import { someOf } from '#core/phrase.ts';
import type { FilterChain, HttpFilter, HttpHandler, Listener } from '#model/listener.ts';
import type { RouteFilters } from '#model/route.ts';
import { type AskedRequests, describePolicy, refusalOfAll, refusalsOf } from './access-rules.ts';
import { isActive } from './filter-answers.ts';

/** By the last part of the type URL, or of the well-known name. */
const mayAnswer: Readonly<Record<string, string>> = {
  ExtAuthz: 'may refuse (401, 403) by asking an authorization service',
  JwtAuthentication: 'may refuse (401) by the token',
  RBAC: 'may refuse (403) by rules that no AuthorizationPolicy has brought',
  HTTPFault: 'may delay or abort',
  RateLimit: 'may refuse (429)',
  LocalRateLimit: 'may refuse (429)',
  Lua: 'runs a script that may answer or change the request',
  Wasm: 'runs a plugin that may answer or change the request',
  ExternalProcessor: 'asks a service that may answer or change the request',
  OAuth2: 'may redirect to a login',
  Buffer: 'may refuse large requests (413)',
  CsrfPolicy: 'may refuse (403) by the origin',
  AdmissionControl: 'may refuse (503) under load',
  CacheConfig: 'may answer from a cache',
  HealthCheck: 'may answer health checks itself',
  BasicAuth: 'may refuse (401) by the password',
  ApiKeyAuth: 'may refuse (401) by the key',
  HeaderMutation: 'changes headers of the request',
};

/** They neither answer nor change where the request goes: by type, or by the name where that tells more. */
const withoutEffect = new Set([
  'Router',
  'Cors',
  'GrpcWeb',
  'Compressor',
  'Decompressor',
  'IPTagging',
  'Tap',
  'BandwidthLimit',
  // It chooses among endpoints.
  'StatefulSession',
  'envoy.filters.http.router',
  'envoy.filters.http.cors',
  'envoy.filters.http.grpc_stats',
  'envoy.filters.http.grpc_web',
  'istio.alpn',
  'istio.metadata_exchange',
  'istio.stats',
  // Istio's, of filter state and peers (istio pilot/pkg/xds/filters/filters.go).
  'connect_authority',
  'request_source',
  'waypoint_downstream_peer_metadata',
]);

/** Before TLS. Source: envoy source/extensions/filters/listener/proxy_protocol/proxy_protocol.cc. */
export const listenerCaveats = ({ listenerFilters, takesWithoutProxyHeader }: Listener): string[] =>
  listenerFilters.flatMap((name) => {
    if (lookingOn.test(name)) return [];
    if (!/proxy_?protocol\)?$/i.test(name))
      return [`listener filter ${name} may close the connection: this tool does not evaluate it`];
    return takesWithoutProxyHeader
      ? []
      : [`listener filter ${name} closes connections without a PROXY header, which a balancer in front sends`];
  });

/** They find out what a connection is, and let it pass. */
const lookingOn = /(?:tls_?inspector|http_?inspector|original_?(?:dst|src))\)?$/i;

/** A filter that may answer, or end the connection, before the route does; `says`: with its name. */
export interface AnsweringFilter {
  readonly name: string;
  readonly says: string;
}

export const answeringNetworkFilters = (chain: FilterChain): AnsweringFilter[] =>
  chain.networkFilters
    .filter((name) => !withoutEffectOnConnections.test(name))
    .map((name) => ({
      name,
      says: closing.test(name)
        ? `network filter ${name} may close the connection`
        : `network filter ${name} may close the connection or decide where it goes: this tool does not evaluate it`,
    }));

const closing = /rbac|ext_authz|rate_?limit|connection_limit/;

/** They count and decode; what `sni_cluster` does is evaluated. The first ones are Istio's. */
const withoutEffectOnConnections =
  /^istio\.|metadata_?exchange|stats|forward_downstream_sni|sni_cluster|geoip|(?:mysql|postgres|zookeeper)_proxy|kafka_broker/;

/** What a route, or the share of it that chance chooses, tells the filters. */
export interface Told extends RouteFilters {
  /** The route sends requests on. */
  readonly forwards?: boolean;
}

/** `routes`: those that the request may take; they switch some filters off and others on. */
export function answeringHttpFilters(
  handler: HttpHandler,
  routes: readonly Told[],
  asked: AskedRequests,
): AnsweringFilter[] {
  const active = handler.httpFilters.filter(
    (filter) =>
      isOpaque(filter, handler) && routes.some((one) => isActive(filter.name, handler, one) && isTold(filter, one)),
  );
  const refuser = active.findIndex((filter) => refusesAll(filter, handler, routes, asked));
  return active.slice(0, refuser === -1 ? undefined : refuser).flatMap((filter) => {
    const kind = kindOf(filter);
    if (withoutEffect.has(filter.name) || withoutEffect.has(kind)) return [];
    const says = hasOwnRules(filter, routes)
      ? [saysOfKind(kind)]
      : (saysOfPolicies(filter, asked) ?? [saysOfKind(kind)]);
    return says.map((one) => ({ name: filter.name, says: `filter ${filter.name} ${one}` }));
  });
}

const saysOfKind = (kind: string): string =>
  mayAnswer[kind] ?? 'may answer or change the request: this tool does not evaluate it';

/** The rules of a route go before those of the filter. */
const hasOwnRules = ({ name }: HttpFilter, routes: readonly RouteFilters[]): boolean =>
  routes.some(({ configuredFilters = [] }) => configuredFilters.includes(name));

/** What comes behind it has no part in the answer. */
const refusesAll = (filter: HttpFilter, handler: HttpHandler, routes: readonly Told[], asked: AskedRequests): boolean =>
  filter.policies !== undefined &&
  routes.every((route) => isActive(filter.name, handler, route)) &&
  !hasOwnRules(filter, routes) &&
  refusalOfAll(filter, asked) !== undefined;

/** Undefined where it has none; empty where none is for this request, or one refuses it, which is the outcome. */
function saysOfPolicies(filter: HttpFilter, asked: AskedRequests): readonly string[] | undefined {
  if (!filter.policies) return undefined;
  const refusals = refusalsOf(filter, asked);
  if (refusals.some(({ extent }) => extent === 'all')) return [];
  const names = someOf(refusals.flatMap(({ rules }) => rules.map(describePolicy)));
  const [first] = refusals;
  switch (first?.action) {
    case 'DENY':
      return [`refuses (403) what ${names} denies`];
    case 'ALLOW':
      return [`refuses (403) what ${names} does not allow`];
    case 'CUSTOM':
      return [`asks an authorization service, which may refuse (401, 403), by ${names}`];
    default:
      return [];
  }
}

/** Rate limits and RBAC act only where they are told how, here or by the route. */
function isTold(filter: HttpFilter, route: Told): boolean {
  switch (filter.type) {
    case 'LocalRateLimit':
    case 'RBAC':
      return filter.isConfigured || Boolean(route.configuredFilters?.includes(filter.name));
    case 'RateLimit':
      return Boolean(route.forwards) && asksForLimits(filter, route);
    default:
      return true;
  }
}

/**
 * Limits of the route for this very filter come first, then the filter's own, then those that all such filters read.
 * Source: envoy source/extensions/filters/http/ratelimit/ratelimit.cc populateRateLimitDescriptors.
 */
function asksForLimits({ name, isConfigured, limitStage }: HttpFilter, route: RouteFilters): boolean {
  const { [name]: told } = route.limitStagesOf ?? {};
  // Without a stage the filter asks for nothing, or its configuration comes by ECDS.
  if (typeof told === 'boolean') return told && (limitStage !== undefined || isConfigured);
  const stages = told ?? route.limitStages ?? [];
  return isConfigured || (limitStage !== undefined && stages.includes(limitStage));
}

const kindOf = (filter: HttpFilter): string =>
  filter.type === 'FilterConfig' ? filter.name : (filter.type ?? filter.name);

/**
 * Istio puts empty fault and CORS filters into every chain; they act only where a route configures them. What a fault
 * filter does can be told, unless its configuration comes from elsewhere.
 */
const isOpaque = ({ name, type, isConfigured }: HttpFilter, { faults = [] }: HttpHandler): boolean =>
  !(type === 'HTTPFault' || name === faultFilter) ||
  (isConfigured && !faults.some(({ filter = faultFilter }) => filter === name));

const faultFilter = 'envoy.filters.http.fault';
