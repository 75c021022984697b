// Many entries → what they have in common. One pass, bounded memory.

import type { AccessEntry, Answerer } from '#model/access-log.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';
import type { LogSummary, TopList } from '#model/log-summary.ts';
import { answererOf, isError } from './explain.ts';
import { LatencySketch } from './latency.ts';
import { parseDetails } from './response-details.ts';
import { Timeline } from './timeline.ts';
import { TopCounts } from './top-counts.ts';

const lists = ['hosts', 'paths', 'codes', 'flags', 'details', 'upstreams', 'pods', 'misdirected'] as const;
type List = (typeof lists)[number];

const none = (): Record<Answerer, number> => ({ gateway: 0, application: 0, nobody: 0, connection: 0 });

const timelineColumns = 60;

export class LogSummaries {
  #requests = 0;
  #connections = 0;
  #errors = 0;
  /** Milliseconds since the epoch. */
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  readonly #answeredBy = none();
  readonly #errorsBy = none();
  readonly #latency = new LatencySketch();
  readonly #timeline = new Timeline();
  readonly #namespaces = new Set<string>();
  readonly #counts = Object.fromEntries(lists.map((list) => [list, new TopCounts()])) as Record<List, TopCounts>;

  /** `time` is the kubelet's; empty for exported logs without one. */
  add(entry: AccessEntry, { pod, time }: { readonly pod: string; readonly time: string }): void {
    const answerer = answererOf(entry);
    const failed = isError(entry);
    if (answerer === 'connection') this.#connections++;
    else this.#requests++;
    this.#answeredBy[answerer]++;
    if (failed) {
      this.#errors++;
      this.#errorsBy[answerer]++;
    }
    // A connection lasts as long as the client likes.
    if (entry.durationMs !== undefined && answerer !== 'connection') this.#latency.add(entry.durationMs);
    this.#count(entry, pod, failed);
    this.#place(time === '' ? endOf(entry) : Date.parse(time), failed);
  }

  get totals(): { readonly errors: number; readonly of: number } {
    return { errors: this.#errors, of: this.#requests + this.#connections };
  }

  /** Namespaces of the services behind. */
  get namespaces(): ReadonlySet<string> {
    return this.#namespaces;
  }

  result(most: number): LogSummary {
    const { bucketMs, buckets } = this.#timeline.columns(timelineColumns);
    const top = Object.fromEntries(lists.map((list) => [list, listOf(this.#counts[list], most)])) as Record<List, TopList>;
    return {
      requests: this.#requests,
      connections: this.#connections,
      errors: this.#errors,
      from: isoOf(this.#from),
      to: isoOf(this.#to),
      answeredBy: this.#answeredBy,
      errorsBy: this.#errorsBy,
      latency: this.#latency.result(),
      ...top,
      timeline: { bucketMs, buckets: buckets.map(({ from, count, errors }) => ({ from: new Date(from).toISOString(), requests: count, errors })) },
    };
  }

  #count(entry: AccessEntry, pod: string, failed: boolean): void {
    const add = (list: List, value: string | undefined): void => {
      if (value !== undefined && value !== '') this.#counts[list].add(value, failed);
    };
    const host = entry.authority ?? entry.serverName;
    add('hosts', host && withoutPort(host));
    add('paths', entry.path?.replace(/[?#].*$/s, ''));
    add('codes', entry.responseCode === undefined ? undefined : String(entry.responseCode));
    for (const flag of entry.responseFlags ?? []) add('flags', flag);
    add('details', entry.responseCodeDetails && parseDetails(entry.responseCodeDetails).name);
    add('upstreams', entry.upstreamHost);
    add('pods', pod);
    const service = entry.upstreamCluster === undefined ? undefined : serviceOfFqdn(parseClusterName(entry.upstreamCluster)?.fqdn ?? '');
    if (service && !this.#namespaces.has(service.namespace)) this.#namespaces.add(service.namespace);
    if (entry.authority !== undefined && entry.serverName !== undefined && withoutPort(entry.authority.toLowerCase()) !== entry.serverName.toLowerCase()) {
      add('misdirected', `${entry.serverName} → ${withoutPort(entry.authority)}`);
    }
  }

  #place(at: number, failed: boolean): void {
    if (Number.isNaN(at)) return;
    if (at < this.#from) this.#from = at;
    if (at > this.#to) this.#to = at;
    this.#timeline.add(at, failed);
  }
}

const isoOf = (ms: number): string | undefined => (Number.isFinite(ms) ? new Date(ms).toISOString() : undefined);

const withoutPort = (host: string): string => host.replace(/:\d+$/, '');

/** A line is written when its request ends. NaN where it does not say when. */
const endOf = ({ startTime, durationMs = 0 }: AccessEntry): number => (startTime === undefined ? Number.NaN : Date.parse(startTime) + durationMs);

const listOf = (counts: TopCounts, most: number): TopList => ({
  of: counts.size,
  isApproximate: counts.isApproximate,
  top: counts.top(most).map(({ value, count, errors }) => ({ value, requests: count, errors })),
});
