// What `top` shows of one interval.

import type { Latency } from './log-summary.ts';

export interface TopRow {
  /** Host, route, pod, upstream or code. */
  readonly key: string;
  readonly requests: number;
  readonly errors: number;
  readonly perSecond: number;
  /** Undefined where no request has a duration. */
  readonly latency: Latency | undefined;
}

export interface TopSnapshot {
  /** The end of the interval, RFC 3339. */
  readonly at: string;
  readonly intervalMs: number;
  readonly by: TopKey;
  readonly total: TopRow;
  /** The busiest first. */
  readonly rows: readonly TopRow[];
  /** How many more there are. */
  readonly hidden: number;
}

export type TopKey = 'host' | 'route' | 'pod' | 'upstream' | 'code';
