// `--fail-on` against the requests that were read: within the limit, beyond it, or impossible to judge.

import type { Unjudged } from '#model/access-log.ts';
import type { LogCounts } from './scan.ts';
import type { Threshold } from './threshold.ts';

export interface Evidence {
  readonly counts: LogCounts;
  /** Of the requests and connections that were asked for. */
  readonly errors: number;
  readonly of: number;
  /** Whether any line is about what was asked for, failed or not. */
  readonly hasSubject: boolean;
  /** Lines of which a part that tells an error could not be read. */
  readonly halfRead: number;
  /** Lines that may be of the time that was asked for, or not. */
  readonly untimed: number;
}

export type Judgement = 'within' | 'beyond' | Unjudged;

export function judge(isBeyond: Threshold, { errors, of, counts, hasSubject, halfRead, untimed }: Evidence): Judgement {
  if (isBeyond(errors, of)) return 'beyond';
  if (of === 0 && !hasSubject) return whyNothing(counts);
  const unread = counts.unparsed + halfRead + untimed;
  return unread > 0 && isBeyond(errors + unread, of + counts.unparsed + untimed) ? 'unread' : 'within';
}

function whyNothing({ lines, access }: LogCounts): Unjudged {
  if (lines === 0) return 'nothing-logged';
  return access === 0 ? 'no-access-log' : 'nobody-asked';
}
