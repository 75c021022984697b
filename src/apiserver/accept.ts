// In which form objects are wanted: as they are, as the rows of a table, or by their metadata alone.
// Source: kubernetes.io/docs/reference/using-api/api-concepts, "Receiving resources as Tables"; RFC 9110 section 12.5.1.

import type { KubeObject } from '#core/kube-object.ts';

export type Form = 'object' | 'table' | 'metadata';

/** The first of the client's list that the server has; the order is the client's. */
export function formOf(accept: string | undefined): Form {
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== 'application/json' && type !== '*/*') continue;
    const as = parameters.find((one) => one.startsWith('as='))?.slice('as='.length);
    if (as === undefined) return 'object';
    if (!parameters.includes('g=meta.k8s.io') || !parameters.includes('v=v1')) continue;
    if (as === 'Table') return 'table';
    if (as.startsWith('PartialObjectMetadata')) return 'metadata';
  }
  return 'object';
}

export const partialOf = ({ metadata }: KubeObject): KubeObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});
