// Finds the values of a line in the bytes of a file: most lines are left out, and never become text.

import { isAscii } from 'node:buffer';
import type { Block, Ranges } from './byte-table.ts';

const dash = 45;

/**
 * Finds what the format's parser finds (text-parser.ts, json-parser.ts), or leaves the line to that parser. `end` is
 * before the newline. The value of slot N stands from `at[2 * N]` to before `at[2 * N + 1]`; what is not set is empty
 * or a dash.
 */
export interface QuickLine {
  /** The length of `at`. */
  readonly places: number;
  /** False where no line of this format begins so. */
  begins(bytes: Uint8Array, start: number, end: number): boolean;
  /** False where the full parser has to read the line. */
  find(block: Block, start: number, end: number, at: Int32Array): boolean;
}

/** A line whose values were found; its block is the next one's, too. */
export interface FoundLine {
  readonly block: Block;
  readonly start: number;
  readonly end: number;
  readonly at: Int32Array;
  /** Whether the whole block is ASCII. */
  readonly isAscii: boolean;
}

/**
 * Which of the formats, as a parser has them, plainly wrote the line: the first that may have done so decides. Undefined
 * where the line takes a closer look. Fills `at`.
 */
export function quickFormat<F extends { readonly quick: QuickLine | undefined }>(
  formats: readonly F[],
  { block, start, end, at }: FoundLine,
): F | undefined {
  for (const format of formats) {
    const { quick } = format;
    if (quick === undefined) return undefined;
    if (quick.begins(block.bytes, start, end)) return quick.find(block, start, end, at) ? format : undefined;
  }
  return undefined;
}

/** As long as each format wants `at`. */
export const placesFor = (formats: readonly { readonly quick: QuickLine | undefined }[]): Int32Array =>
  new Int32Array(Math.max(...formats.map(({ quick }) => quick?.places ?? 0)));

/** Where the value of a slot stands: put into `ranges` from `place` on. It is empty where the value is not set. */
export function findValue({ block, at }: FoundLine, slot: number, ranges: Ranges, place = 0): Ranges {
  const start = slot === -1 ? 0 : (at[2 * slot] as number);
  const end = slot === -1 ? 0 : (at[2 * slot + 1] as number);
  const isSet = end > start + 1 || (end > start && block.bytes[start] !== dash);
  ranges[place] = isSet ? start : 0;
  ranges[place + 1] = isSet ? end : 0;
  return ranges;
}

export const isAsciiLine = ({ block, start, end, isAscii: isAsciiBlock }: FoundLine): boolean =>
  isAsciiBlock || isAscii(block.bytes.subarray(start, end));

export function standsAt(text: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}
