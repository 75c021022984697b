// "Did you mean …": the nearest word by edit distance, for misspelt commands, flags and names.

import { distance } from 'fastest-levenshtein';

/** The candidate nearest to `word`, where it is near enough to be a slip of the fingers. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const byDistance = candidates
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  const best = byDistance[0];
  // Two letters swapped are two edits; in a word of three they would make any word of three.
  const allowed = word.length <= 3 ? 1 : Math.max(2, Math.floor(word.length / 3));
  return best && best.distance <= allowed ? best.candidate : undefined;
}
