// `--for NS[/NAME]`: requests to the services of an owner, and requests for their hosts that reached no service.

import { withoutPort } from '#core/host.ts';
import { memoize } from '#core/memoize.ts';
import { serviceOfCluster } from '#model/cluster-name.ts';
import type { CompiledFormat } from './line-parser.ts';
import type { ReadValue } from './text-parser.ts';

export interface Owner {
  readonly namespace: string;
  /** All services of the namespace where it is not given. */
  readonly name: string | undefined;
  /** Domains of the virtual hosts whose routes are the owner's, as Envoy has them. */
  readonly domains: readonly string[];
}

export function ownedBy({ namespace, name, domains }: Owner): (format: CompiledFormat, read: ReadValue) => boolean {
  const serves = domainMatcher(domains);
  const ownsCluster = memoize((cluster) => {
    const service = serviceOfCluster(cluster);
    return service !== undefined && service.namespace === namespace && (name === undefined || service.name === name);
  });
  const ownsHost = memoize((host) => serves(host.toLowerCase()));
  return (format, read) => {
    const cluster = read(format.slotOf('upstreamCluster'));
    if (cluster !== undefined) return ownsCluster(String(cluster));
    const host = read(format.slotOf('authority')) ?? read(format.slotOf('serverName'));
    return host !== undefined && ownsHost(String(host));
  };
}

function domainMatcher(domains: readonly string[]): (host: string) => boolean {
  const exact = new Set(domains.map((domain) => domain.toLowerCase()));
  const suffixes = [...exact].filter((domain) => domain.startsWith('*.')).map((domain) => domain.slice(1));
  return (host) =>
    exact.has(host) || exact.has(withoutPort(host)) || suffixes.some((suffix) => withoutPort(host).endsWith(suffix));
}
