// Small pieces of sentences.

/** The first few of a list, once each, in order, and how many more there are: `a, b, c and 9 more`. */
export function someOf(names: readonly string[], most = 6): string {
  const unique = [...new Set(names)].sort();
  const shown = unique.slice(0, most).join(', ');
  return unique.length > most ? `${shown} and ${unique.length - most} more` : shown;
}

/** `a`, `a and b`, `a, b and c`. */
export const andList = (words: readonly string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** `1 route`, `3 routes`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}
