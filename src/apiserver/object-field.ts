// Fields of objects, which may be a stranger's: what is not there, or is something else, is undefined or empty.

import { field } from '#core/json.ts';

export const at = (object: unknown, ...path: readonly string[]): unknown => path.reduce(field, object);

export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = at(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** Of a pod, a node or a certificate: what its status says of `Ready`, `PodScheduled`… */
export const conditionOf = (object: unknown, type: string): unknown =>
  listAt(object, 'status', 'conditions').find((one) => field(one, 'type') === type);
