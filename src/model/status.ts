// What `status` knows of one gateway pod.

import type { Pod } from '#core/fleet.ts';
import type { NextStep } from '#core/shell.ts';
import type { ProxyInfo } from './proxy.ts';
import type { Rejection } from './resource.ts';
import type { PodSync } from './sync.ts';

/** What `status` compares, and `--full` besides; in the order in which they are named. */
export const comparedAlways = ['route', 'certificate'] as const;
export const comparedInFull = [
  ...comparedAlways,
  'listener',
  'cluster',
  'endpoint',
  'load assignment',
  'extension',
  'bootstrap',
  'runtime',
] as const;
export type ComparedThing = (typeof comparedInFull)[number];

/** Of the bootstrap and the runtime a pod has one. */
export const pluralOf = (thing: ComparedThing): string =>
  thing === 'bootstrap' || thing === 'runtime' ? thing : `${thing}s`;

/** The field of a difference that counts them. */
export const countOf = (thing: ComparedThing): keyof StatusDifference =>
  (thing === 'load assignment' ? 'loadAssignments' : pluralOf(thing)) as keyof StatusDifference;

/** What Envoy's own answers say of a pod; the rest is from the pod list and from istiod. */
export interface PodReport {
  readonly proxy: ProxyInfo;
  /** Hash of what is compared, 6 hexadecimal digits: equal for pods that serve the same. */
  readonly fingerprint: string;
  readonly routes: number;
  readonly certificates: number;
  readonly warmingSecrets: readonly string[];
  readonly rejections: readonly RejectedResource[];
  /** What the differences to the other pods are counted by: key of the content → what it is. */
  readonly contents: ReadonlyMap<string, ComparedThing>;
  /** What this pod, or what was saved of it, does not give, of what is compared. */
  readonly notGiven: readonly ComparedThing[];
  /** Levels that are not the ones Envoy was started with; undefined where they were not asked for. */
  readonly raisedLogLevels: readonly string[];
  /** The newest update of a route configuration or secret that Envoy accepted; RFC 3339. */
  readonly lastUpdated: string | undefined;
}

export interface RejectedResource extends Rejection {
  readonly kind: 'listener' | 'cluster' | 'route configuration' | 'secret';
  readonly name: string;
}

/** How many differ; of what was not compared nothing is said. */
export interface StatusDifference {
  readonly routes: number;
  readonly certificates: number;
  readonly listeners?: number;
  readonly clusters?: number;
  readonly endpoints?: number;
  readonly loadAssignments?: number;
  readonly extensions?: number;
  readonly bootstrap?: number;
  readonly runtime?: number;
}

/** One row of `status`: every pod has one, whether it answered or not. */
export interface PodStatus {
  readonly pod: Pod;
  readonly report: PodReport | undefined;
  /** Why there is no report. */
  readonly failure: string | undefined;
  readonly sync: PodSync;
  /** How it differs from what most pods serve; undefined where it does not, or did not answer. */
  readonly difference: StatusDifference | undefined;
}

/** One of `extra.istiods` in the answer of `status`. */
export interface StatusIstiod {
  readonly name: string;
  readonly version?: string | undefined;
  /** Why it did not answer, where it did not. */
  readonly failed?: string | undefined;
}

/** What `status` says of one pod, of several that have it in common, or of what is around them. */
export interface StatusProblem {
  readonly severity: 'error' | 'warning';
  readonly text: string;
  /** Commands to paste, and advice. */
  readonly next: readonly NextStep[];
}
