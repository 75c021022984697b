// What `diff` compares and what it finds: elements of a configuration in words, and where pods do not have the same.

import type { FromEnvoy } from './content.ts';
import type { Rejection } from './resource.ts';

export const elementKinds = [
  'listener',
  'filter chain',
  'route configuration',
  'virtual host',
  'route',
  'cluster',
  'endpoint',
  'load assignment',
  'assigned endpoint',
  'secret',
  'scoped routes',
  'extension',
  'bootstrap',
  'runtime',
] as const;
export type ElementKind = (typeof elementKinds)[number];

/** What can be asked for by itself. */
export const comparedKinds = [
  'listeners',
  'routes',
  'clusters',
  'endpoints',
  'secrets',
  'extensions',
  'bootstrap',
  'runtime',
] as const;
export type ComparedKind = (typeof comparedKinds)[number];

/** One thing that Envoy holds. Two elements of one kind and name are the same thing, whatever their fields say. */
export interface Element extends FromEnvoy {
  readonly kind: ElementKind;
  /** Unique among the elements of its kind of one pod. */
  readonly name: string;
  /** What it is, field by field, in words; what changes by itself (times, counters) is left out. */
  readonly fields: Readonly<Record<string, string>>;
  /** Names of members whose order counts, where some are there. */
  readonly order?: readonly string[];
}

/** What has no model of its own, and is compared as Envoy holds it. */
export interface OtherElement extends FromEnvoy {
  readonly kind: Extract<
    ElementKind,
    'load assignment' | 'assigned endpoint' | 'scoped routes' | 'extension' | 'bootstrap' | 'runtime'
  >;
  /** Empty for what a pod has once. */
  readonly name: string;
  readonly lastUpdated: string | undefined;
  readonly rejected: Rejection | undefined;
  /** Of an assigned endpoint. */
  readonly localityWeight?: number | undefined;
}

/** An element as it is described on its own: its name may be that of another one of the same pod. */
export interface DescribedElement {
  readonly element: Element;
  /** When the pod last accepted an update of it; RFC 3339. */
  readonly lastUpdated: string | undefined;
}

/** A pod's elements, and when it last accepted an update of each; RFC 3339. */
export interface PodElements {
  readonly pod: string;
  readonly elements: readonly Element[];
  readonly updated: ReadonlyMap<Element, string>;
}

export interface FieldDifference {
  readonly field: string;
  readonly here: string;
  /** What the others have. */
  readonly there: string;
}

export interface Difference {
  readonly kind: ElementKind;
  readonly name: string;
  readonly change: 'missing' | 'extra' | 'different';
  /** Of `different`: the fields; of the others none. */
  readonly fields: readonly FieldDifference[];
  /** When the pod last accepted an update of this element, and when the others did, at the latest; RFC 3339. */
  readonly updated: { readonly here: string | undefined; readonly there: string | undefined };
  /** Only what legitimately depends on the node: priorities of endpoints by locality. */
  readonly byNode: boolean;
}
