// What all xDS resources of a dump have in common.

/** A Kubernetes object behind a piece of Envoy configuration, as istiod notes it in the metadata. */
export interface ObjectRef {
  /** `VirtualService`, `DestinationRule`, `HTTPRoute`… as far as the path tells. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Where in the dump a resource stands; `draining` is for listeners only. */
export type ResourceState = 'static' | 'active' | 'warming' | 'draining';

/** `error_state` of a resource: the last update that Envoy rejected (NACK). The resource before it goes on serving. */
export interface Rejection {
  readonly details: string;
  /** RFC 3339. */
  readonly at: string | undefined;
  readonly version: string | undefined;
}

/** Something that Envoy knows and this tool does not: kept by name, never fatal. */
export interface Unknown {
  readonly kind: 'unknown';
  /** The field's or the type's name. */
  readonly type: string;
}

export function describeObject(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace}/${ref.name}`;
}
