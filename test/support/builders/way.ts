// The way of a request: one HTTPS host, whose only virtual host has no routes yet, and a service for them.

import type { Cluster, Endpoint } from '#model/cluster.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { Entry } from '#model/explanation.ts';
import type { DownstreamTls, FilterChain, HttpHandler, Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { ForwardAction, Route, RouteConfiguration, VirtualHost } from '#model/route.ts';
import * as certificates from './certificate.ts';
import * as clusters from './cluster.ts';
import * as listeners from './listener.ts';
import * as routes from './route.ts';

const host = 'a.example.org';
const routeConfigurationName = 'https.443.https.main.svc1';
export const clusterName = 'outbound|80||web.svc1.svc.cluster.local';

export const entry: Entry = { port: 443, listenerPort: 8443, by: 'service port', service: 'istio-ingressgateway' };

export const request = (changes: Partial<Request> = {}): Request => ({
  scheme: 'https',
  authority: host,
  method: 'GET',
  path: '/',
  headers: new Map(),
  sni: host,
  alpn: ['h2', 'http/1.1'],
  hasClientCertificate: false,
  ...changes,
});

export const listener = (changes: Partial<Listener> = {}): Listener =>
  listeners.listener({ filterChains: [chain()], ...changes });

export const chain = (changes: Partial<FilterChain> = {}): FilterChain =>
  listeners.filterChain({
    match: listeners.chainMatch({ serverNames: [host] }),
    tls: simpleTls,
    handler: handler(),
    ...changes,
  });

export const simpleTls: DownstreamTls = listeners.downstreamTls({ certificates: ['kubernetes://a'] });

/** With the filters that act on a request: fault injection and CORS. */
export const handler = (changes: Partial<HttpHandler> = {}): HttpHandler =>
  listeners.httpHandler({
    routeConfiguration: routeConfigurationName,
    httpFilters: ['fault', 'cors', 'router'].map((name) => ({
      name: `envoy.filters.http.${name}`,
      type: undefined,
      disabled: false,
      isConfigured: false,
    })),
    ...changes,
  });

export const secret: typeof certificates.secret = (changes = {}) =>
  certificates.secret({ name: 'kubernetes://a', chain: [leaf], ...changes });
const leaf = certificates.certificate({
  subject: `CN = ${host}`,
  issuer: 'CN = ca',
  commonName: host,
  serial: '01',
  dnsNames: [host],
  notAfter: '2027-01-01T00:00:00Z',
});

export const routeConfiguration = (changes: Partial<RouteConfiguration> = {}): RouteConfiguration =>
  routes.routeConfiguration({ name: routeConfigurationName, virtualHosts: [virtualHost()], ...changes });

export const virtualHost = (changes: Partial<VirtualHost> = {}): VirtualHost =>
  routes.virtualHost({ name: `${host}:443`, domains: [host], ...changes });

/** Of no VirtualService, and without a name. */
export const route = (changes: Partial<Route> = {}): Route =>
  routes.route({ name: '', action: forward(), from: undefined, ...changes });

export const forward = (changes: Partial<ForwardAction> = {}): ForwardAction =>
  routes.forward({ to: { kind: 'cluster', cluster: clusterName }, timeoutMs: undefined, retry: undefined, ...changes });

export const cluster = (changes: Partial<Cluster> = {}): Cluster =>
  clusters.cluster({ name: clusterName, destinationRule: undefined, tls: { mode: 'none' }, ...changes });

export const endpoint = (changes: Partial<Endpoint> = {}): Endpoint =>
  clusters.endpoint({ cluster: clusterName, address: '10.0.0.1:80', ...changes });

export const configuration = (changes: Partial<PodConfiguration> = {}): PodConfiguration => ({
  envoyVersion: '1.40.0',
  listeners: [listener()],
  routeConfigurations: [routeConfiguration()],
  clusters: [cluster()],
  endpoints: [endpoint()],
  secrets: [secret()],
  ...changes,
});

/** What the virtual host has for routes. */
export const routedBy = (...of: readonly Route[]): Partial<PodConfiguration> => ({
  routeConfigurations: [routeConfiguration({ virtualHosts: [virtualHost({ routes: of })] })],
});
