// Small listeners, clusters and endpoints for tests; what a test is about is given, the rest is as Istio has it.

import type { Cluster, Endpoint, UpstreamTls } from '#model/cluster.ts';
import type { DownstreamTls, FilterChain, FilterChainMatch, HttpHandler, Listener } from '#model/listener.ts';

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

export const filterChain = (changes: Partial<FilterChain> = {}): FilterChain => ({
  name: undefined,
  match: chainMatch({ serverNames: ['svc1.discovery.wmnet'] }),
  tls: downstreamTls(),
  handler: httpHandler(),
  networkFilters: [],
  ...changes,
});

export const listener = (changes: Partial<Listener> = {}): Listener => ({
  name: '0.0.0.0_8443',
  state: 'active',
  lastUpdated: '2026-11-23T12:06:22.313Z',
  address: '0.0.0.0',
  port: 8443,
  rejected: undefined,
  filterChains: [filterChain()],
  defaultFilterChain: undefined,
  hasMatcherTree: false,
  listenerFilters: ['envoy.filters.listener.tls_inspector'],
  ...changes,
});

export const tcpChain = (serverName: string, ...clusters: readonly string[]): FilterChain =>
  filterChain({
    match: chainMatch({ serverNames: [serverName] }),
    tls: undefined,
    handler: { kind: 'tcp', clusters: clusters.map((cluster) => ({ cluster, weight: 1 })), accessLogs: [] },
  });

export const upstreamTls = (changes: Partial<Extract<UpstreamTls, { readonly mode: 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL' }>> = {}): UpstreamTls => ({
  mode: 'SIMPLE',
  sni: undefined,
  autoSni: true,
  subjectAltNames: [],
  ca: 'file-root:/etc/ssl/certs/ca-certificates.crt',
  isVerified: true,
  ...changes,
});

export const cluster = (changes: Partial<Cluster> = {}): Cluster => {
  const name = changes.name ?? 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local';
  return {
    name,
    state: 'active',
    lastUpdated: '2026-11-23T12:06:22.313Z',
    rejected: undefined,
    type: 'EDS',
    edsServiceName: name,
    lbPolicy: 'LEAST_REQUEST',
    connectTimeoutMs: 10_000,
    destinationRule: { kind: 'DestinationRule', namespace: 'svc1', name: 'svc1-main' },
    tls: upstreamTls(),
    circuitBreakers: [{ priority: 'DEFAULT', maxConnections: 1000, maxPendingRequests: 4_294_967_295, maxRequests: 4_294_967_295, maxRetries: 4_294_967_295 }],
    outlierDetection: undefined,
    panicThreshold: 0,
    inlineEndpoints: [],
    ...changes,
  };
};

export const endpoint = (changes: Partial<Endpoint> = {}): Endpoint => ({
  cluster: 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local',
  address: '10.64.0.4:4000',
  health: 'HEALTHY',
  reasons: [],
  weight: 1,
  priority: 0,
  locality: '',
  successRate: undefined,
  hostname: undefined,
  stats: {},
  ...changes,
});
