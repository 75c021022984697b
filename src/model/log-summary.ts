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

/** What the errors have in common that other requests do not. */
export interface SharedBy {
  readonly by: 'pod' | 'subset' | 'service' | 'upstream' | 'user agent' | 'host' | 'path';
  readonly value: string;
}

/** One thing that explains (nearly) all errors. */
export interface ErrorVerdict {
  /** At least so many of the errors. */
  readonly errors: number;
  readonly of: number;
  /** Their flag or code, where it is one. */
  readonly kind?: string;
  readonly shared: readonly SharedBy[];
  /** Milliseconds after which each of them came, where it is always the same time. */
  readonly afterMs?: number;
  /** The timeout that a client seems to have. */
  readonly clientTimeoutMs?: number | undefined;
}

/** `unknown`: of lines whose format does not tell the gateway's own answers from the application's; absent: none. */
export type Answerers = Readonly<Record<Answerer, number>> & { readonly unknown?: number };

export interface LogSummary {
  /** Undefined where no one thing explains them. */
  readonly verdict: ErrorVerdict | undefined;
  readonly requests: number;
  readonly connections: number;
  /** Of requests and connections together: what accesslog/failure.ts takes for one. */
  readonly errors: number;
  /** 4xx that the gateway itself answered; no errors. */
  readonly refused: number;
  /** Requests and connections of this tool itself, where there are any; part of no other number. */
  readonly own?: number;
  /** Lines of requests and connections that went on, and of single attempts; part of no other number. */
  readonly partial?: number;
  /** Times of the first and the last line, RFC 3339. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly answeredBy: Answerers;
  /** Errors by who answered them. */
  readonly errorsBy: Answerers;
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
  /** `NAMESPACE/NAME`, with the subset behind it where there is one. */
  readonly services: TopList;
  readonly userAgents: TopList;
  readonly pods: TopList;
  readonly timeline: {
    readonly bucketMs: number;
    readonly buckets: readonly { readonly from: string; readonly requests: number; readonly errors: number }[];
  };
}
