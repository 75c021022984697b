// Objects of the API server, and how they are listed.

import { field } from './json.ts';

/** A Kubernetes object as the API server gives it; readers take what they need from it leniently. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  /** Why its spec is left out: `spec.http is "x", not a list`. */
  readonly illTyped?: string;
  /** What is left out, for who keeps objects and does not read them. */
  readonly unread?: { readonly spec: unknown; readonly status: unknown };
  readonly [key: string]: unknown;
}

export interface ListOptions {
  /** All namespaces where it is not given. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** The last write that a manager of fields made, of the status apart; the creation where none is told. RFC 3339. */
export function changedAt(metadata: KubeObject['metadata']): string | undefined {
  const managed = Array.isArray(metadata['managedFields']) ? metadata['managedFields'] : [];
  const times = managed
    .filter((one) => field(one, 'subresource') === undefined)
    .map((one) => field(one, 'time'))
    .filter((time) => typeof time === 'string');
  // Null in what `kubectl create --dry-run` prints.
  return times.sort().at(-1) ?? (metadata.creationTimestamp || undefined);
}
