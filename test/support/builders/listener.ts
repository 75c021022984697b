// Listeners, from the outside in.

import { type AccessCondition, type AccessPolicies, accessRules } from '#model/access-rule.ts';
import type {
  DownstreamTls,
  FilterChain,
  FilterChainMatch,
  HttpFilter,
  HttpHandler,
  Listener,
} from '#model/listener.ts';

export const listener = (changes: Partial<Listener> = {}): Listener => ({
  name: '0.0.0.0_8443',
  state: 'active',
  lastUpdated: '2026-11-23T12:06:22.313Z',
  address: '0.0.0.0',
  additionalAddresses: [],
  port: 8443,
  rejected: undefined,
  filterChains: [filterChain()],
  defaultFilterChain: undefined,
  hasMatcherTree: false,
  listenerFilters: ['envoy.filters.listener.tls_inspector'],
  ...changes,
});

export const filterChain = (changes: Partial<FilterChain> = {}): FilterChain => ({
  name: undefined,
  match: chainMatch({ serverNames: ['svc1.discovery.wmnet'] }),
  tls: downstreamTls(),
  handler: httpHandler(),
  networkFilters: [],
  ...changes,
});

export const chainMatch = (changes: Partial<FilterChainMatch> = {}): FilterChainMatch => ({
  serverNames: [],
  transportProtocol: undefined,
  applicationProtocols: [],
  destinationPort: undefined,
  destinationPrefixes: [],
  sourcePrefixes: [],
  directSourcePrefixes: [],
  sourcePorts: [],
  sourceType: 'any',
  ...changes,
});

export const downstreamTls = (changes: Partial<DownstreamTls> = {}): DownstreamTls => ({
  mode: 'SIMPLE',
  certificates: ['kubernetes://svc1-tls-certificate'],
  clientCa: undefined,
  alpn: ['h2', 'http/1.1'],
  minVersion: undefined,
  maxVersion: undefined,
  ...changes,
});

export const httpHandler = (changes: Partial<HttpHandler> = {}): HttpHandler => ({
  kind: 'http',
  routeConfiguration: 'https.443.https.svc1-main.svc1',
  inlineRoutes: undefined,
  httpFilters: [
    { name: 'envoy.filters.http.fault', type: 'HTTPFault', disabled: true, isConfigured: false },
    { name: 'envoy.filters.http.router', type: 'Router', disabled: false, isConfigured: false },
  ],
  normalizePath: true,
  mergeSlashes: false,
  escapedSlashes: undefined,
  stripHostPort: undefined,
  stripTrailingHostDot: false,
  useRemoteAddress: true,
  accessLogs: [],
  ...changes,
});

export const tcpChain = (serverName: string, ...clusters: readonly string[]): FilterChain =>
  filterChain({
    match: chainMatch({ serverNames: [serverName] }),
    tls: undefined,
    handler: { kind: 'tcp', clusters: clusters.map((cluster) => ({ cluster, weight: 1 })), accessLogs: [] },
  });

/** AuthorizationPolicies of istio-system, each with what its rules ask for. */
export const policies = (
  action: string,
  rules: Readonly<Record<string, readonly AccessCondition[]>>,
): AccessPolicies => ({
  action,
  names: Object.keys(rules).map((name) => `istio-system/${name}`),
  [accessRules]: Object.entries(rules).flatMap(([name, all]) =>
    all.map((when, index) => ({
      policy: { kind: 'AuthorizationPolicy', namespace: 'istio-system', name },
      index,
      isWithoutProvider: false,
      when,
    })),
  ),
});

export const rbac = (of: AccessPolicies): HttpFilter => ({
  name: 'rbac',
  type: 'RBAC',
  disabled: false,
  isConfigured: true,
  policies: of,
});
