// Percentiles of durations in bounded memory, with a relative error of 1 %: counts by bins whose bounds grow by a
// constant factor (DDSketch, VLDB 2019, section 2). Not Node's createHistogram, which is more exact: each is 360 kB that
// V8's garbage collector does not know of, and `top` makes one for each key of each interval (2,000 keys: 5 GB).

import type { Latency } from '#model/log-summary.ts';

const relativeError = 0.01;
const growth = (1 + relativeError) / (1 - relativeError);
const logGrowth = Math.log(growth);

export class LatencySketch {
  /** The first bin is of less than a millisecond; bin n + 1 ends with growth ** n milliseconds. */
  readonly #bins: number[] = [];
  #count = 0;
  #max = 0;

  add(ms: number): void {
    const bin = ms >= 1 ? Math.ceil(Math.log(ms) / logGrowth) + 1 : 0;
    while (this.#bins.length <= bin) this.#bins.push(0);
    this.#bins[bin] = (this.#bins[bin] as number) + 1;
    this.#count++;
    if (ms > this.#max) this.#max = ms;
  }

  /** Undefined where nothing was added. */
  result(): Latency | undefined {
    if (this.#count === 0) return undefined;
    const at = (quantile: number): number => Math.min(this.#max, Math.round(this.#valueAt(quantile)));
    return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), max: this.#max };
  }

  #valueAt(quantile: number): number {
    const rank = quantile * (this.#count - 1);
    let upTo = 0;
    const bin = this.#bins.findIndex((count) => {
      upTo += count;
      return upTo > rank;
    });
    return bin === 0 ? 0 : (2 * growth ** (bin - 1)) / (growth + 1);
  }
}
