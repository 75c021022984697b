// `--for NS[/NAME]`: requests to the services of an owner, and requests for their hosts that reached no service.

import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';
import type { CompiledFormat } from './line-parser.ts';
import type { Values } from './text-parser.ts';

export interface Owner {
  readonly namespace: string;
  /** All services of the namespace where it is not given. */
  readonly name: string | undefined;
  /** Domains of the virtual hosts whose routes are the owner's, as Envoy has them. */
  readonly domains: readonly string[];
}

export function ownedBy({ namespace, name, domains }: Owner): (format: CompiledFormat, values: Values) => boolean {
  const serves = domainMatcher(domains);
  const known = new Map<string, boolean>();
  const ownsCluster = (cluster: string): boolean => {
    const service = serviceOfFqdn(parseClusterName(cluster)?.fqdn ?? '');
    return service !== undefined && service.namespace === namespace && (name === undefined || service.name === name);
  };
  const remembered = (key: string, test: () => boolean): boolean => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const is = test();
    if (known.size < 10_000) known.set(key, is);
    return is;
  };
  return (format, values) => {
    const cluster = values[format.slotOf('upstreamCluster')];
    if (cluster !== undefined) return remembered(`c ${cluster}`, () => ownsCluster(String(cluster)));
    const host = values[format.slotOf('authority')] ?? values[format.slotOf('serverName')];
    return host !== undefined && remembered(`h ${host}`, () => serves(String(host).toLowerCase()));
  };
}

function domainMatcher(domains: readonly string[]): (host: string) => boolean {
  const exact = new Set(domains.map((domain) => domain.toLowerCase()));
  const suffixes = [...exact].filter((domain) => domain.startsWith('*.')).map((domain) => domain.slice(1));
  return (host) => exact.has(host) || exact.has(host.replace(/:\d+$/, '')) || suffixes.some((suffix) => host.replace(/:\d+$/, '').endsWith(suffix));
}
