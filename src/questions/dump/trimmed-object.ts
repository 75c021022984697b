// Kubernetes objects as config-dump saves them: without fields that may hold a secret or only take room.

import type { KubeObject } from '#core/kube-object.ts';

/** Leaves out bookkeeping: the last applied configuration repeats the object, and managedFields lists its fields. */
export function trimmedObject(object: KubeObject): KubeObject {
  const { managedFields: _, annotations, ...metadata } = object.metadata;
  const kept = Object.entries(annotations ?? {}).filter(
    ([name]) => name !== 'kubectl.kubernetes.io/last-applied-configuration',
  );
  return {
    ...object,
    metadata: { ...metadata, ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}) },
  };
}
