// Durations: as kubectl and Go write them, for flags; and for people.

import { ToolError } from './error.ts';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `90s`, `1h30m`, `14d`; a bare number is seconds. Milliseconds. Throws `usage` for anything else. */
export function parseDuration(text: string, flag: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1_000);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)];
  if (parts.length === 0 || parts.map((p) => p[0]).join('') !== text) {
    throw new ToolError('usage', `--${flag} takes a duration such as 30s, 5m, 1h30m or 14d, not "${text}"`);
  }
  return Math.round(parts.reduce((sum, p) => sum + Number(p[1]) * (unitMs[p[2] as string] as number), 0));
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `40s`, `14m`, `5h`, `59 days`: one unit, cut down, never more than it is. */
export function describeSpan(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / 1000))}s`;
  if (ms < 2 * hour) return `${Math.floor(ms / minute)}m`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)}h`;
  return `${Math.floor(ms / day)} days`;
}
