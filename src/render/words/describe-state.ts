// States of a piece of configuration, in words.

import type { Rejection } from '#model/resource.ts';
import { describeSince } from './describe-time.ts';

/** `update rejected (13:58 UTC, 7m ago): Only unique names…`; what was there before goes on serving. */
export function describeRejection({ details, at }: Rejection, now: Date): string {
  const when = at === undefined ? '' : ` (${describeSince(at, now)})`;
  return `update rejected${when}: ${details || 'Envoy does not say why'}`;
}
