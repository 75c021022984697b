// Listeners as Envoy holds them: address → filter chains, chosen by what the connection brings.
// Source: envoy/config/listener/v3/{listener,listener_components}.proto,
// envoy/extensions/filters/network/{http_connection_manager,tcp_proxy}/v3.

import type { AccessPolicies } from './access-rule.ts';
import type { FromEnvoy } from './content.ts';
import type { Rejection, ResourceState } from './resource.ts';
import type { Fault, RouteConfiguration, Upgrade, WeightedCluster } from './route.ts';

export interface Listener extends FromEnvoy {
  /** `0.0.0.0_8443`; unnamed static listeners get their address. */
  readonly name: string;
  readonly state: ResourceState;
  readonly lastUpdated: string | undefined;
  readonly address: string;
  readonly port: number;
  /** QUIC, and so HTTP/3: a port of its own beside the TCP port of the same number. Absent: TCP. */
  readonly transport?: 'UDP' | undefined;
  /** Its `::`, also an additional one, takes IPv4 too. Absent: Envoy sets IPV6_V6ONLY. */
  readonly ipv4Compat?: true | undefined;
  /** More places where it listens, `[::]:8443`: gateways with IPv4 and IPv6 have them. */
  readonly additionalAddresses: readonly string[];
  readonly rejected: Rejection | undefined;
  readonly filterChains: readonly FilterChain[];
  readonly defaultFilterChain: FilterChain | undefined;
  /** A `filter_chain_matcher` tree replaces the matches of the chains; this tool shows it and does not evaluate it. */
  readonly hasMatcherTree: boolean;
  /** Fields that may change the answer and that this tool does not evaluate; absent: none. */
  readonly unevaluated?: readonly string[] | undefined;
  /** Listener filters by name: without `tls_inspector` there is no SNI to choose by. */
  readonly listenerFilters: readonly string[];
  /** A filter reads a PROXY header where there is one, and asks for none; absent: it asks for one. */
  readonly takesWithoutProxyHeader?: true | undefined;
}

export interface FilterChain extends FromEnvoy {
  readonly name: string | undefined;
  readonly match: FilterChainMatch;
  readonly tls: DownstreamTls | undefined;
  readonly handler: Handler;
  /** Network filters before the handler, by name (RBAC, ext_authz…). */
  readonly networkFilters: readonly string[];
  /** Of connections that are no HTTP to the gateway: what RBAC lets through; absent: everything. */
  readonly policies?: readonly AccessPolicies[];
  /** Fields that may change the answer and that this tool does not evaluate, also of the handler; absent: none. */
  readonly unevaluated?: readonly string[] | undefined;
}

export interface FilterChainMatch {
  /** Lower case; empty: any name, also none. */
  readonly serverNames: readonly string[];
  readonly transportProtocol: string | undefined;
  readonly applicationProtocols: readonly string[];
  readonly destinationPort: number | undefined;
  /** CIDR notation. */
  readonly destinationPrefixes: readonly string[];
  readonly sourcePrefixes: readonly string[];
  readonly directSourcePrefixes: readonly string[];
  readonly sourcePorts: readonly number[];
  readonly sourceType: 'any' | 'same-ip-or-loopback' | 'external';
}

export interface DownstreamTls {
  /** Istio's words: SIMPLE, MUTUAL (a client certificate is required), OPTIONAL_MUTUAL. */
  readonly mode: 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL';
  /** SDS names or, for certificates that stand in the listener itself, `inline`. */
  readonly certificates: readonly string[];
  /** SDS name of the CA that client certificates are checked with. */
  readonly clientCa: string | undefined;
  readonly alpn: readonly string[];
  readonly minVersion: string | undefined;
  readonly maxVersion: string | undefined;
}

export type Handler =
  | HttpHandler
  /** TCP and TLS passthrough. */
  | { readonly kind: 'tcp'; readonly clusters: readonly WeightedCluster[]; readonly accessLogs: readonly unknown[] }
  | { readonly kind: 'unknown'; readonly type: string };

export interface HttpHandler {
  readonly kind: 'http';
  /** Name of the route configuration that RDS delivers; undefined where it stands inline or is scoped. */
  readonly routeConfiguration: string | undefined;
  readonly inlineRoutes: RouteConfiguration | undefined;
  readonly httpFilters: readonly HttpFilter[];
  /** What the fault filters do where no route says otherwise; absent: nothing. */
  readonly faults?: readonly Fault[] | undefined;
  readonly normalizePath: boolean;
  readonly mergeSlashes: boolean;
  /** `KEEP_UNCHANGED`, `REJECT_REQUEST`, `UNESCAPE_AND_REDIRECT`, `UNESCAPE_AND_FORWARD`. */
  readonly escapedSlashes: string | undefined;
  /** `strip_any_host_port`, `strip_matching_host_port`, or neither. */
  readonly stripHostPort: 'any' | 'matching' | undefined;
  readonly stripTrailingHostDot: boolean;
  readonly useRemoteAddress: boolean;
  /** What else the connection manager does to the headers of a request; absent where it is Envoy's default. */
  readonly headerRules?: HeaderRules | undefined;
  /** Raw `access_log` entries, for `accesslog/`. */
  readonly accessLogs: readonly unknown[];
  /** Absent where they are not known. No part of documents, as Istio writes the same into all. */
  readonly [upgrades]?: readonly HandlerUpgrade[] | undefined;
}

export const upgrades = Symbol('upgrades');

export interface HandlerUpgrade extends Upgrade {
  /** Absent: those of all requests. */
  readonly filters?: Pick<HttpHandler, 'httpFilters' | 'faults'>;
}

/** All, in Envoy's order: the one for connections that no other takes is the last. */
export const filterChainsOf = ({
  filterChains,
  defaultFilterChain,
}: Pick<Listener, 'filterChains' | 'defaultFilterChain'>): readonly FilterChain[] =>
  defaultFilterChain ? [...filterChains, defaultFilterChain] : filterChains;

/** Those that stand inline, or have the handler's name among `all`; undefined where they are not loaded, or scoped. */
export const routesBehind = (
  { inlineRoutes, routeConfiguration }: Pick<HttpHandler, 'inlineRoutes' | 'routeConfiguration'>,
  all: readonly RouteConfiguration[],
): RouteConfiguration | undefined => inlineRoutes ?? all.find(({ name }) => name === routeConfiguration);

/** Absent: Envoy's default. */
export interface HeaderRules {
  /** `xff_num_trusted_hops`: proxies in front whose X-Forwarded-Proto is believed. */
  readonly trustedHops?: number;
  readonly skipsXffAppend?: boolean;
  readonly appendsXForwardedPort?: boolean;
  /** `scheme_to_overwrite`. */
  readonly scheme?: string;
  /** False: X-Request-Id stays as the client sent it. */
  readonly generatesRequestId?: boolean;
  readonly preservesRequestId?: boolean;
  readonly underscores?: 'REJECT_REQUEST' | 'DROP_HEADER';
  /** `FORWARD_ONLY`, `APPEND_FORWARD`, `SANITIZE_SET`, `ALWAYS_FORWARD_ONLY`. */
  readonly clientCertificateHeader?: string;
  readonly setsUserAgent?: boolean;
  readonly via?: string;
}

export interface HttpFilter {
  readonly name: string;
  /** The type URL's last part, e.g. `HTTPFault`, `Router`; tells what a filter with a free name is. */
  readonly type: string | undefined;
  readonly disabled: boolean;
  /**
   * The filter has a configuration of its own at this place (an empty one, as Istio's fault and CORS filters have, does
   * nothing).
   */
  readonly isConfigured: boolean;
  /** Of the global rate limit: the filter asks for what routes limit at this stage; absent: for nothing. */
  readonly limitStage?: number;
  /** What istiod has made of AuthorizationPolicies. */
  readonly policies?: AccessPolicies;
}
