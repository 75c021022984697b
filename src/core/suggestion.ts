// "Did you mean …": the nearest word by edit distance, for misspelt commands, flags and names.

import { distance } from 'fastest-levenshtein';

/** The candidate nearest to `word`, where it is near enough to be a slip of the fingers. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const byDistance = candidates
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  const best = byDistance[0];
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}
