// A request that the gateway itself fails.

import type { Outcome } from '#model/explanation.ts';

export type Failure = Extract<Outcome, { kind: 'fail' }>;

/** A failure of all requests that come this far, without an answer; `over` changes that. */
export const fail = (at: Failure['at'], why: string, over: Partial<Failure> = {}): Failure => ({
  kind: 'fail',
  share: 1,
  route: undefined,
  at,
  code: undefined,
  flag: undefined,
  why,
  nearest: [],
  ...over,
});
