// Hosts of routes that lie deeper below a server's wildcard than its certificate reaches: in Envoy's server names it
// stands for any number of labels, in a certificate for one. Source: envoy
// source/common/listener_manager/filter_chain_manager_impl.cc findFilterChainForServerName; RFC 6125 §6.4.3.

import { hostOfDomain } from '#core/host.ts';
import { coversHost } from '#model/certificate.ts';
import type { HostCertificate } from '#model/host-certificate.ts';
import { routesBehind } from '#model/listener.ts';
import type { RouteConfiguration } from '#model/route.ts';
import type { ChosenChain, Place } from './host-certificates.ts';

/** Of the routes behind these chains; none that has a chain of its own. */
export function deeperHosts(chosen: readonly ChosenChain[], routes: readonly RouteConfiguration[]): Place[] {
  const known = new Set(chosen.map(keyOf));
  const deeper = chosen.flatMap((choice): Place[] => {
    const { host: wildcard, port, address, chain } = choice;
    const isWildcard = wildcard.startsWith('*.') && chain?.tls !== undefined;
    const behind = isWildcard && chain.handler.kind === 'http' ? routesBehind(chain.handler, routes) : undefined;
    return (behind?.virtualHosts ?? [])
      .flatMap(({ domains }) => domains.map(hostOfDomain))
      .filter((host) => host.endsWith(wildcard.slice(1)) && !coversHost(wildcard, host))
      .map((host) => ({ host, port, ...(address === undefined ? {} : { address }) }));
  });
  return [...new Map(deeper.map((place) => [keyOf(place), place])).values()].filter(
    (place) => !known.has(keyOf(place)),
  );
}

const keyOf = ({ host, port, address = '' }: Place): string => `${host}:${port} ${address}`;

/** Whether clients of the host refuse the certificate that they get. */
export function isUncovered({ host, envoySecret }: HostCertificate): boolean {
  const [leaf] = envoySecret?.chain ?? [];
  if (leaf === undefined || host === undefined) return false;
  return ![...leaf.dnsNames, ...leaf.otherNames].some((pattern) => coversHost(pattern, host));
}
