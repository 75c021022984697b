// What is large and the same for many pods is asked of one of them.

import type { Admin } from '#core/admin.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';

/** Pods of one group that are asked before it is given up. */
const attempts = 3;

/**
 * Asks one pod of each group of names, and another one where that fails. An outcome for each group: the answer, or the
 * last failure.
 */
export async function askOneOfEach<T>(
  source: Source,
  groups: readonly (readonly string[])[],
  ask: (admin: Admin) => Promise<T>,
): Promise<readonly (PodOutcome<T> | undefined)[]> {
  const found: (PodOutcome<T> | undefined)[] = groups.map(() => undefined);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const asked = new Map<string, number>();
    for (const [index, group] of groups.entries()) {
      const [pod, outcome] = [group[attempt], found[index]];
      if (pod !== undefined && !(outcome && hasAnswered(outcome))) asked.set(pod, index);
    }
    if (asked.size === 0) break;
    for (const outcome of await source.everyPod(ask, ({ name }) => asked.has(name)))
      found[asked.get(outcome.pod.name) as number] = outcome;
  }
  return found;
}
