// The objects of the cluster with others put over them, as if these had been applied.

import { compareAge } from '#analysis/istio/gateway-merge.ts';
import { keyOf } from '#analysis/istio/virtual-service-binding.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import type { Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { ObjectChange } from '#model/preview.ts';
import type { GivenObject } from './objects.ts';
import { withServiceFields } from './service-fields.ts';

export interface Deletion {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
}

export interface Overlay {
  readonly given: readonly GivenObject[];
  readonly deletions: readonly Deletion[];
  readonly now: Date;
}

export interface Overlaid {
  readonly objects: readonly KubeObject[];
  readonly changes: readonly (Pick<ObjectChange, 'change' | 'place'> & { readonly object: KubeObject })[];
}

/** A new object is the youngest; one that is there keeps its age, unless it is deleted before. */
export function overlaid(
  resource: Resource,
  there: readonly KubeObject[],
  { given, deletions, now }: Overlay,
): Overlaid {
  const keyOfObject = ({ metadata: { namespace = '', name } }: KubeObject): string => keyOf({ namespace, name });
  const known = new Map(there.map((object) => [keyOfObject(object), object]));
  const result = new Map(known);
  const changes: Overlaid['changes'][number][] = [];
  for (const deletion of deletions.filter((one) => one.resource === resource)) {
    const object = known.get(keyOf(deletion));
    result.delete(keyOf(deletion));
    if (object) changes.push({ object, place: undefined, change: 'deleted' });
  }
  const whole = resource === 'services' ? withServiceFields : (object: KubeObject) => object;
  for (const { object: asGiven, place } of given.filter((one) => one.resource === resource)) {
    const key = keyOfObject(asGiven);
    const old = result.get(key);
    const object = whole(asGiven, old);
    const creationTimestamp = old?.metadata.creationTimestamp ?? timestamp(now);
    const applied: KubeObject = { ...object, metadata: { ...old?.metadata, ...object.metadata, creationTimestamp } };
    result.set(key, applied);
    changes.push({
      object: applied,
      place,
      change: old === undefined ? 'created' : isSameSpec(whole(old, undefined), object) ? 'none' : 'changed',
    });
  }
  return { objects: [...result.values()], changes };
}

/**
 * The objects where each new one is of a later second than those given before it: in which order istiod takes new objects
 * depends on how fast they are applied. The very same list where their names have the same order.
 */
export function createdApart({ objects, changes }: Overlaid, now: Date): readonly KubeObject[] {
  const created = changes.flatMap(({ object, change }) => (change === 'created' ? [object] : []));
  if (created.toSorted(compareAge).every((object, index) => object === created[index])) return objects;
  const secondOf = new Map(created.map((object, index) => [object, index]));
  return objects.map((object) => {
    const second = secondOf.get(object);
    if (second === undefined) return object;
    const creationTimestamp = timestamp(new Date(now.getTime() + 1_000 * second));
    return { ...object, metadata: { ...object.metadata, creationTimestamp } };
  });
}

const timestamp = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

const isSameSpec = (a: KubeObject, b: KubeObject): boolean => canonicalJson(a['spec']) === canonicalJson(b['spec']);
