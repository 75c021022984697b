// Merging what all pods said: equal things once, with the pods that have them.

import type { Pod, PodOutcome } from '#core/fleet.ts';

export interface Shared<T> {
  readonly value: T;
  /** Names of the pods that have exactly this, in pod order. */
  readonly pods: readonly string[];
}

/**
 * Merges the items of every pod. Two items are the same when `content` gives the same text. The order is that of
 * `compare`; of items it holds equal, the one that most pods have comes first.
 */
export function mergePods<T>(
  answers: readonly { readonly pod: Pick<Pod, 'name'>; readonly ok: readonly T[] }[],
  content: (item: T) => string,
  compare: (a: T, b: T) => number,
): Shared<T>[] {
  const merged = new Map<string, { value: T; pods: string[] }>();
  for (const { pod, ok } of answers) {
    for (const value of ok) {
      const key = content(value);
      const known = merged.get(key);
      if (!known) merged.set(key, { value, pods: [pod.name] });
      else if (known.pods.at(-1) !== pod.name) known.pods.push(pod.name);
    }
  }
  return [...merged.values()].sort((a, b) => compare(a.value, b.value) || b.pods.length - a.pods.length);
}

export interface Sharing<T extends object> {
  /** The items, each replaced by an equal one that an earlier pod had. */
  keep(items: readonly T[]): readonly T[];
  /** As the `content` that this was made with, which is called once for each item that is kept. */
  content(item: T): string;
}

/**
 * Holds once what many pods have in common, as their answers arrive: two hundred pods take little more memory than one.
 */
export function sharing<T extends object>(content: (item: T) => string): Sharing<T> {
  const known = new Map<string, T>();
  const contents = new WeakMap<T, string>();
  const keepOne = (item: T): T => {
    if (contents.has(item)) return item;
    const text = content(item);
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    known.set(text, item);
    contents.set(item, text);
    return item;
  };
  return { keep: (items) => items.map(keepOne), content: (item) => contents.get(item) ?? content(item) };
}

/** Applies `pick` to what the pods answered; failures stay as they are. */
export function mapOutcomes<T, R>(outcomes: readonly PodOutcome<T>[], pick: (ok: T, pod: Pod) => R): PodOutcome<R>[] {
  return outcomes.map((outcome) =>
    'ok' in outcome ? { pod: outcome.pod, ok: pick(outcome.ok, outcome.pod) } : outcome,
  );
}
