// Random numbers that a seed repeats.

export interface Random {
  /** From 0 to `below` - 1. */
  number(below: number): number;
  pick<T>(values: readonly T[]): T;
}

/** mulberry32: 32 bits of state, good enough to choose with. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const number = (below: number): number => Math.floor(next() * below);
  return { number, pick: (values) => values[number(values.length)] as (typeof values)[number] };
}
