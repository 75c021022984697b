// What `check` finds, and what it could not look at.

import type { NextStep } from '#core/shell.ts';

/** Worst first. */
export const severities = ['error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

export const sections = ['pods', 'istiod', 'configuration', 'certificates', 'gateways', 'routes', 'load'] as const;
export type Section = (typeof sections)[number];

/** A Kubernetes object, for `--for NS[/NAME]`. */
export interface Concerned {
  readonly kind?: string;
  readonly namespace: string;
  readonly name: string;
}

export interface Finding {
  readonly severity: Severity;
  /** What is the case: the evidence. */
  readonly text: string;
  /** Pods where it is so; empty for what is no pod's. */
  readonly pods: readonly string[];
  /** Objects whose owners it concerns; empty: the gateway's own. */
  readonly concerns: readonly Concerned[];
  /**
   * Hosts whose clients it hurts, whoever's objects those are; `*`: every host of the gateway. With `--for` those of the
   * owner alone.
   */
  readonly hosts?: readonly string[];
  /** SDS names of secrets that it is about; the hosts that they serve are hurt. */
  readonly secrets?: readonly string[];
  /** Destinations that it is about: whose service one leads to is hurt. With `--for` those of the owner alone. */
  readonly clusters?: readonly string[];
  /** Only with `--for`, where it hurts the owner by another one's object: `Gateway istio-system/shared`. */
  readonly inHandsOf?: string;
  /** The finding of another check that it follows from: with that it goes too. */
  readonly causedBy?: { readonly id: string; readonly text: string };
  /** Somebody knows of it, until that day and for that reason: no part of the exit code. */
  readonly known?: { readonly until: string; readonly reason: string };
  /** What people are tempted to do and should not, where it is not what the check says for all. */
  readonly avoid?: string;
  /** Commands to paste, and advice. */
  readonly next: readonly NextStep[];
}

/** An entry of `check --known FILE`. */
export interface KnownFinding {
  /** A check's, or its name. */
  readonly id: string;
  /** A pattern for an object, host, secret, pod, or the finding's whole text. */
  readonly subject: string;
  /** The last day on which it is known, YYYY-MM-DD in UTC. */
  readonly until: string;
  readonly reason: string;
  /** Where it stands in the file. */
  readonly line: number;
}

/** One check, and what came of it. */
export interface CheckResult {
  /** `KII001`: stable. */
  readonly id: string;
  /** `node-without-pod`: stable as well. */
  readonly name: string;
  readonly section: Section;
  readonly severity: Severity;
  /** What is so where the check passes. */
  readonly title: string;
  /** Why it matters. */
  readonly reason: string;
  /** What people are tempted to do and should not. */
  readonly avoid: string | undefined;
  readonly outcome: 'passed' | 'found' | 'not-evaluated';
  /** Why it was not evaluated, or not for every pod. */
  readonly notEvaluated: readonly string[];
  /** Worst first. */
  readonly findings: readonly Finding[];
  /** Findings left out because they concern others; only with `--for`. */
  readonly others: number;
}
