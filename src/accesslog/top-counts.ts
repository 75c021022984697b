// How often each of many values occurs, in bounded memory: where there are too many, the rarest are forgotten, and the
// rest is a lower bound.

import { copied } from '#core/memoize.ts';

export interface TopCount {
  readonly value: string;
  readonly count: number;
  readonly errors: number;
}

interface Counted {
  count: number;
  errors: number;
}

const most = 20_000;

export class TopCounts {
  readonly #counts = new Map<string, Counted>();
  /** True once values had to be forgotten. */
  isApproximate = false;

  add(value: string, isError: boolean): void {
    const known = this.#counts.get(value);
    const counted = known ?? { count: 0, errors: 0 };
    counted.count++;
    if (isError) counted.errors++;
    if (!known) this.#counts.set(copied(value), counted);
    if (this.#counts.size > most) this.#forgetRare();
  }

  /** The most frequent, then by text. */
  top(n: number): TopCount[] {
    return [...this.#counts]
      .map(([value, { count, errors }]) => ({ value, count, errors }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, n);
  }

  /** The one with the most errors; undefined where there are none, or some were forgotten. */
  worst(): TopCount | undefined {
    if (this.isApproximate) return undefined;
    let worst: TopCount | undefined;
    for (const [value, { count, errors }] of this.#counts)
      if (errors > (worst?.errors ?? 0)) worst = { value, count, errors };
    return worst;
  }

  get size(): number {
    return this.#counts.size;
  }

  #forgetRare(): void {
    this.isApproximate = true;
    const counts = [...this.#counts.values()].map(({ count }) => count).sort((a, b) => a - b);
    const least = counts[Math.floor(counts.length / 2)] ?? 1;
    for (const [value, { count }] of this.#counts)
      if (count <= least && this.#counts.size > most / 2) this.#counts.delete(value);
  }
}
