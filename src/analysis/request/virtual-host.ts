// Which virtual host serves an authority. Source: envoy source/common/router/config_impl.cc findVirtualHost.

import type { RouteConfiguration, VirtualHost } from '#model/route.ts';

/** The authority as the route configuration compares it: lower case, and without port where it says so. */
export function hostForMatching(authority: string, ignorePort: boolean): string {
  const host = authority.toLowerCase();
  if (!ignorePort) return host;
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
}

export interface FoundHost {
  readonly virtualHost: VirtualHost;
  readonly domain: string;
}

export const findVirtualHost = (configuration: RouteConfiguration, authority: string): FoundHost | undefined =>
  virtualHostsFor(configuration, authority)[0];

/**
 * All whose domains are for the host. Envoy takes the first: exact, then the longest suffix wildcard, then the longest
 * prefix wildcard, then `*`.
 */
export function virtualHostsFor(configuration: RouteConfiguration, authority: string): FoundHost[] {
  const host = hostForMatching(authority, configuration.ignorePortInHostMatching);
  const domains = configuration.virtualHosts.flatMap((virtualHost) =>
    virtualHost.domains.map((domain) => ({ virtualHost, domain })),
  );
  const matching = domains.filter(({ domain }) => rankOf(domain.toLowerCase(), host) > 0);
  return matching.sort((a, b) => rankOf(b.domain.toLowerCase(), host) - rankOf(a.domain.toLowerCase(), host));
}

const step = 1_000_000;

/** 0 = does not serve the host; the higher, the sooner Envoy takes it. A wildcard never stands for nothing. */
function rankOf(domain: string, host: string): number {
  if (domain === host) return 4 * step;
  if (domain === '*') return 1;
  const isLonger = host.length >= domain.length;
  if (domain.startsWith('*')) return isLonger && host.endsWith(domain.slice(1)) ? 2 * step + domain.length : 0;
  if (domain.endsWith('*')) return isLonger && host.startsWith(domain.slice(0, -1)) ? step + domain.length : 0;
  return 0;
}
