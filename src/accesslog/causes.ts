// A failing line in words: what its flags, details and transport failure mean, the usual cause, the next step.

import type { AccessEntry, Cause } from '#model/access-log.ts';
import { explainDetails, explainTransportFailure } from './response-details.ts';
import { responseFlag } from './response-flags.ts';

/** Of a failing entry; none where nothing is wrong with it. */
export function explainEntry(entry: AccessEntry): Cause[] {
  const { responseCode = 0, responseFlags = [], responseCodeDetails, upstreamTransportFailureReason } = entry;
  if (responseCode < 400 && responseFlags.length === 0) return [];
  const details = responseCodeDetails === undefined ? undefined : explainDetails(responseCodeDetails);
  const failure =
    upstreamTransportFailureReason === undefined ? undefined : explainTransportFailure(upstreamTransportFailureReason);
  return [
    ...responseFlags.map(explainFlag),
    ...(details === undefined
      ? []
      : [{ name: responseCodeDetails?.replace(/[{[].*/s, '') ?? '', text: details, isReason: false }]),
    ...(failure === undefined ? [] : [{ name: 'transport', text: failure, isReason: true }]),
  ];
}

function explainFlag(name: string): Cause {
  const flag = responseFlag(name);
  const text = flag
    ? `${flag.meaning}. Mostly: ${flag.cause}. Next: ${flag.next}`
    : 'a flag that this version does not know';
  return { name, text, isReason: false };
}
