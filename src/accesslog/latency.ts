// Percentiles of durations in bounded memory: DDSketch, with a relative error of 1 %.

import { DDSketch } from '@datadog/sketches-js';
import type { Latency } from '#model/log-summary.ts';

export class LatencySketch {
  readonly #sketch = new DDSketch({ relativeAccuracy: 0.01 });
  #max = 0;

  add(ms: number): void {
    this.#sketch.accept(ms);
    if (ms > this.#max) this.#max = ms;
  }

  /** Undefined where nothing was added. */
  result(): Latency | undefined {
    if (this.#sketch.count === 0) return undefined;
    const at = (quantile: number): number => Math.min(this.#max, Math.round(this.#sketch.getValueAtQuantile(quantile)));
    return { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), max: this.#max };
  }
}
