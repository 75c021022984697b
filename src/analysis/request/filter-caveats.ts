// Filters that may answer before the route does, or change what it sees. They cannot be evaluated from outside.

import type { FilterChain, HttpFilter, HttpHandler } from '#model/listener.ts';

/** By the last part of the type URL, or of the well-known name. */
const mayAnswer: Readonly<Record<string, string>> = {
  ExtAuthz: 'may refuse (401, 403) by asking an authorization service',
  JwtAuthentication: 'may refuse (401) by the token',
  RBAC: 'may refuse (403) by an AuthorizationPolicy',
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
};

export function filterCaveats(chain: FilterChain, handler: HttpHandler): string[] {
  const http = handler.httpFilters.filter(isActive).flatMap((filter) => {
    const says = mayAnswer[kindOf(filter)];
    return says === undefined ? [] : [`filter ${filter.name} ${says}`];
  });
  const network = chain.networkFilters
    .filter((name) => /rbac|ext_authz|ratelimit|wasm/.test(name))
    .map((name) => `network filter ${name} may close the connection`);
  return [...network, ...http];
}

const kindOf = (filter: HttpFilter): string =>
  filter.type === 'FilterConfig' ? filter.name : (filter.type ?? filter.name);

/** Istio puts empty fault and CORS filters into every chain; they act only where a route configures them. */
const isActive = (filter: HttpFilter): boolean =>
  !filter.disabled && (filter.isConfigured || filter.type !== 'HTTPFault');
