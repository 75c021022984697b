// How many requests it takes to see an outcome that chance decides.

import type { Explanation } from '#model/explanation.ts';

/** The smallest share of an outcome, over all pods; undefined where there is one outcome only. */
export function rareShareOf(explanations: readonly Explanation[]): number | undefined {
  const shares = explanations
    .flatMap(({ outcomes }) => outcomes.map(({ share }) => share))
    .filter((share) => share > 0);
  const least = Math.min(...shares);
  return least < 1 ? least : undefined;
}

/** So many that 95 of 100 such series have it at least once: 29 for 10 %. */
export const requestsToSee = (share: number): number => Math.ceil(Math.log(0.05) / Math.log(1 - share));
