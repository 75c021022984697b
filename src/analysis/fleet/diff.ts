// Which pod is the odd one out, and in what: each pod's elements against what most pods have.

import { compareText } from '#core/compare.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import { keyOfContent } from '#model/content.ts';
import type { Difference, Element, FieldDifference, PodElements } from '#model/difference.ts';
import { elementKinds } from '#model/difference.ts';
import { contentDifferences, excerpts, type Redact } from './content-differences.ts';

/** What a pod is compared with: by kind and name, the element and when it was updated. */
export type Reference = ReadonlyMap<string, { readonly element: Element; readonly updated: string | undefined }>;

const keyOf = ({ kind, name }: Element): string => `${kind}\n${name}`;
/** Made once for what pods have in common, which is one object (`elementPool`). */
const contentOf = memoizeByIdentity(
  (element: Element) => element,
  (element) => JSON.stringify([element.fields, element.order, keyOfContent(element.kind, element)]),
);

/**
 * For each element the version that most pods have, or none where most have none; of two as frequent, that of the
 * newest update.
 */
export function referenceOf(pods: readonly PodElements[]): Reference {
  const reference = new Map<string, { element: Element; updated: string | undefined }>();
  // What all pods have in common is one object: most elements are.
  const common = elementsOfAll(pods);
  for (const element of common)
    reference.set(keyOf(element), {
      element,
      updated: newest(pods.map(({ updated }) => updated.get(element))) || undefined,
    });
  const versions = Map.groupBy(
    pods.flatMap(({ elements, updated }) =>
      elements.flatMap((element) => (common.has(element) ? [] : [{ element, updated: updated.get(element) }])),
    ),
    ({ element }) => keyOf(element),
  );
  const newestOf = new Map(pods.map((pod) => [pod, newest([...pod.updated.values()])]));
  for (const [key, all] of versions) {
    const [most = []] = alike(all).sort(
      (a, b) =>
        b.length - a.length ||
        compareText(newest(b.map(({ updated }) => updated)), newest(a.map(({ updated }) => updated))),
    );
    const [first] = most;
    if (first === undefined || isAbsentFromMost(key, pods, all.length, newestOf)) continue;
    reference.set(key, { element: first.element, updated: newest(most.map(({ updated }) => updated)) || undefined });
  }
  return reference;
}

function elementsOfAll([first, ...others]: readonly PodElements[]): ReadonlySet<Element> {
  const own = others.map(({ elements }) => new Set(elements));
  return new Set(first?.elements.filter((element) => own.every((elements) => elements.has(element))));
}

/** Versions that are one object need not be written. */
function alike<T extends { readonly element: Element }>(all: readonly T[]): (readonly T[])[] {
  const isOne = all.every(({ element }) => element === all[0]?.element);
  return isOne ? [all] : [...Map.groupBy(all, ({ element }) => contentOf(element)).values()];
}

const newest = (times: readonly (string | undefined)[]): string =>
  times.reduce<string>((a, b) => (b !== undefined && b > a ? b : a), '');

/** Where half of the pods have it, those that were updated last decide: something was added to them, or taken away. */
function isAbsentFromMost(
  key: string,
  pods: readonly PodElements[],
  having: number,
  newestOf: ReadonlyMap<PodElements, string>,
): boolean {
  const lacking = pods.length - having;
  if (lacking !== having) return lacking > having;
  const has = (pod: PodElements): boolean => pod.elements.some((element) => keyOf(element) === key);
  const times = (wanted: boolean): string =>
    newest(pods.filter((pod) => has(pod) === wanted).map((pod) => newestOf.get(pod)));
  return compareText(times(false), times(true)) > 0;
}

/** What `pod` lacks, has besides, or has otherwise; by kind and name. */
export function differencesFrom(reference: Reference, pod: PodElements, redact: Redact): Difference[] {
  // What is the same is one object, too, and so are most.
  const wanted = new Set([...reference.values()].map(({ element }) => element));
  const common = new Set(pod.elements.filter((element) => wanted.has(element)));
  const own = new Map(
    pod.elements.flatMap((element) => (common.has(element) ? [] : [[keyOf(element), element] as const])),
  );
  const missing = [...reference].flatMap(([key, { element, updated }]) =>
    common.has(element) || own.has(key) ? [] : [differenceOf('missing', element, [], undefined, updated)],
  );
  const others = [...own].flatMap(([key, element]): Difference[] => {
    const there = reference.get(key);
    const updated = pod.updated.get(element);
    if (there === undefined) return [differenceOf('extra', element, [], updated, undefined)];
    const fields = fieldDifferences(element, there.element, redact);
    return fields.length === 0 ? [] : [differenceOf('different', element, fields, updated, there.updated)];
  });
  return [...missing, ...others].filter((one, _, all) => !isPartOfMissing(one, all)).sort(compareDifferences);
}

/** What istiod makes of a pod's own locality. */
const ofLocality: Readonly<Partial<Record<Element['kind'], string>>> = {
  endpoint: 'priority',
  'assigned endpoint': 'weight of its locality',
};

function differenceOf(
  change: Difference['change'],
  { kind, name }: Element,
  fields: readonly FieldDifference[],
  here: string | undefined,
  there: string | undefined,
): Difference {
  const byLocality = ofLocality[kind];
  const byNode = fields.length > 0 && fields.every(({ field }) => field === byLocality);
  return { kind, name, change, fields, updated: { here, there }, byNode };
}

const parents: Readonly<Partial<Record<Element['kind'], Element['kind']>>> = {
  'filter chain': 'listener',
  'virtual host': 'route configuration',
  route: 'virtual host',
  endpoint: 'cluster',
  'load assignment': 'cluster',
  'assigned endpoint': 'endpoint',
};

/** A listener that is missing as a whole is not listed chain by chain, nor an endpoint twice. */
function isPartOfMissing({ kind, name, change }: Difference, all: readonly Difference[]): boolean {
  const parent = parents[kind];
  return (
    parent !== undefined &&
    change !== 'different' &&
    all.some((one) => one.kind === parent && one.change === change && `${name} `.startsWith(`${one.name} `))
  );
}

function fieldDifferences(here: Element, there: Element, redact: Redact): FieldDifference[] {
  if (here === there || contentOf(here) === contentOf(there)) return [];
  const described = describedDifferences(here, there);
  const others = contentDifferences(here, there, redact).filter(
    ({ isDescribed }) => !isDescribed || described.length === 0,
  );
  return [...described, ...others.map(({ isDescribed: _, ...difference }) => difference)];
}

function describedDifferences(here: Element, there: Element): FieldDifference[] {
  const names = [...new Set([...Object.keys(there.fields), ...Object.keys(here.fields)])];
  const fields = names.flatMap((field) => {
    const [a, b] = [here.fields[field] ?? '', there.fields[field] ?? ''];
    return a === b ? [] : [{ field, here: a, there: b }];
  });
  const [a, b] = commonOrder(here.order ?? [], there.order ?? []);
  return a === b ? fields : [...fields, { field: 'order', ...excerpts(a, b) }];
}

/** Members of one side only are differences of their own, and do not change the order of the others. */
function commonOrder(here: readonly string[], there: readonly string[]): readonly [string, string] {
  const [inHere, inThere] = [new Set(here), new Set(there)];
  return [here.filter((name) => inThere.has(name)).join(' → '), there.filter((name) => inHere.has(name)).join(' → ')];
}

export function compareDifferences(a: Difference, b: Difference): number {
  return elementKinds.indexOf(a.kind) - elementKinds.indexOf(b.kind) || compareText(a.name, b.name);
}

/** Equal for the same difference on several pods, whenever each of them was updated. */
export const differenceContent = ({ updated: _, ...rest }: Difference): string => JSON.stringify(rest);
