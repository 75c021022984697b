// Requests of one interval, by a key, in bounded memory.

import { withoutPort } from '#core/host.ts';
import { copied } from '#core/memoize.ts';
import type { AccessEntry } from '#model/access-log.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';
import type { TopKey, TopRow } from '#model/top.ts';
import { answererOf, isError } from './failure.ts';
import { LatencySketch } from './latency.ts';

interface Counted {
  requests: number;
  errors: number;
  readonly latency: LatencySketch;
}

const none = (): Counted => ({ requests: 0, errors: 0, latency: new LatencySketch() });

/** Keys beyond this number are counted together. */
const mostKeys = 5_000;
const others = '(others)';

export class TopWindow {
  readonly #counts = new Map<string, Counted>();
  readonly #total = none();

  add(key: string, entry: AccessEntry): void {
    for (const counted of [this.#countedFor(key), this.#total]) {
      counted.requests++;
      if (isError(entry)) counted.errors++;
      // A connection lasts as long as the client likes.
      if (entry.durationMs !== undefined && answererOf(entry) !== 'connection') counted.latency.add(entry.durationMs);
    }
  }

  total(intervalMs: number): TopRow {
    return rowOf('', this.#total, intervalMs);
  }

  /** The busiest first. */
  rows(intervalMs: number): TopRow[] {
    const rows = [...this.#counts].map(([key, counted]) => rowOf(key, counted, intervalMs));
    return rows.sort((a, b) => b.requests - a.requests || (a.key < b.key ? -1 : 1));
  }

  #countedFor(key: string): Counted {
    const known = this.#counts.get(key);
    if (known) return known;
    if (this.#counts.size >= mostKeys && key !== others) return this.#countedFor(others);
    const made = none();
    this.#counts.set(copied(key), made);
    return made;
  }
}

const rowOf = (key: string, { requests, errors, latency }: Counted, intervalMs: number): TopRow => ({
  key,
  requests,
  errors,
  perSecond: Math.round((requests / intervalMs) * 1_000_000) / 1000,
  latency: latency.result(),
});

/** `routeOf`: the VirtualService's route of a request, where that is asked for. */
export function topKeyReader(
  by: TopKey,
  routeOf: (entry: AccessEntry) => string | undefined,
): (entry: AccessEntry, pod: string) => string {
  switch (by) {
    case 'host':
      return ({ authority, serverName }) => withoutPort(authority ?? serverName ?? '-');
    case 'route':
      return (entry) => routeOf(entry) ?? entry.routeName ?? '-';
    case 'pod':
      return (_entry, pod) => pod;
    case 'upstream':
      return ({ upstreamCluster, upstreamHost }) =>
        upstreamCluster === undefined ? (upstreamHost ?? '-') : serviceName(upstreamCluster);
    case 'code':
      return ({ responseCode }) => String(responseCode ?? '-');
  }
}

function serviceName(cluster: string): string {
  const fqdn = parseClusterName(cluster)?.fqdn;
  const service = fqdn === undefined ? undefined : serviceOfFqdn(fqdn);
  return service ? `${service.namespace}/${service.name}` : (fqdn ?? cluster);
}
