// Chance that can be had again: the same seed gives the same choices.

export interface Random {
  /** 0 ≤ n < 1. */
  next(): number;
  below(limit: number): number;
  chance(of: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Of each, or of nothing: so that optional fields are there now and then. */
  maybe<T>(of: number, make: () => T): T | undefined;
  some<T>(most: number, make: (index: number) => T): T[];
}

/** mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (of) => next() < of,
    pick: <T>(from: readonly T[]): T => from[below(from.length)] as T,
    maybe: (of, make) => (next() < of ? make() : undefined),
    some: (most, make) => Array.from({ length: 1 + below(most) }, (_, index) => make(index)),
  };
}
