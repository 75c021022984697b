// Route configurations, from the outside in.

import type { HeaderMatch, RouteMatch } from '#model/match.ts';
import type { ForwardAction, RedirectAction, Route, RouteConfiguration, RouteRow, VirtualHost } from '#model/route.ts';

export const routeConfiguration = (changes: Partial<RouteConfiguration> = {}): RouteConfiguration => ({
  name: 'https.443.https.svc1-main.svc1',
  state: 'active',
  lastUpdated: undefined,
  rejected: undefined,
  ignorePortInHostMatching: true,
  virtualHosts: [virtualHost()],
  ...changes,
});

export const virtualHost = (changes: Partial<VirtualHost> = {}): VirtualHost => ({
  name: 'svc1.discovery.wmnet:443',
  domains: ['svc1.discovery.wmnet'],
  requireTls: 'none',
  routes: [],
  hasMatcherTree: false,
  ...changes,
});

export const route = (changes: Partial<Route> = {}): Route => ({
  position: 1,
  name: 'default',
  match: routeMatch(),
  action: forward(),
  from: { kind: 'VirtualService', namespace: 'svc1', name: 'svc1-main' },
  ...changes,
});

export const routeMatch = (changes: Partial<RouteMatch> = {}): RouteMatch => ({
  path: { kind: 'prefix', value: '/', caseSensitive: true },
  headers: [],
  query: [],
  grpc: false,
  fraction: undefined,
  others: [],
  ...changes,
});

export const headerMatch = (changes: Partial<HeaderMatch> = {}): HeaderMatch => ({
  name: 'x-canary',
  value: { kind: 'exact', value: 'x', ignoreCase: false },
  invert: false,
  treatMissingAsEmpty: false,
  ...changes,
});

export const prefix = (value: string): RouteMatch =>
  routeMatch({ path: { kind: 'prefix', value, caseSensitive: true } });

export const forward = (changes: Partial<ForwardAction> = {}): ForwardAction => ({
  kind: 'forward',
  to: { kind: 'cluster', cluster: 'outbound|4002||svc2-tls-service.svc2.svc.cluster.local' },
  rewrite: {
    prefix: undefined,
    regex: undefined,
    template: undefined,
    host: undefined,
    autoHost: false,
    hostFromHeader: undefined,
  },
  timeoutMs: 0,
  idleTimeoutMs: undefined,
  retry: {
    on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'],
    attempts: 2,
    perTryTimeoutMs: undefined,
  },
  mirrors: [],
  cors: undefined,
  hashPolicies: 0,
  clusterNotFoundCode: 503,
  ...changes,
});

export const redirect = (changes: Partial<RedirectAction> = {}): RedirectAction => ({
  kind: 'redirect',
  code: 301,
  scheme: undefined,
  host: undefined,
  port: undefined,
  path: undefined,
  prefix: undefined,
  regex: undefined,
  stripQuery: false,
  ...changes,
});

export const routeRow = (changes: Partial<RouteRow> = {}): RouteRow => ({
  routeConfiguration: 'https.443.https.svc1-main.svc1',
  virtualHost: 'svc1.discovery.wmnet:443',
  domains: ['svc1.discovery.wmnet'],
  requireTls: 'none',
  route: route(),
  ...changes,
});
