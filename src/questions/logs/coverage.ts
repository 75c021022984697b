// Which pods gave their logs.

import { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { LogCoverage } from '#core/pod-logs.ts';

/** Why some pods did not. Throws where none did: there is no answer then. */
export function failuresOf(coverage: readonly PodOutcome<unknown>[]): readonly ToolError[] {
  const failed = coverage.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  const [first] = failed;
  if (!first || failed.length < coverage.length) return failed;
  if (failed.length === 1) throw first;
  throw new ToolError(first.code, `none of ${failed.length} pods gives its log; the first: ${first.message}`, {
    hint: first.hint,
  });
}

/** Which pods gave a part only, and why. */
export const gapsOf = (coverage: readonly PodOutcome<LogCoverage>[]): readonly string[] =>
  coverage.filter(hasAnswered).flatMap(({ pod, ok }) => (ok.gap === undefined ? [] : [`${pod.name}: ${ok.gap}`]));

/** Both in words, whether or not any pod gave its log. */
export const whatIsMissing = (coverage: readonly PodOutcome<LogCoverage>[]): readonly string[] => [
  ...coverage.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed.message])),
  ...gapsOf(coverage),
];
