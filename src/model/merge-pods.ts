// Merges the answers of all pods: equal things once, with the pods that have them.

import type { Pod, PodOutcome } from '#core/fleet.ts';

export interface OnPods<T> {
  readonly value: T;
  /** Names of the pods that have exactly this, in pod order. */
  readonly pods: readonly string[];
}

/**
 * Merges the items of every pod. Two items are the same when `keyOf` gives the same text. The order is that of
 * `compare`; of items it holds equal, the one that most pods have comes first.
 */
export function mergePods<T>(
  answers: readonly { readonly pod: Pick<Pod, 'name'>; readonly ok: readonly T[] }[],
  keyOf: (item: T) => string,
  compare: (a: T, b: T) => number,
): OnPods<T>[] {
  const merged = new Map<string, { value: T; pods: string[] }>();
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

export interface Interner<T extends object> {
  /** The items, each replaced by an equal one that an earlier pod had. */
  intern(items: readonly T[]): readonly T[];
  /** The key that items are compared by; it is made once for each item that is held. */
  key(item: T): string;
}

/**
 * Holds once what many pods have in common, as their answers arrive: two hundred pods take little more memory than one.
 */
export function interner<T extends object>(keyOf: (item: T) => string): Interner<T> {
  const known = new Map<string, T>();
  const keys = new WeakMap<T, string>();
  const internOne = (item: T): T => {
    if (keys.has(item)) return item;
    const key = keyOf(item);
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    known.set(key, item);
    keys.set(item, key);
    return item;
  };
  return { intern: (items) => items.map(internOne), key: (item) => keys.get(item) ?? keyOf(item) };
}

/** Applies `pick` to what the pods answered; failures stay as they are. */
export function mapOutcomes<T, R>(outcomes: readonly PodOutcome<T>[], pick: (ok: T, pod: Pod) => R): PodOutcome<R>[] {
  return outcomes.map((outcome) =>
    'ok' in outcome ? { pod: outcome.pod, ok: pick(outcome.ok, outcome.pod) } : outcome,
  );
}
