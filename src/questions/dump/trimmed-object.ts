// Kubernetes objects as they are saved: what commands ask of them, without what may hold a secret or only takes room.

import type { KubeObject } from '#core/kube-object.ts';

/**
 * Whole objects but for bookkeeping: the last applied configuration repeats them, and managedFields names their fields.
 */
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
