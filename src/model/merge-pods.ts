// Merges the answers of all pods: equal things once, with the pods that have them.

import type { Pod, PodOutcome } from '#core/fleet.ts';
import { memoizeByIdentity } from '#core/memoize.ts';

export interface OnPods<T> {
  readonly value: T;
  /** Names of the pods that have exactly this, in pod order. */
  readonly pods: readonly string[];
}

/**
 * Merges the items of every pod. Two items are the same when `keyOf` gives the same. The order is that of `compare`; of
 * items it holds equal, the one that most pods have comes first.
 */
export function mergePods<T>(
  answers: readonly { readonly pod: Pick<Pod, 'name'>; readonly ok: readonly T[] }[],
  keyOf: (item: T) => unknown,
  compare: (a: T, b: T) => number,
): OnPods<T>[] {
  const merged = new Map<unknown, { value: T; pods: string[] }>();
  for (const { pod, ok } of answers) {
    for (const value of ok) {
      const key = keyOf(value);
      const known = merged.get(key);
      if (!known) merged.set(key, { value, pods: [pod.name] });
      else if (known.pods.at(-1) !== pod.name) known.pods.push(pod.name);
    }
  }
  return [...merged.values()].sort((a, b) => compare(a.value, b.value) || b.pods.length - a.pods.length);
}

/** For items that an `Interner` has: equal ones are one object. */
export const byIdentity = <T extends object>(item: T): T => item;

export interface Interner<T extends object> {
  /** The items, each replaced by an equal one that came earlier. */
  intern(items: readonly T[]): readonly T[];
}

/**
 * Holds once what many pods have in common, as their answers arrive: two hundred pods take little more memory than one.
 * Two items are the same when `keyOf` gives the same text. That is dear: it is asked only of items with one name, as
 * what is the same has, and not where they are plainly the same.
 */
export function interner<T extends object>(
  nameOf: (item: T) => string,
  keyOf: (item: T) => string,
  isPlainlySame: (a: T, b: T) => boolean = () => false,
): Interner<T> {
  const held = new Set<T>();
  const known = new Map<string, T[]>();
  const keyOfKnown = memoizeByIdentity(byIdentity<T>, keyOf);
  const internOne = (item: T): T => {
    if (held.has(item)) return item;
    const name = nameOf(item);
    const namesakes = known.get(name);
    const earlier = namesakes && (namesakes.find((one) => isPlainlySame(one, item)) ?? withKeyOf(item, namesakes));
    if (earlier !== undefined) return earlier;
    if (namesakes === undefined) known.set(name, [item]);
    else namesakes.push(item);
    held.add(item);
    return item;
  };
  const withKeyOf = (item: T, namesakes: readonly T[]): T | undefined => {
    const key = keyOf(item);
    return namesakes.find((one) => keyOfKnown(one) === key);
  };
  return { intern: (items) => items.map(internOne) };
}

/** Applies `pick` to what the pods answered; failures stay as they are. */
export function mapOutcomes<T, R>(outcomes: readonly PodOutcome<T>[], pick: (ok: T, pod: Pod) => R): PodOutcome<R>[] {
  return outcomes.map((outcome) =>
    'ok' in outcome ? { pod: outcome.pod, ok: pick(outcome.ok, outcome.pod) } : outcome,
  );
}
