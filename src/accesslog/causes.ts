// A failing line in words: what its flags, details and transport failure mean, the usual cause, the next step.

import type { AccessEntry, Answerer, Cause } from '#model/access-log.ts';
import { explainDetails, explainTransportFailure } from './response-details.ts';
import { responseFlag } from './response-flags.ts';

/** Code 0 is a client that left before an answer; a connection has no code either. */
export function isError(entry: Pick<AccessEntry, 'responseCode' | 'responseFlags'>): boolean {
  const { responseCode = 0, responseFlags = [] } = entry;
  return responseCode >= 500 || (responseCode === 0 && responseFlags.length > 0);
}

type AnsweredBy = 'method' | 'responseCode' | 'responseCodeDetails' | 'responseFlags' | 'upstreamHost';

/** An HTTP 503 with via_upstream and no flag is the application's: the first split of any triage. */
export function answererOf(entry: Pick<AccessEntry, AnsweredBy>): Answerer {
  if (entry.method === undefined && entry.responseCode === undefined) return 'connection';
  if (entry.method === undefined && (entry.responseCode ?? 0) === 0) return 'connection';
  if ((entry.responseCode ?? 0) === 0) return 'nobody';
  if (entry.responseCodeDetails !== undefined)
    return entry.responseCodeDetails === 'via_upstream' ? 'application' : 'gateway';
  // Formats without details: the gateway's own answers have a flag, or no upstream.
  return entry.responseFlags === undefined && entry.upstreamHost !== undefined ? 'application' : 'gateway';
}

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
