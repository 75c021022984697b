// What a test file tells the runner about itself: one line of JSON for each event, on descriptor 3. Written at once, so
// that nothing is lost when the process ends in the middle.

import { writeSync } from 'node:fs';

export type Event =
  | { readonly kind: 'planned' | 'started' | 'passed'; readonly id: number; readonly title: string }
  | { readonly kind: 'failed'; readonly id: number; readonly title: string; readonly text: string }
  /** It could not be tried on this machine: it passes, and says nothing. */
  | { readonly kind: 'not-judged'; readonly title: string; readonly text: string }
  /** Something is wrong with the file as a whole. */
  | { readonly kind: 'problem'; readonly text: string };

export const reportDescriptor = 3;

/** How often a test of this file said that it could not be tried. */
export const said = { notJudged: 0 };

export function report(event: Event): void {
  if (event.kind === 'not-judged') said.notJudged += 1;
  writeSync(reportDescriptor, `${JSON.stringify(event)}\n`);
}
