// Many entries → what they have in common. One pass, bounded memory.

import { withoutPort } from '#core/host.ts';
import { memoize } from '#core/memoize.ts';
import { type AccessEntry, type AccessField, type Answerer, isOfWhole } from '#model/access-log.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';
import type { Answerers, ErrorVerdict, LogSummary, TopList } from '#model/log-summary.ts';
import type { Block, Ranges } from './byte-table.ts';
import { errorVerdict, type Span, type Worst } from './error-verdict.ts';
import { answererOf, tellsWho, type Verdict, verdictOf } from './failure.ts';
import { LatencySketch } from './latency.ts';
import { isOwnConnection } from './own-connection.ts';
import { parseDetails } from './response-details.ts';
import { Timeline } from './timeline.ts';
import { TopCounts } from './top-counts.ts';

const lists = [
  'hosts',
  'paths',
  'codes',
  'flags',
  'details',
  'services',
  'upstreams',
  'userAgents',
  'pods',
  'misdirected',
] as const;
type List = (typeof lists)[number];

/** Lists of what entries of one kind do not have in common. */
const ofEach: ReadonlySet<List> = new Set(['paths', 'upstreams', 'userAgents', 'pods']);

const none = (): Record<Answerer, number> => ({ gateway: 0, application: 0, nobody: 0, connection: 0 });

/** The fields that a summary reads. */
export const summaryFields = [
  'startTime',
  'method',
  'path',
  'responseCode',
  'responseFlags',
  'responseCodeDetails',
  'durationMs',
  'authority',
  'serverName',
  'upstreamHost',
  'upstreamCluster',
  'userAgent',
  'grpcStatus',
  'logType',
] as const satisfies readonly AccessField[];

export type SummarisedEntry = Pick<AccessEntry, (typeof summaryFields)[number]>;

/** What a summary makes of entries that differ in path, client, endpoint, time and duration alone. */
export interface EntryKind {
  readonly answerer: Answerer;
  readonly verdict: Verdict;
  readonly responseFlags: readonly string[] | undefined;
  /** Their values, by the numbers that these have. */
  readonly counted: readonly { readonly counts: TopCounts; readonly number: number }[];
}

/** The rest of an entry: its texts as they stand in a block, empty where they are not set. */
export interface EntryRest {
  readonly block: Block;
  /** Start and end of each. */
  readonly path: Ranges;
  readonly userAgent: Ranges;
  readonly upstreamHost: Ranges;
  readonly durationMs: number | undefined;
  /** Milliseconds since the epoch; NaN where the line does not say when it ended. */
  readonly endedAt: number;
}

const timelineColumns = 60;
/** Milliseconds: the last Date of ECMAScript. A nonsensical duration leads beyond it. */
const latestDate = 8.64e15;

function withoutQuery(path: string): string {
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}

/** A line is written when its request ends. NaN where it does not say when. */
const endOf = ({ startTime, durationMs = 0 }: SummarisedEntry): number =>
  startTime === undefined ? Number.NaN : Date.parse(startTime) + durationMs;

const judged = (entry: SummarisedEntry): Omit<EntryKind, 'counted'> => ({
  answerer: answererOf(entry),
  verdict: verdictOf(entry),
  responseFlags: entry.responseFlags,
});

export class LogSummaries {
  #requests = 0;
  #connections = 0;
  #errors = 0;
  #refused = 0;
  #own = 0;
  #partial = 0;
  #tellsWho = false;
  /** Milliseconds since the epoch. */
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  readonly #answeredBy = none();
  readonly #errorsBy = none();
  readonly #latency = new LatencySketch();
  readonly #timeline = new Timeline();
  readonly #namespaces = new Set<string>();
  readonly #hostOf = memoize(withoutPort);
  readonly #detailOf = memoize(detailName);
  readonly #serviceOf = memoize(serviceIn);
  /** Durations of the errors, by flag. */
  readonly #durations = new Map<string, { count: number; min: number; max: number; sum: number }>();
  readonly #counts = Object.fromEntries(lists.map((list) => [list, new TopCounts()])) as Record<List, TopCounts>;
  #forgotten = 0;

  /** `time` is the kubelet's; empty for exported logs without one. */
  add(entry: SummarisedEntry, { pod, time }: { readonly pod: string; readonly time: string }): void {
    if (isOwnConnection(entry)) {
      this.#own++;
      return;
    }
    if (!isOfWhole(entry)) {
      this.#partial++;
      return;
    }
    this.#tellsWho ||= tellsWho(entry);
    const kind = judged(entry);
    this.#tally(kind, entry.durationMs, time === '' ? endOf(entry) : Date.parse(time));
    this.#count(entry, pod, kind.verdict === 'error');
    this.#forgotten = lists.reduce((sum, list) => (ofEach.has(list) ? sum : sum + this.#counts[list].forgotten), 0);
  }

  /** Changes when kinds are no longer what they were. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Of an entry that was added; undefined where others of its kind have to be added one by one. */
  kindOf(entry: SummarisedEntry): EntryKind | undefined {
    const counted = this.#namesOf(entry).flatMap(([list, name]) =>
      name === undefined || name === ''
        ? []
        : [{ counts: this.#counts[list], number: this.#counts[list].numberOf(name) }],
    );
    const isForgotten = counted.some(({ number }) => number === -1);
    return isForgotten || isOwnConnection(entry) || !isOfWhole(entry) ? undefined : { ...judged(entry), counted };
  }

  /** Adds an entry of a kind, which was not sent by this tool. */
  addOfKind(kind: EntryKind, { block, path, userAgent, upstreamHost, durationMs, endedAt }: EntryRest): void {
    const failed = kind.verdict === 'error';
    this.#tally(kind, durationMs, endedAt);
    for (const { counts, number } of kind.counted) counts.addAgain(number, failed);
    this.#addBytes('paths', block, path, failed);
    this.#addBytes('userAgents', block, userAgent, failed);
    this.#addBytes('upstreams', block, upstreamHost, failed);
  }

  #addBytes(list: List, block: Block, range: Ranges, failed: boolean): void {
    if (range[0] !== range[1]) this.#counts[list].addBytes(block, range, failed);
  }

  #tally(
    { answerer, verdict, responseFlags }: Omit<EntryKind, 'counted'>,
    durationMs: number | undefined,
    endedAt: number,
  ): void {
    const failed = verdict === 'error';
    if (verdict === 'refused') this.#refused++;
    if (answerer === 'connection') this.#connections++;
    else this.#requests++;
    this.#answeredBy[answerer]++;
    if (failed) {
      this.#errors++;
      this.#errorsBy[answerer]++;
      this.#time(durationMs, responseFlags);
    }
    // A connection lasts as long as the client likes.
    if (durationMs !== undefined && answerer !== 'connection') this.#latency.add(durationMs);
    this.#place(endedAt, failed);
  }

  get totals(): { readonly errors: number; readonly of: number } {
    return { errors: this.#errors, of: this.#requests + this.#connections };
  }

  /** Namespaces of the services behind. */
  get namespaces(): ReadonlySet<string> {
    return this.#namespaces;
  }

  /** `most`: length of the lists; `columns`: of the timeline. */
  result(most: number, columns = timelineColumns): LogSummary {
    const { bucketMs, buckets } = this.#timeline.columns(columns);
    const top = Object.fromEntries(lists.map((list) => [list, listOf(this.#counts[list], most)])) as Record<
      List,
      TopList
    >;
    return {
      verdict: this.#verdict(),
      requests: this.#requests,
      connections: this.#connections,
      errors: this.#errors,
      refused: this.#tellsWho ? this.#refused : 0,
      ...(this.#own === 0 ? {} : { own: this.#own }),
      ...(this.#partial === 0 ? {} : { partial: this.#partial }),
      from: isoOf(this.#from),
      to: isoOf(this.#to),
      answeredBy: this.#answerers(this.#answeredBy),
      errorsBy: this.#answerers(this.#errorsBy),
      latency: this.#latency.result(),
      ...top,
      timeline: {
        bucketMs,
        buckets: buckets.map(({ from, count, errors }) => ({
          from: new Date(from).toISOString(),
          requests: count,
          errors,
        })),
      },
    };
  }

  #answerers(counted: Readonly<Record<Answerer, number>>): Answerers {
    if (this.#tellsWho || counted.gateway === 0) return counted;
    return { ...counted, gateway: 0, unknown: counted.gateway };
  }

  #count(entry: SummarisedEntry, pod: string, failed: boolean): void {
    const { path, upstreamHost, upstreamCluster, userAgent } = entry;
    for (const [list, name] of this.#namesOf(entry)) this.#add(list, name, failed);
    this.#add('paths', path && withoutQuery(path), failed);
    this.#add('upstreams', upstreamHost, failed);
    this.#add('pods', pod, failed);
    this.#add('userAgents', userAgent, failed);
    const service = upstreamCluster === undefined ? undefined : this.#serviceOf(upstreamCluster);
    if (service?.namespace !== undefined) this.#namespaces.add(service.namespace);
  }

  /** What entries of a kind have in common. */
  #namesOf(entry: SummarisedEntry): readonly (readonly [List, string | undefined])[] {
    const { authority, serverName, responseCode, responseFlags = [], responseCodeDetails, upstreamCluster } = entry;
    const host = authority ?? serverName;
    const service = upstreamCluster === undefined ? undefined : this.#serviceOf(upstreamCluster);
    return [
      ['hosts', host && this.#hostOf(host)],
      ['codes', responseCode === undefined ? undefined : String(responseCode)],
      ...responseFlags.map((flag) => ['flags', flag] as const),
      ['details', responseCodeDetails && this.#detailOf(responseCodeDetails)],
      ['services', service?.label],
      ['misdirected', this.#misdirection(entry)],
    ];
  }

  #misdirection({ authority, serverName }: SummarisedEntry): string | undefined {
    if (authority === undefined || serverName === undefined || authority === serverName) return undefined;
    const asked = this.#hostOf(authority);
    if (asked === serverName || asked.toLowerCase() === serverName.toLowerCase()) return undefined;
    return `${serverName} → ${asked}`;
  }

  #add(list: List, value: string | undefined, failed: boolean): void {
    if (value !== undefined && value !== '') this.#counts[list].add(value, failed);
  }

  #time(durationMs: number | undefined, responseFlags: readonly string[] = []): void {
    if (durationMs === undefined) return;
    for (const flag of responseFlags) {
      const span = this.#durations.get(flag) ?? { count: 0, min: durationMs, max: durationMs, sum: 0 };
      span.count++;
      span.sum += durationMs;
      span.min = Math.min(span.min, durationMs);
      span.max = Math.max(span.max, durationMs);
      this.#durations.set(flag, span);
    }
  }

  #verdict(): ErrorVerdict | undefined {
    const worst = (list: List): Worst => {
      const found = this.#counts[list].worst();
      return found && { value: found.value, requests: found.count, errors: found.errors };
    };
    const service = worst('services');
    const isSubset = service?.value.includes(subsetMark) === true;
    return errorVerdict({
      ...{ errors: this.#errors, all: this.#requests + this.#connections },
      flag: worst('flags'),
      code: worst('codes'),
      by: [
        ['pod', worst('pods')],
        [isSubset ? 'subset' : 'service', service],
        ['user agent', worst('userAgents')],
        ['upstream', worst('upstreams')],
        ['host', worst('hosts')],
        ['path', worst('paths')],
      ],
      durationOf: (flag): Span | undefined => this.#durations.get(flag),
    });
  }

  #place(at: number, failed: boolean): void {
    if (Number.isNaN(at) || Math.abs(at) > latestDate) return;
    if (at < this.#from) this.#from = at;
    if (at > this.#to) this.#to = at;
    this.#timeline.add(at, failed);
  }
}

/** Policies are few, and which one it was is the question. */
const detailName = (details: string): string =>
  details.startsWith('rbac_access_denied') ? details : parseDetails(details).name;

const subsetMark = ' subset ';

/** The service behind a cluster, and how it is named in the list. */
function serviceIn(cluster: string): { readonly namespace: string | undefined; readonly label: string } {
  const name = parseClusterName(cluster);
  const service = name && serviceOfFqdn(name.fqdn);
  const label = service ? `${service.namespace}/${service.name}` : (name?.fqdn ?? cluster);
  return {
    namespace: service?.namespace,
    label: name === undefined || name.subset === '' ? label : `${label}${subsetMark}${name.subset}`,
  };
}

const isoOf = (ms: number): string | undefined => (Number.isFinite(ms) ? new Date(ms).toISOString() : undefined);

const listOf = (counts: TopCounts, most: number): TopList => ({
  of: counts.size,
  isApproximate: counts.isApproximate,
  top: counts.top(most).map(({ value, count, errors }) => ({ value, requests: count, errors })),
});
