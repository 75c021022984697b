// "SNI unknown: nearest hosts are …".

import { distance } from 'fastest-levenshtein';
import { withoutPort } from '#core/host.ts';

/** The hosts most like `host`, at most five, nearest first. */
export function nearestHosts(host: string, existing: readonly string[], most = 5): string[] {
  const wanted = withoutPort(host.toLowerCase());
  return [...new Set(existing)]
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}
