// Points in time for flags: RFC 3339, or a time of today.

import { ToolError } from './error.ts';

/**
 * `2026-11-23T12:08:00Z`, `2026-11-23 12:08`, `12:08[:09]` (of the day of `now`); UTC where no zone is given. Throws
 * `usage`.
 */
export function readMoment(text: string, flag: string, now: Date): Date {
  const full = /^\d\d:\d\d(:\d\d)?$/.test(text) ? `${now.toISOString().slice(0, 10)}T${text}` : text.replace(' ', 'T');
  const date = new Date(/(Z|[+-]\d\d:\d\d)$/.test(full) || !full.includes('T') ? full : `${full}Z`);
  if (/^\d{4}-\d\d-\d\d/.test(full) && !Number.isNaN(date.getTime())) return date;
  throw new ToolError('usage', `--${flag} takes a time such as 2026-11-23T12:08:00Z or 12:08, not "${text}"`);
}
