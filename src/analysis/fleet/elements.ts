// The elements of every pod, as `diff` compares them.

import { isSameJson } from '#core/json.ts';
import { isPlainlySameContent, keyOfContent, raw } from '#model/content.ts';
import type { DescribedElement, Element, PodElements } from '#model/difference.ts';
import { interner } from '#model/merge-pods.ts';

export interface ElementPool {
  /** Equal elements of several pods are one object: two hundred pods take hardly more room than one. */
  add(pod: string, described: readonly DescribedElement[]): PodElements;
}

/** `comparable` takes out of an element's JSON what cannot be compared. */
export function elementPool(comparable?: (json: string) => string): ElementPool {
  const pool = interner(
    ({ kind, name }: Element) => `${kind}\n${name}`,
    (element) => `${JSON.stringify(element)}${keyOfContent(element.kind, element)}`,
    isPlainlySame,
  );
  return {
    add: (pod, described) => {
      const all = numbered(described);
      const elements = pool.intern(
        all.map(({ element }) => (comparable ? comparableElement(element, comparable) : element)),
      );
      const updates = all.flatMap(({ lastUpdated }, index) =>
        lastUpdated === undefined ? [] : [[elements[index] as Element, lastUpdated] as const],
      );
      return { pod, elements, updated: new Map(updates) };
    },
  };
}

const isPlainlySame = (a: Element, b: Element): boolean => isPlainlySameContent(a.kind, a, b) && isSameJson(a, b);

function comparableElement(element: Element, comparable: (json: string) => string): Element {
  const written = JSON.stringify(element);
  const compared = comparable(written);
  return compared === written ? element : { ...(JSON.parse(compared) as Element), [raw]: element[raw] };
}

/** Two routes of a virtual host can have the same match: the second is told apart by its number. */
function numbered(all: readonly DescribedElement[]): readonly DescribedElement[] {
  const seen = new Map<string, number>();
  return all.map((one) => {
    const { kind, name } = one.element;
    const key = `${kind} ${name}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? one : { ...one, element: { ...one.element, name: `${name} #${times}` } };
  });
}
