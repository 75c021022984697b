// Requests and errors over time, in bounded memory: the buckets grow as the time between the first and the last does.

export interface Bucket {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly count: number;
  readonly errors: number;
}

const mostBuckets = 2048;

export class Timeline {
  #bucketMs = 1000;
  #buckets = new Map<number, { count: number; errors: number }>();

  add(atMs: number, isError: boolean): void {
    const key = Math.floor(atMs / this.#bucketMs);
    const bucket = this.#buckets.get(key) ?? { count: 0, errors: 0 };
    bucket.count++;
    if (isError) bucket.errors++;
    this.#buckets.set(key, bucket);
    while (this.#buckets.size > mostBuckets) this.#coarsen();
  }

  /** `columns` buckets of the same length from the first to the last; empty where nothing was added. */
  columns(columns: number): { readonly bucketMs: number; readonly buckets: readonly Bucket[] } {
    const keys = [...this.#buckets.keys()];
    if (keys.length === 0) return { bucketMs: 0, buckets: [] };
    const first = Math.min(...keys) * this.#bucketMs;
    const end = (Math.max(...keys) + 1) * this.#bucketMs;
    const bucketMs = this.#bucketMs * Math.ceil((end - first) / this.#bucketMs / columns);
    const length = Math.ceil((end - first) / bucketMs);
    const sums = Array.from({ length }, (_, index) => ({ from: first + index * bucketMs, count: 0, errors: 0 }));
    for (const [key, { count, errors }] of this.#buckets) {
      const sum = sums[Math.floor((key * this.#bucketMs - first) / bucketMs)];
      if (!sum) continue;
      sum.count += count;
      sum.errors += errors;
    }
    return { bucketMs, buckets: sums };
  }

  #coarsen(): void {
    this.#bucketMs *= 2;
    const old = this.#buckets;
    this.#buckets = new Map();
    for (const [key, { count, errors }] of old) {
      const sum = this.#buckets.get(Math.floor(key / 2)) ?? { count: 0, errors: 0 };
      sum.count += count;
      sum.errors += errors;
      this.#buckets.set(Math.floor(key / 2), sum);
    }
  }
}
