// Values in the bytes of a line, as entry.ts and Date read them from texts.

import { dateTime } from '#core/moment.ts';
import type { Block, Ranges } from './byte-table.ts';
import { standsAt } from './quick-line.ts';

const [dot, zero, nine, z] = Buffer.from('.09Z') as unknown as readonly [number, number, number, number];

/** NaN for all but digits, and for more of them than a number can hold. */
function digits(bytes: Buffer, start: number, end: number): number {
  if (end - start > 15) return Number.NaN;
  let number = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < zero || byte > nine) return Number.NaN;
    number = 10 * number + byte - zero;
  }
  return number;
}

/** Undefined where nothing stands; NaN for all but digits. */
export function quickNumber({ bytes }: Block, range: Ranges): number | undefined {
  const [start, end] = [range[0] as number, range[1] as number];
  return start === end ? undefined : digits(bytes, start, end);
}

const minuteLength = '2026-11-23T12:00:'.length;
const wholeLength = '2026-11-23T12:00:00.000Z'.length;

/** Reads times as entry.ts and Date.parse do: their minute is nearly always that of the line before. */
export function quickTime(): (block: Block, range: Ranges) => number {
  const minute = new Uint8Array(minuteLength);
  let minuteMs = Number.NaN;
  return ({ bytes }, range) => {
    const [start, end] = [range[0] as number, range[1] as number];
    const inMinute = end - start === wholeLength ? afterMinute(bytes, start + minuteLength) : Number.NaN;
    if (!Number.isNaN(minuteMs + inMinute) && standsAt(minute, bytes, start)) return minuteMs + inMinute;
    const text = bytes.toString('latin1', start, end);
    const time = Date.parse(text.endsWith('Z') ? text : (dateTime(text) ?? text));
    // Of 24:00 only the beginning is a time.
    minuteMs = /^\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:/.test(text) ? time - inMinute : Number.NaN;
    bytes.copy(minute, 0, start, start + minuteLength);
    return time;
  };
}

/** Milliseconds of `00.000Z`; NaN for anything else. */
function afterMinute(bytes: Buffer, at: number): number {
  const seconds = digits(bytes, at, at + 2);
  return seconds < 60 && bytes[at + 2] === dot && bytes[at + 6] === z
    ? 1000 * seconds + digits(bytes, at + 3, at + 6)
    : Number.NaN;
}
