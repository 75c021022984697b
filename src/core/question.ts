// What a question is given besides its source and its own words, and what comes back. A question knows no flags and prints
// nothing: a command, a report and a test ask it in the same way.

import type { Gateway, PodOutcome } from './fleet.ts';

export interface Asking {
  readonly now: Date;
  readonly signal: AbortSignal;
  /** A line for people, at once, on stderr. */
  warn(line: string): void;
  /** What long work is at, in one line that the next one replaces. */
  progress(line: string): void;
}

export interface QuestionAnswer<Item = unknown> {
  readonly gateway: Gateway;
  /** What became of each pod that was asked; the values are not printed. */
  readonly pods: readonly PodOutcome<unknown>[];
  /** Envoy's own JSON of what was asked for, of each pod; filled only where the question was asked to keep it. */
  readonly dumps?: readonly PodOutcome<readonly unknown[]>[];
  readonly items: readonly Item[];
  /** True where that a gateway has no pod is an answer, too. */
  readonly tellsOfNoPod?: boolean;
  /** More fields of the JSON document that belong to the whole answer. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** Lines for stderr after the answer. */
  readonly notes?: readonly string[];
  /** True makes the exit code 1. */
  readonly findings?: boolean;
  /** True makes the exit code 2 although there is an answer: it says why nothing else can be answered. */
  readonly failed?: boolean;
  /** True makes the exit code 3 although every pod answered (an istiod did not, a log did not reach back). */
  readonly incomplete?: boolean;
}
