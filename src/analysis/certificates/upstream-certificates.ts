// The services that hosts lead to, and how the gateway checks their certificates.

import { findVirtualHost } from '#analysis/request/virtual-host.ts';
import type { Secret } from '#model/certificate.ts';
import type { Cluster, UpstreamTls } from '#model/cluster.ts';
import { clustersOfAction, type RouteConfiguration, type VirtualHost } from '#model/route.ts';
import type { UpstreamCertificate } from '#model/upstream-certificate.ts';
import type { ChosenChain } from './host-certificates.ts';

/** Names of the route configurations behind these places. */
export const routeConfigurationsOf = (chosen: readonly ChosenChain[]): string[] => [
  ...new Set(
    chosen.flatMap(({ chain }) => (chain?.handler.kind === 'http' ? (chain.handler.routeConfiguration ?? []) : [])),
  ),
];

/** Cluster → hosts whose routes lead there, shares and mirrors included. */
export function destinationsOf(
  chosen: readonly ChosenChain[],
  configurations: readonly RouteConfiguration[],
): Map<string, readonly string[]> {
  const byName = new Map(configurations.map((one) => [one.name, one]));
  const pairs = chosen.flatMap(({ host, chain }) => {
    const { handler } = chain ?? {};
    if (handler?.kind !== 'http') return [];
    const configuration = handler.inlineRoutes ?? byName.get(handler.routeConfiguration ?? '');
    const hosts = configuration ? virtualHostsOf(configuration, host) : [];
    return hosts.flatMap(({ routes }) =>
      routes.flatMap(({ action }) => clustersOfAction(action).map((cluster) => ({ cluster, host }))),
    );
  });
  const groups = Map.groupBy(pairs, ({ cluster }) => cluster);
  return new Map([...groups].map(([cluster, of]) => [cluster, [...new Set(of.map(({ host }) => host))].sort()]));
}

function virtualHostsOf(configuration: RouteConfiguration, host: string): readonly VirtualHost[] {
  if (host.startsWith('*')) return configuration.virtualHosts;
  const found = findVirtualHost(configuration, host);
  return found ? [found.virtualHost] : [];
}

/** SDS names of the CAs; per endpoint there may be several. */
export function caNamesOf(tls: UpstreamTls): string[] {
  if (tls.mode === 'none' || tls.mode === 'unknown') return [];
  if (tls.mode === 'per-endpoint') return [...new Set(tls.choices.flatMap((choice) => caNamesOf(choice.tls)))];
  return tls.ca === undefined ? [] : [tls.ca];
}

/** A row for each CA of each cluster, and one for a cluster that checks nothing. */
export function upstreamCertificates(
  destinations: ReadonlyMap<string, readonly string[]>,
  clusters: readonly Cluster[],
  secrets: readonly Secret[],
): UpstreamCertificate[] {
  return clusters.flatMap(({ name, tls, destinationRule }): UpstreamCertificate[] => {
    const row = { cluster: name, hosts: destinations.get(name) ?? [], tls, destinationRule };
    const names = caNamesOf(tls);
    if (names.length === 0) return [{ ...row, secret: undefined, envoySecret: undefined }];
    return names.map((secret) => ({ ...row, secret, envoySecret: secrets.find((one) => one.name === secret) }));
  });
}
