// Ages and validity for people; the exact times are in `-o wide` and in JSON.

import { describeSpan } from '#core/duration.ts';

const day = 86_400_000;

/** `14m ago`; of a time to come, as clocks differ, `now`. */
export function describeAgo(at: string, now: Date): string {
  const ms = now.getTime() - Date.parse(at);
  if (Number.isNaN(ms)) return at;
  return ms < 1000 ? 'now' : `${describeSpan(ms)} ago`;
}

/** `13:51 UTC, 14m ago`, with the date where it is not of the last 24 hours. */
export function describeSince(at: string, now: Date): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return at;
  const iso = time.toISOString();
  const clock = now.getTime() - time.getTime() < day ? iso.slice(11, 16) : iso.slice(0, 16).replace('T', ' ');
  return `${clock} UTC, ${describeAgo(at, now)}`;
}

/** `2026-11-23T13:51:00Z (14m ago)`. */
export const describeMoment = (at: string, now: Date): string => `${at} (${describeAgo(at, now)})`;
