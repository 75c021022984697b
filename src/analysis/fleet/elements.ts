// The elements of every pod, as `diff` compares them.

import { keyOfContent, raw } from '#model/content.ts';
import type { DescribedElement, Element, PodElements } from '#model/difference.ts';

export interface ElementPool {
  /** Equal elements of several pods are one object: two hundred pods take hardly more room than one. */
  add(pod: string, described: readonly DescribedElement[]): PodElements;
}

/** `comparable` takes out of an element's JSON what cannot be compared. */
export function elementPool(comparable: (json: string) => string = (json) => json): ElementPool {
  const known = new Map<string, Element>();
  const keep = (element: Element): Element => {
    const written = JSON.stringify(element);
    const compared = comparable(written);
    const key = `${compared}${keyOfContent(element.kind, element)}`;
    const kept =
      known.get(key) ??
      (compared === written ? element : { ...(JSON.parse(compared) as Element), [raw]: element[raw] });
    known.set(key, kept);
    return kept;
  };
  return {
    add: (pod, described) => {
      const all = [...numbered(described)].map((one) => ({ ...one, element: keep(one.element) }));
      const updates = all.flatMap(({ element, lastUpdated }) =>
        lastUpdated === undefined ? [] : [[element, lastUpdated] as const],
      );
      return { pod, elements: all.map(({ element }) => element), updated: new Map(updates) };
    },
  };
}

/** Two routes of a virtual host can have the same match: the second is told apart by its number. */
function* numbered(all: readonly DescribedElement[]): Generator<DescribedElement> {
  const seen = new Map<string, number>();
  for (const { element, lastUpdated } of all) {
    const key = `${element.kind} ${element.name}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    const name = times === 1 ? element.name : `${element.name} #${times}`;
    yield { element: { ...element, name }, lastUpdated };
  }
}
