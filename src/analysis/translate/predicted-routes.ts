// The routes that pods would hold: those of now, with the translation of each host that changes in its place. What no
// change touches stays as it is served: this tool need not be able to translate it.

import { hostOfDomain } from '#core/host.ts';
import { raw } from '#model/content.ts';
import type { RouteConfiguration, VirtualHost } from '#model/route.ts';
import type { TranslatedHost } from './route-configurations.ts';
import { hostKey, hostsOf, type Translation } from './translate.ts';

/** `changed`: of `hostKey`. */
export function predictedRoutes(
  served: readonly RouteConfiguration[],
  after: Translation,
  changed: ReadonlySet<string>,
): RouteConfiguration[] {
  const hosts = hostsOf(after);
  const wanted = after.configurations.map(({ name }) => name);
  const known = new Set(served.map(({ name }) => name));
  const touched = new Set([...changed].map((key) => key.slice(0, key.indexOf(' '))));
  const news = wanted.filter((name) => !known.has(name)).map(emptyConfiguration);
  return [...served, ...news]
    .filter(({ name }) => !touched.has(name) || wanted.includes(name))
    .map((one) => (touched.has(one.name) ? withHosts(one, changed, hosts) : one));
}

const emptyConfiguration = (name: string): RouteConfiguration => ({
  name,
  state: 'active',
  lastUpdated: undefined,
  rejected: undefined,
  ignorePortInHostMatching: true,
  virtualHosts: [],
});

function withHosts(
  { [raw]: _, ...configuration }: RouteConfiguration,
  changed: ReadonlySet<string>,
  hosts: ReadonlyMap<string, TranslatedHost>,
): RouteConfiguration {
  const { name } = configuration;
  const isChanged = (domain: string): boolean =>
    changed.has(hostKey({ routeConfiguration: name, host: hostOfDomain(domain) }));
  const kept = configuration.virtualHosts.flatMap((virtualHost) => withoutDomains(virtualHost, isChanged));
  const made = [...hosts.values()].filter((host) => host.routeConfiguration === name && changed.has(hostKey(host)));
  const virtualHosts = [...kept.filter((one) => made.length === 0 || !isBlackhole(one)), ...made.map(virtualHostOf)];
  return { ...configuration, virtualHosts };
}

function withoutDomains(virtualHost: VirtualHost, isChanged: (domain: string) => boolean): VirtualHost[] {
  const domains = virtualHost.domains.filter((domain) => !isChanged(domain));
  if (domains.length === virtualHost.domains.length) return [virtualHost];
  const { [raw]: _, ...rest } = virtualHost;
  return domains.length === 0 ? [] : [{ ...rest, domains }];
}

/** What istiod gives a route configuration without hosts. */
const isBlackhole = ({ name }: VirtualHost): boolean => name.startsWith('blackhole:');

const virtualHostOf = ({ host, requireTls, routes, servers }: TranslatedHost): VirtualHost => ({
  name: `${host}:${servers[0]?.port ?? 0}`,
  domains: [host],
  requireTls,
  routes: routes.map(({ route }) => route),
  hasMatcherTree: false,
});
