// Points in time as people and logs write them: RFC 3339 and what is near it, or a time of today.

import { ToolError } from './error.ts';

const zoned = /(?:Z|UTC|[+-]\d\d:?\d\d)$/i;
const plainDate = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)(?: ?(Z|UTC|[+-]\d\d:?\d\d))?$/i;

export const hasZone = (text: string): boolean => zoned.test(text);

/** A day and a time of it in the spelling of RFC 3339: UTC where no zone is given. Undefined for anything else. */
export function dateTime(text: string): string | undefined {
  const [, day, clock, zone = 'UTC'] = plainDate.exec(text) ?? [];
  if (day === undefined || clock === undefined || !isDay(day)) return undefined;
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...):?(..)$/, '$1:$2') : 'Z';
  const time = `${day}T${clock.replace(',', '.')}${offset}`;
  return Number.isNaN(Date.parse(time)) ? undefined : time;
}

/** Date takes 30 February for 2 March. */
const isDay = (day: string): boolean => {
  const date = new Date(day);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
};

/**
 * `2026-11-23T12:08:00Z`, `2026-11-23 12:08`, `2026-11-23`, `12:08[:09]` (of the day of `now`); UTC where no zone is
 * given. Throws `usage`.
 */
export function readMoment(text: string, flag: string, now: Date): Date {
  const isClock = /^\d\d:\d\d(:\d\d)?$/.test(text);
  const isWholeDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const time = dateTime(isClock ? `${now.toISOString().slice(0, 10)}T${text}` : isWholeDay ? `${text}T00:00` : text);
  if (time !== undefined) return new Date(time);
  throw new ToolError('usage', `--${flag} takes a time such as 2026-11-23T12:08:00Z or 12:08, not "${text}"`);
}
