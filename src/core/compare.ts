// Orderings of lists that are printed.

import { memoizeByIdentity } from './memoize.ts';

/** By code units: the same everywhere, whatever the locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By a text of each, which is made once. */
export function comparing<T extends object>(textOf: (item: T) => string): (a: T, b: T) => number {
  const known = memoizeByIdentity((item: T): object => item, textOf);
  return (a, b) => compareText(known(a), known(b));
}
