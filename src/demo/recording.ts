// The recorded cluster as it is kept in fleet.json: what pods have in common is stored once, in `elements`, and pods
// refer to it. `{pod}`, `{node}` and `{ip}` stand for the pod's own name, node and address. Written by
// scripts/record-fixtures.ts.

import type { MeshSettings } from '#model/mesh-settings.ts';

export interface Recording {
  /** What made it: versions of Istio, Envoy and Kubernetes, and what was left out. */
  readonly about: string;
  /** The recording's own time; the demo's clock starts here, so that certificates never get older. */
  readonly now: string;
  readonly elements: readonly unknown[];
  readonly pods: readonly RecordedPod[];
  readonly istiod: {
    readonly syncz: readonly unknown[];
    readonly connections: unknown;
    readonly version: string;
    /** Of the mesh configuration what is asked for. */
    readonly mesh: MeshSettings;
  };
  readonly version: unknown;
  /** Items of each list by resource name (`virtualservices`), sorted by namespace and name as etcd has them. */
  readonly objects: Readonly<Record<string, readonly RecordedObject[]>>;
}

export interface RecordedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** An index into `elements`, with the time at which this pod took the element, where it has one. */
export type Reference = readonly [element: number, lastUpdated?: string];

export interface RecordedPod {
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  /** Sections of the dump; each repeated field is a list of references. */
  readonly dump: readonly { readonly [field: string]: unknown }[];
  readonly certs: readonly Reference[];
  readonly clusters: readonly Reference[];
  /**
   * By path without query: bodies as Envoy sent them (`server_info`, `logging`, `stats` as JSON, `stats/prometheus`).
   */
  readonly answers: Readonly<Record<string, number>>;
  /** The access log's lines, oldest first. */
  readonly log: readonly string[];
}

/** The whole dump of one pod, `config_dump?include_eds`. */
export function wholeDump(recording: Recording, pod: RecordedPod): { readonly configs: readonly object[] } {
  const configs = pod.dump.map((section) =>
    Object.fromEntries(
      Object.entries(section).map(([field, value]) => [
        field,
        Array.isArray(value) ? value.map((r) => element(recording, r)) : value,
      ]),
    ),
  );
  return { configs };
}

/** The elements that `list` refers to, each with the pod's own time. */
export const referred = (recording: Recording, list: readonly Reference[]): readonly unknown[] =>
  list.map((r) => element(recording, r));

/** The time stands where Envoy has it: in the element, or for a listener in its active state. */
function element(recording: Recording, [index, lastUpdated]: Reference): unknown {
  const recorded = recording.elements[index] as { readonly active_state?: object };
  if (lastUpdated === undefined) return recorded;
  if (recorded.active_state === undefined) return withTime(recorded, lastUpdated);
  return { ...recorded, active_state: withTime(recorded.active_state, lastUpdated) };
}

/** After the configuration and before error_state and client_status: the order of the proto's fields. */
function withTime(message: object, lastUpdated: string): object {
  return Object.fromEntries(
    Object.entries(message).map(([field, value]) => [field, field === 'last_updated' ? lastUpdated : value]),
  );
}
