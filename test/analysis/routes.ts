// Routes as literals.

import type { RouteMatch } from '#model/match.ts';
import type { ForwardAction, RedirectAction, Route } from '#model/route.ts';
import { clusterName } from './way.ts';

export const routeMatch = (over: Partial<RouteMatch> = {}): RouteMatch => ({
  path: { kind: 'prefix', value: '/', caseSensitive: true },
  headers: [],
  query: [],
  grpc: false,
  fraction: undefined,
  others: [],
  ...over,
});

export const forward = (over: Partial<ForwardAction> = {}): ForwardAction => ({
  kind: 'forward',
  to: { kind: 'cluster', cluster: clusterName },
  rewrite: { prefix: undefined, regex: undefined, template: undefined, host: undefined, autoHost: false, hostFromHeader: undefined },
  timeoutMs: undefined,
  idleTimeoutMs: undefined,
  retry: undefined,
  mirrors: [],
  cors: undefined,
  hashPolicies: 0,
  clusterNotFoundCode: 503,
  ...over,
});

export const redirect = (over: Partial<RedirectAction> = {}): RedirectAction => ({
  kind: 'redirect',
  code: 301,
  scheme: undefined,
  host: undefined,
  port: undefined,
  path: undefined,
  prefix: undefined,
  regex: undefined,
  stripQuery: false,
  ...over,
});

export const route = (over: Partial<Route> = {}): Route => ({ position: 1, name: '', match: routeMatch(), action: forward(), from: undefined, ...over });
