// What `logs` says on stderr when it is done: lines that could not be parsed, pods whose log does not reach back.

import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { count } from '#core/phrase.ts';
import type { LogCoverage } from '#core/pod-logs.ts';
import type { Unjudged, UnreadLeaf } from '#model/access-log.ts';

const most = 5;

/** One line for each pod that lacks something, or for what they have in common where they are many. */
export function coverageNotes(coverage: readonly PodOutcome<LogCoverage>[]): string[] {
  const gaps = coverage
    .filter(hasAnswered)
    .flatMap(({ pod, ok }) => (ok.gap === undefined ? [] : [`${pod.name}: ${ok.gap}`]));
  if (gaps.length === 0) return [];
  const hidden = gaps.length - most;
  const head = `the logs of ${gaps.length} of ${count(coverage.length, 'pod')} do not reach back to --since, or lack later lines; of what a node has rotated, the API server reads the current file only`;
  return [head, ...gaps.slice(0, most).map((gap) => `  ${gap}`), ...(hidden > 0 ? [`  and ${hidden} more`] : [])];
}

export interface Counts {
  readonly lines: number;
  readonly access: number;
  readonly matching: number;
  readonly other: number;
  readonly unparsed: number;
}

export interface Asked {
  /** Whether the lines that could not be parsed were printed. */
  readonly shown: 'shown' | 'counted';
  readonly hasFilters: 'filtered' | 'everything';
}

/** Lines of which it is not known whether they are errors, or of the time that was asked for. */
export interface Unknown {
  readonly halfRead: number;
  readonly untimed: number;
}

/** Why `--fail-on` says neither yes nor no. */
export function unjudgedNote(why: Unjudged, { lines, access, unparsed }: Counts, unknown: Unknown): string {
  return `--fail-on cannot be judged, so the exit code is 3: ${reasonOf()}`;

  function reasonOf(): string {
    switch (why) {
      case 'nothing-logged':
        return 'no line was logged in the time that was asked for';
      case 'no-access-log':
        return `none of ${count(lines, 'line')} is access log that this tool can read; to name the format, add --format`;
      case 'nobody-asked':
        return `none of ${count(access, 'request')} in the log is of the kind and the time that were asked for`;
      case 'unread':
        return `${count(unparsed + unknown.halfRead + unknown.untimed, 'line')} could not be read${unknown.untimed > 0 ? ' or have no time' : ''}, and if they are errors the limit is passed`;
    }
  }
}

/** Leaves of a JSON format whose text is not what the format writes. */
export const unreadNotes = (unread: readonly UnreadLeaf[]): string[] =>
  unread.map(
    ({ key, lines }) => `the key ${key} could not be read in ${count(lines, 'line')}: it is not what the format writes`,
  );

/** Of exported logs, for which a time was asked. */
export interface Placed {
  readonly untimed: number;
  readonly missed: { readonly lines: number; readonly from: string; readonly to: string } | undefined;
}

export const timeNotes = ({ untimed, missed }: Placed): string[] => [
  ...(untimed === 0
    ? []
    : [`${count(untimed, 'line')} left out: without a time, --since and --until cannot place them`]),
  ...(missed === undefined
    ? []
    : [
        `none of ${count(missed.lines, 'request')} is of the time that was asked for: they are from ${missed.from} to ${missed.to}`,
      ]),
];

/** Nothing where all is as it should be. */
export function countNotes({ lines, access, matching, unparsed }: Counts, { shown, hasFilters }: Asked): string[] {
  const notes: string[] = [];
  if (unparsed > 0)
    notes.push(
      `${count(unparsed, 'line')} could not be parsed${shown === 'shown' ? ', and are shown as they are' : ''}`,
    );
  if (matching === 0 && access > 0 && hasFilters === 'filtered')
    notes.push(`none of ${count(access, 'request')} matches`);
  if (access === 0 && lines > 0) notes.push(`none of ${count(lines, 'line')} is access log; to see them, add --all`);
  if (lines === 0) notes.push('nothing was logged');
  return notes;
}
