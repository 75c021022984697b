// The way of a request as literals: listeners, chains, routes, clusters, small enough to read in a test.

import type { Certificate, Secret } from '#model/certificate.ts';
import type { Cluster, Endpoint } from '#model/cluster.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { Entry } from '#model/explanation.ts';
import type { DownstreamTls, FilterChain, FilterChainMatch, HttpHandler, Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { RouteConfiguration, VirtualHost } from '#model/route.ts';

const host = 'a.example.org';

export const request = (over: Partial<Request> = {}): Request => ({
  scheme: 'https',
  authority: host,
  method: 'GET',
  path: '/',
  headers: new Map(),
  sni: host,
  alpn: ['h2', 'http/1.1'],
  hasClientCertificate: false,
  ...over,
});

export const chainMatch = (over: Partial<FilterChainMatch> = {}): FilterChainMatch => ({
  serverNames: [],
  transportProtocol: undefined,
  applicationProtocols: [],
  destinationPort: undefined,
  destinationPrefixes: [],
  sourcePrefixes: [],
  directSourcePrefixes: [],
  sourcePorts: [],
  sourceType: 'any',
  ...over,
});

export const handler = (over: Partial<HttpHandler> = {}): HttpHandler => ({
  kind: 'http',
  routeConfiguration: 'https.443.https.main.svc1',
  inlineRoutes: undefined,
  httpFilters: ['envoy.filters.http.fault', 'envoy.filters.http.cors', 'envoy.filters.http.router'].map((name) => ({
    name,
    type: undefined,
    disabled: false,
    isConfigured: false,
  })),
  normalizePath: true,
  mergeSlashes: false,
  escapedSlashes: undefined,
  stripHostPort: undefined,
  stripTrailingHostDot: false,
  useRemoteAddress: true,
  accessLogs: [],
  ...over,
});

export const simpleTls: DownstreamTls = {
  mode: 'SIMPLE',
  certificates: ['kubernetes://a'],
  clientCa: undefined,
  alpn: ['h2', 'http/1.1'],
  minVersion: undefined,
  maxVersion: undefined,
};

export const chain = (over: Partial<FilterChain> = {}): FilterChain => ({
  name: undefined,
  match: chainMatch({ serverNames: [host] }),
  tls: simpleTls,
  handler: handler(),
  networkFilters: [],
  ...over,
});

export const listener = (over: Partial<Listener> = {}): Listener => ({
  name: '0.0.0.0_8443',
  state: 'active',
  lastUpdated: undefined,
  address: '0.0.0.0',
  port: 8443,
  rejected: undefined,
  filterChains: [chain()],
  defaultFilterChain: undefined,
  hasMatcherTree: false,
  listenerFilters: ['envoy.filters.listener.tls_inspector'],
  ...over,
});

export const virtualHost = (over: Partial<VirtualHost> = {}): VirtualHost => ({
  name: `${host}:443`,
  domains: [host],
  requireTls: 'none',
  routes: [],
  hasMatcherTree: false,
  ...over,
});

export const routes = (over: Partial<RouteConfiguration> = {}): RouteConfiguration => ({
  name: 'https.443.https.main.svc1',
  state: 'active',
  lastUpdated: undefined,
  rejected: undefined,
  ignorePortInHostMatching: true,
  virtualHosts: [virtualHost()],
  ...over,
});

export const clusterName = 'outbound|80||web.svc1.svc.cluster.local';

export const cluster = (over: Partial<Cluster> = {}): Cluster => ({
  name: clusterName,
  state: 'active',
  lastUpdated: undefined,
  rejected: undefined,
  type: 'EDS',
  edsServiceName: clusterName,
  lbPolicy: undefined,
  connectTimeoutMs: undefined,
  destinationRule: undefined,
  tls: { mode: 'none' },
  circuitBreakers: [],
  outlierDetection: undefined,
  panicThreshold: 0,
  inlineEndpoints: [],
  ...over,
});

export const endpoint = (over: Partial<Endpoint> = {}): Endpoint => ({
  cluster: clusterName,
  address: '10.0.0.1:80',
  health: 'HEALTHY',
  reasons: [],
  weight: 1,
  priority: 0,
  locality: '',
  successRate: undefined,
  hostname: undefined,
  stats: {},
  ...over,
});

const leaf: Certificate = {
  subject: `CN = ${host}`,
  issuer: 'CN = ca',
  commonName: host,
  serial: '01',
  dnsNames: [host],
  otherNames: [],
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2027-01-01T00:00:00Z',
  isCa: false,
  publicKey: 'EC P-256',
  signatureAlgorithm: 'ecdsa-with-SHA256',
  fingerprint: 'AB',
  subjectKeyId: undefined,
  authorityKeyId: undefined,
};

export const secret = (over: Partial<Secret> = {}): Secret => ({
  name: 'kubernetes://a',
  state: 'active',
  kind: 'certificate',
  lastUpdated: undefined,
  version: undefined,
  rejected: undefined,
  chain: [leaf],
  unreadable: undefined,
  file: undefined,
  ...over,
});

/** One HTTPS host whose only virtual host has no routes. */
export const configuration = (over: Partial<PodConfiguration> = {}): PodConfiguration => ({
  envoyVersion: '1.40.0',
  listeners: [listener()],
  routeConfigurations: [routes()],
  clusters: [cluster()],
  endpoints: [endpoint()],
  secrets: [secret()],
  ...over,
});

export const entry: Entry = { port: 443, listenerPort: 8443, by: 'service port', service: 'istio-ingressgateway' };
