// The hosts whose routes are not the same on every pod.

import { compareText } from '#core/compare.ts';
import { hostOfDomain } from '#core/host.ts';
import type { VirtualHost } from '#model/route.ts';
import type { Configuration } from './facts.ts';

/** Lower case, as the virtual hosts name them, sorted. Empty where all pods have the same routes. */
export function differingHosts(configurations: readonly Pick<Configuration, 'routes'>[]): string[] {
  const served = configurations.map(({ routes }) =>
    contentsByDomain(routes.flatMap(({ virtualHosts }) => virtualHosts).filter(serves)),
  );
  const domains = new Set(served.flatMap((one) => [...one.keys()]));
  const differs = (domain: string): boolean => new Set(served.map((one) => one.get(domain))).size > 1;
  return [...domains].filter(differs).sort();
}

/** istiod's `blackhole` virtual hosts take every other name of a Gateway and have no route. */
const serves = ({ routes, requireTls }: VirtualHost): boolean => routes.length > 0 || requireTls !== 'none';

/** A host can have a virtual host on each port; in which order a dump has them says nothing. */
function contentsByDomain(virtualHosts: readonly VirtualHost[]): ReadonlyMap<string, string> {
  const written = virtualHosts.map((virtualHost) => [virtualHost, JSON.stringify(virtualHost)] as const);
  const contents = new Map<string, string>();
  for (const [{ domains }, content] of written.toSorted(([, a], [, b]) => compareText(a, b))) {
    for (const domain of new Set(domains.map(hostOfDomain)))
      contents.set(domain, `${contents.get(domain) ?? ''}${content}`);
  }
  return contents;
}
