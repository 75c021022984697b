// Kubernetes objects as config-dump saves them: without fields that may hold a secret or only take room.

import type { KubeObject } from '#core/kube-object.ts';

/**
 * What repeats the object with all that is left out of it, packed too: of kubectl, of Rancher
 * (`objectset.rio.cattle.io/applied`), kapp (`kapp.k14s.io/original`) and the objectmatcher of operators.
 */
const repeatsObject = /\/(?:last-applied(?:-configuration)?|applied|original)$/;

/** Leaves out bookkeeping: copies of the object, and managedFields, which lists its fields. */
export function trimmedObject(object: KubeObject): KubeObject {
  const { managedFields: _, annotations, ...metadata } = object.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !repeatsObject.test(name));
  return {
    ...object,
    metadata: { ...metadata, ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}) },
  };
}
