// Routes as Envoy holds them: route configuration → virtual host → routes in order.
// Source: envoy/config/route/v3/route.proto and route_components.proto.

import { compareText } from '#core/compare.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import { type FromEnvoy, keyOfContent, raw } from './content.ts';
import type { Fraction, HeaderMatch, RouteMatch, StringMatch } from './match.ts';
import { describeObject, type ObjectRef, type Rejection, type ResourceState, type Unknown } from './resource.ts';

/** What routes are compared by: where they stand and what Envoy holds of them, but not what they do. */
export interface RoutesOutline extends FromEnvoy, Pick<RouteConfiguration, 'name' | 'lastUpdated' | 'rejected'> {
  readonly virtualHosts: readonly HostOutline[];
}

export interface HostOutline extends FromEnvoy {
  readonly routes: readonly RouteOutline[];
}

export interface RouteOutline extends FromEnvoy, Pick<Route, 'position'> {}

export interface RouteConfiguration extends FromEnvoy {
  /** `http.8080`, `https.443.https.<gateway>.<namespace>`. */
  readonly name: string;
  readonly state: ResourceState;
  readonly lastUpdated: string | undefined;
  readonly rejected: Rejection | undefined;
  readonly ignorePortInHostMatching: boolean;
  /** Everything from the first `;` of the path on is left out when paths are matched. */
  readonly ignoresPathParameters?: boolean | undefined;
  /** Headers that clients from outside may not send; absent: none. */
  readonly internalOnlyHeaders?: readonly string[] | undefined;
  /** Fields that may change the answer and that this tool does not evaluate; absent: none. */
  readonly unevaluated?: readonly string[] | undefined;
  readonly virtualHosts: readonly VirtualHost[];
}

export interface VirtualHost extends FromEnvoy {
  readonly name: string;
  readonly domains: readonly string[];
  /** `require_tls`: plain requests are redirected to https. */
  readonly requireTls: 'none' | 'external-only' | 'all';
  readonly routes: readonly Route[];
  /** The virtual host routes by a `matcher` tree, which this tool shows and does not evaluate. */
  readonly hasMatcherTree: boolean;
  readonly unevaluated?: readonly string[] | undefined;
}

export interface Route extends RouteFilters, FromEnvoy {
  /** 1-based place in the virtual host: Envoy takes the first that matches. */
  readonly position: number;
  /** The VirtualService's name for the route; empty or `default` where it has none. */
  readonly name: string;
  readonly match: RouteMatch;
  readonly action: RouteAction;
  /** The VirtualService (or route of the Gateway API) behind it; undefined for routes that istiod made by itself. */
  readonly from: ObjectRef | undefined;
  /** The VirtualService that the one of `from` delegates to, where the objects were read and make it certain. */
  readonly delegate?: ObjectRef | undefined;
  /** Fields that may change the answer and that this tool does not evaluate; absent: none. */
  readonly unevaluated?: readonly string[] | undefined;
}

/**
 * What a route, its virtual host, its route configuration or the chosen cluster's share tells the filters that may
 * answer before it. Source: envoy source/common/router/per_filter_config.cc.
 */
export interface RouteFilters {
  readonly fault?: Fault | undefined;
  readonly preflight?: Preflight | undefined;
  /** What filters of further names are told, where a gateway has more than one of a kind; absent: none. */
  readonly otherFaults?: readonly Fault[] | undefined;
  readonly otherPreflights?: readonly Preflight[] | undefined;
  /** By name; absent: none. */
  readonly disabledFilters?: readonly string[] | undefined;
  /** Other filters than those of faults and CORS: who configures one switches it on. */
  readonly configuredFilters?: readonly string[] | undefined;
  /** Stages at which filters of the global rate limit have something to ask their service; absent: none. */
  readonly limitStages?: readonly number[] | undefined;
  /** Of filters, by name, that are told otherwise; true and false: of limits of their own. */
  readonly limitStagesOf?: Readonly<Record<string, readonly number[] | boolean>> | undefined;
}

export const faultsOf = ({ fault, otherFaults = [] }: RouteFilters): Fault[] => [
  ...(fault ? [fault] : []),
  ...otherFaults,
];

export const preflightsOf = ({ preflight, otherPreflights = [] }: RouteFilters): Preflight[] => [
  ...(preflight ? [preflight] : []),
  ...otherPreflights,
];

/** What the fault filter does to requests of the route. Source: envoy/extensions/filters/http/fault/v3/fault.proto. */
export interface Fault {
  /** `share`: 0 to 1. */
  readonly abort:
    | {
        /** 200 for a gRPC status; 0 where a header of the request has it. */
        readonly code: number;
        readonly share: number;
        readonly grpcStatus?: number | undefined;
        /** `header_abort`: code and a smaller share by headers of the request, which count in parts of this. */
        readonly byHeader?: number | undefined;
      }
    | undefined;
  readonly delay: { readonly ms: number; readonly share: number; readonly byHeader?: number | undefined } | undefined;
  /** Faults are for requests with these headers. */
  readonly headers: readonly HeaderMatch[];
  /** The name of the filter, where it is not the usual one. */
  readonly filter?: string | undefined;
  /** Only for requests to this cluster. */
  readonly upstreamCluster?: string | undefined;
  /** Only for requests with one of these values of x-envoy-downstream-service-node. */
  readonly downstreamNodes?: readonly string[] | undefined;
}

/**
 * How the CORS filter answers `OPTIONS` with `origin` and `access-control-request-method`: with 200, without asking the
 * service.
 */
export interface Preflight {
  readonly origins: readonly StringMatch[];
  /** What has another origin goes on to the service. */
  readonly forwardsOthers: boolean;
  /** `filter_enabled`; absent: always. */
  readonly enabled?: Fraction | undefined;
  /** The name of the filter, where it is not the usual one. */
  readonly filter?: string | undefined;
}

export type RouteAction = ForwardAction | RedirectAction | DirectResponse | Unknown;

export interface ForwardAction {
  readonly kind: 'forward';
  readonly to: ClusterChoice;
  readonly rewrite: Rewrite;
  /** Milliseconds; 0 = disabled, undefined = Envoy's default of 15 s. */
  readonly timeoutMs: number | undefined;
  readonly idleTimeoutMs: number | undefined;
  readonly retry: Retry | undefined;
  readonly mirrors: readonly Mirror[];
  readonly cors: Cors | undefined;
  readonly hashPolicies: number;
  /** `HIGH`: circuit breakers of that priority count; absent: those of the other. */
  readonly priority?: 'HIGH' | undefined;
  /** 503 by default. */
  readonly clusterNotFoundCode: number;
  /** What goes before the connection manager's; absent: nothing. */
  readonly upgrades?: readonly Upgrade[] | undefined;
}

/** Whether requests may ask for another protocol. */
export interface Upgrade {
  /** In lower case: `websocket`, `connect`. */
  readonly type: string;
  readonly isAllowed: boolean;
}

export type ClusterChoice =
  | { readonly kind: 'cluster'; readonly cluster: string }
  | {
      readonly kind: 'weighted';
      readonly clusters: readonly WeightedCluster[];
      readonly totalWeight: number;
      /** The header whose number, where a request has it once, chooses in place of chance. */
      readonly randomHeader?: string | undefined;
      /** Runtime values `PREFIX.CLUSTER` go before the weights. */
      readonly runtimeKeyPrefix?: string | undefined;
    }
  /** The cluster is named by a request header. */
  | { readonly kind: 'header'; readonly header: string }
  | Unknown;

export interface WeightedCluster {
  readonly cluster: string;
  readonly weight: number;
  /** The host that requests to this one get. */
  readonly host?: string | undefined;
  /** The request header that names the cluster. */
  readonly header?: string | undefined;
  /** What the share tells the filters, with what stands above it; absent: what the route tells them. */
  readonly filters?: RouteFilters | undefined;
  /** Done to the headers of a request before anything of the route; where that matters. */
  readonly headerOperations?: HeaderOperations | undefined;
}

/** What is done to the headers of a request, as the service gets them: first `remove`, then `set`. */
export interface HeaderOperations {
  readonly remove: readonly string[];
  readonly set: readonly {
    readonly name: string;
    /** A format: `%REQ(NAME)%` stands for another header. */
    readonly value: string;
    readonly action: 'append' | 'add-if-absent' | 'overwrite' | 'overwrite-if-present';
  }[];
}

/** The matched part of the path, the path by a regular expression, the host; all optional. */
export interface Rewrite {
  readonly prefix: string | undefined;
  readonly regex: { readonly pattern: string; readonly substitution: string } | undefined;
  readonly template: string | undefined;
  readonly host: string | undefined;
  /** The host becomes the endpoint's own name. */
  readonly autoHost: boolean;
  readonly hostFromHeader: string | undefined;
  /** The host is made of the path, without the query, as it was before it is rewritten. */
  readonly hostFromPath?: { readonly pattern: string; readonly substitution: string } | undefined;
  /** Formats as of access logs: what they make is not evaluated. */
  readonly pathFormat?: string | undefined;
  readonly hostFormat?: string | undefined;
  /** Of the route and what stands above it, one after the other; only where the host comes from a header. */
  readonly headerOperations?: readonly HeaderOperations[] | undefined;
}

export interface Retry {
  readonly on: readonly string[];
  readonly attempts: number;
  readonly perTryTimeoutMs: number | undefined;
}

export interface Mirror {
  readonly cluster: string;
  /** Percent; 100 where none is given. */
  readonly percent: number;
}

export interface Cors {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAge: string | undefined;
  readonly allowCredentials: boolean | undefined;
}

export interface RedirectAction {
  readonly kind: 'redirect';
  /** 301, 302, 303, 307, 308. */
  readonly code: number;
  readonly scheme: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
  readonly prefix: string | undefined;
  readonly regex: { readonly pattern: string; readonly substitution: string } | undefined;
  /** A format as of access logs: what it makes is not evaluated. */
  readonly pathFormat?: string | undefined;
  readonly stripQuery: boolean;
}

export interface DirectResponse {
  readonly kind: 'direct-response';
  readonly code: number;
  readonly body: string | undefined;
}

/** One line of `routes`: a route with the virtual host and route configuration it stands in. */
export interface RouteRow {
  readonly routeConfiguration: string;
  readonly virtualHost: string;
  readonly domains: readonly string[];
  readonly requireTls: VirtualHost['requireTls'];
  /** Undefined for a virtual host without routes: every request to it gets 404. */
  readonly route: Route | undefined;
  /** What stands around the route; as it is, it belongs to the row. */
  readonly [raw]?: { readonly configuration: RouteConfiguration; readonly host: VirtualHost };
}

/** Every cluster that may answer a request by this action. */
export function answeringClusters(action: RouteAction): string[] {
  if (action.kind !== 'forward') return [];
  const { to } = action;
  if (to.kind === 'cluster') return [to.cluster];
  return to.kind === 'weighted' ? to.clusters.map(({ cluster }) => cluster) : [];
}

/** Every cluster that a request can go to by this action, mirrors included. */
export const clustersOfAction = (action: RouteAction): string[] => [
  ...answeringClusters(action),
  ...(action.kind === 'forward' ? action.mirrors.map(({ cluster }) => cluster) : []),
];

/** The lines of a pod's routes, in no particular order; the same objects for what several pods share. */
export const rowsOfRoutes = (configurations: readonly RouteConfiguration[]): RouteRow[] =>
  configurations.flatMap(rowsOfConfiguration);

const rowsOfConfiguration = memoizeByIdentity(
  (configuration: RouteConfiguration): object => configuration[raw] ?? configuration,
  (configuration) => configuration.virtualHosts.flatMap((host) => rowsOfHost(host, configuration)),
);

function rowsOfHost(host: VirtualHost, configuration: RouteConfiguration): RouteRow[] {
  const { name: virtualHost, domains, requireTls, routes } = host;
  const place = {
    routeConfiguration: configuration.name,
    virtualHost,
    domains,
    requireTls,
    [raw]: { configuration, host },
  };
  return routes.length === 0 ? [{ ...place, route: undefined }] : routes.map((route) => ({ ...place, route }));
}

/** By route configuration, virtual host and the order in which Envoy tries the routes. */
export function compareRouteRows(a: RouteRow, b: RouteRow): number {
  return (
    compareText(a.routeConfiguration, b.routeConfiguration) ||
    compareText(a.virtualHost, b.virtualHost) ||
    (a.route?.position ?? 0) - (b.route?.position ?? 0)
  );
}

/**
 * Equal for routes that are the same in the same place: Envoy takes the first that matches, so the place belongs to it.
 */
export function routeRowKey(row: RouteRow): string {
  const { [raw]: around, route } = row;
  return around?.host[raw] === undefined ? JSON.stringify(row) : routeKey(around.configuration, around.host, route);
}

/** What the key of a row tells besides what Envoy holds. */
export const routeRowName = ({ routeConfiguration, virtualHost, route }: RouteRow): string =>
  `${routeConfiguration}\n${virtualHost}\n${route?.position}`;

/** The same of an outline; `route` is undefined for a virtual host without routes. */
export const routeKey = (configuration: RoutesOutline, host: HostOutline, route: RouteOutline | undefined): string =>
  JSON.stringify([
    configuration.name,
    route?.position,
    keyOfContent('route configuration', configuration),
    keyOfContent('virtual host', host),
    route && keyOfContent('route', route),
  ]);

/** The objects behind a route: who owns one of them has it. */
export const originsOf = ({ from, delegate }: Pick<Route, 'from' | 'delegate'>): readonly ObjectRef[] =>
  [from, delegate].flatMap((origin) => origin ?? []);

/** `VirtualService edge/root, delegate team/shop`; empty for routes that istiod made by itself. */
export function describeOrigin({ from, delegate }: Pick<Route, 'from' | 'delegate'>): string {
  if (from === undefined) return '';
  return `${describeObject(from)}${delegate === undefined ? '' : `, delegate ${delegate.namespace}/${delegate.name}`}`;
}
