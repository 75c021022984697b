// What the page of an incident shows: everything that `report` has computed, in plain data. The page's own script
// (src/page) and `-o json` have the same.

import type { Difference } from './difference.ts';
import type { CheckResult, Severity } from './finding.ts';
import type { Moment } from './timeline.ts';
import type { ComponentVersion } from './version.ts';

export interface Report {
  /** Of the tool that made the report. */
  readonly tool: string;
  /** When the snapshot was made; RFC 3339. */
  readonly takenAt: string;
  /** `context prod`. */
  readonly origin: string;
  /** The API server's address. */
  readonly server: string | undefined;
  readonly user: string | undefined;
  readonly gateway: { readonly namespace: string; readonly name: string; readonly kind: string };
  /** What the logs were asked for; RFC 3339. */
  readonly window: { readonly from: string; readonly to: string };
  readonly worst: Worst;
  /** Undefined where no log could be read. */
  readonly traffic: Traffic | undefined;
  readonly moments: readonly Moment[];
  readonly fleet: Fleet;
  /** Their next steps are text. */
  readonly checks: readonly CheckResult[];
  readonly hosts: readonly ReportHost[];
  readonly drift: Bounded<Drift>;
  readonly signatures: Bounded<ErrorSignature>;
  readonly versions: readonly ComponentVersion[];
  /** What who made the snapshot might not do, and what is lost without it. */
  readonly rights: readonly { readonly says: string; readonly lost: string }[];
  readonly contents: Contents;
  /** What could not be told, by part of the report. */
  readonly gaps: readonly Gap[];
  readonly links: readonly ReportLink[];
}

/** Whether no error means that all is well: there were requests, and all that was logged is counted. */
export const areErrorsKnown = ({ traffic, gaps }: Report): boolean =>
  traffic !== undefined && traffic.requests + traffic.connections > 0 && !gaps.some(({ part }) => part === 'logs');

/** What pods have otherwise than most. */
export interface Drift extends Difference {
  readonly pods: readonly string[];
}

/** A list that may be cut. */
export interface Bounded<T> {
  readonly of: number;
  readonly shown: readonly T[];
}

/** The incident in one sentence. `unknown`: what was to be judged could not be. */
export interface Worst {
  readonly severity: Severity | 'none' | 'unknown';
  readonly text: string;
}

export interface Traffic {
  readonly requests: number;
  readonly connections: number;
  /** Of requests and connections together. */
  readonly errors: number;
  /** 4xx that the gateway itself answered; no errors. */
  readonly refused: number;
  /** Times of the first and the last line, RFC 3339; undefined where there is none. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** What nearly all errors have in common. */
  readonly verdict: string | undefined;
  readonly bucketMs: number;
  readonly buckets: readonly { readonly from: string; readonly requests: number; readonly errors: number }[];
}

export interface Fleet {
  /** The group that most pods are in comes first; pods that did not answer are in none. */
  readonly groups: readonly FleetGroup[];
  readonly pods: readonly FleetPod[];
  readonly nodesWithoutPod: readonly { readonly node: string; readonly reason: string }[];
}

/** Pods that serve the same: routes, certificates, listeners, clusters and endpoints. */
export interface FleetGroup {
  readonly fingerprint: string;
  readonly pods: number;
  /** In words, how it differs from the first. */
  readonly differs: string | undefined;
}

export interface FleetPod {
  readonly name: string;
  readonly node: string | undefined;
  /** Place of its group; undefined where it did not answer. */
  readonly group: number | undefined;
  readonly isReady: boolean;
  readonly restarts: number;
  readonly startedAt: string | undefined;
  /** Of Istio and of Envoy. */
  readonly version: string | undefined;
  /** What istiod says of it, in words. */
  readonly sync: string;
  /** True where it is neither connected nor in sync, or rejected something. */
  readonly isOutOfSync: boolean;
  /** Why nothing is known of it. */
  readonly failure: string | undefined;
}

export interface ReportHost {
  readonly name: string;
  /** False for a host that clients asked for and that the gateway has no virtual host or certificate of. */
  readonly isServed: boolean;
  readonly certificates: readonly ReportCertificate[];
  readonly routes: readonly ReportRoute[];
  /** Where its routes lead. */
  readonly destinations: readonly Destination[];
  readonly requests: number;
  readonly errors: number;
  /** The ways of its commonest requests. */
  readonly ways: readonly Way[];
}

export interface ReportCertificate {
  readonly port: number | undefined;
  /** SDS name; undefined where there is none. */
  readonly secret: string | undefined;
  readonly serial: string | undefined;
  readonly issuer: string | undefined;
  readonly notAfter: string | undefined;
  /** Whole days after the snapshot. */
  readonly daysLeft: number | undefined;
  /** Why clients get none. */
  readonly outcome: 'certificate' | 'passthrough' | 'none';
  readonly pods: readonly string[];
  readonly problems: readonly { readonly severity: Severity; readonly text: string }[];
}

export interface ReportRoute {
  readonly match: string;
  readonly action: string;
  /** `VirtualService svc1/two`; empty for what istiod made by itself. */
  readonly object: string;
  readonly pods: readonly string[];
}

/** A cluster, with its endpoints on each group of pods that have not the same. */
export interface Destination {
  readonly cluster: string;
  readonly endpoints: readonly {
    readonly healthy: number;
    readonly of: number;
    readonly pods: readonly string[];
  }[];
}

/** What happens to requests, on every group of pods, as `explain` prints it; those to which the same happens are one. */
export interface Way {
  readonly requests: readonly {
    readonly method: string;
    /** Without its query. */
    readonly url: string;
    readonly count: number;
    readonly errors: number;
  }[];
  readonly lines: readonly string[];
}

/** Errors whose host, code, flags, details and upstream are the same. */
export interface ErrorSignature {
  readonly host: string | undefined;
  readonly code: number | undefined;
  readonly flags: readonly string[];
  readonly details: string | undefined;
  readonly upstream: string | undefined;
  readonly count: number;
  /** The kubelet's times of its lines. */
  readonly first: string;
  readonly last: string;
  readonly pods: readonly string[];
  readonly samples: readonly { readonly time: string; readonly pod: string; readonly text: string }[];
}

export interface Contents {
  /** Of the tool that made the snapshot; undefined for a directory of config-dump. */
  readonly madeBy: string | undefined;
  /** What was under way when it was interrupted. */
  readonly interruptedAt: string | undefined;
  /** Undefined for a directory. */
  readonly files: number | undefined;
  /** Unpacked. */
  readonly bytes: number | undefined;
  readonly replaced: readonly { readonly class: string; readonly places: number; readonly values: number }[];
  /** Why something is not in it. */
  readonly missing: readonly string[];
}

export type Part = 'timeline' | 'fleet' | 'findings' | 'hosts' | 'drift' | 'logs' | 'versions' | 'rights';

export interface Gap {
  readonly part: Part;
  readonly why: string;
}

export interface ReportLink {
  readonly name: string;
  readonly url: string;
}
