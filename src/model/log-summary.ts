// What many requests have in common: the answer of `logs --summary`, and a row of `top`.

import type { Answerer } from './access-log.ts';

export interface Counted {
  readonly value: string;
  readonly requests: number;
  readonly errors: number;
}

export interface TopList {
  /** How many different values there are. */
  readonly of: number;
  /** True where there were too many to count each. */
  readonly isApproximate: boolean;
  readonly top: readonly Counted[];
}

/** Milliseconds, each within 1 %. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface LogSummary {
  readonly requests: number;
  readonly connections: number;
  readonly errors: number;
  /** Times of the first and the last line, RFC 3339. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly answeredBy: Readonly<Record<Answerer, number>>;
  /** 5xx by who answered them. */
  readonly errorsBy: Readonly<Record<Answerer, number>>;
  /** Undefined where no line has a duration. */
  readonly latency: Latency | undefined;
  /** Server name and host differ: a connection that a client uses for several hosts (HTTP/2), or a wrong name. */
  readonly misdirected: TopList;
  readonly hosts: TopList;
  readonly paths: TopList;
  readonly codes: TopList;
  readonly flags: TopList;
  readonly details: TopList;
  readonly upstreams: TopList;
  readonly pods: TopList;
  readonly timeline: {
    readonly bucketMs: number;
    readonly buckets: readonly { readonly from: string; readonly requests: number; readonly errors: number }[];
  };
}
