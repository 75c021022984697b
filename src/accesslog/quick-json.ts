// Lines of a flat JSON format on their bytes. One pass checks that JSON.parse would read the same: only keys of the
// format, each once, with strings without escapes, whole numbers and null.

import { type Block, blockOf } from './byte-table.ts';
import { type QuickLine, standsAt } from './quick-line.ts';

const [space, quote, comma, dash, zero, nine, backslash, brace, braceEnd] = Buffer.from(
  ' ",-09\\{}',
) as unknown as readonly number[];
const nothing = new Uint8Array(Buffer.from('null'));

type Bytes = Uint8Array;

/**
 * `keys` of the slots first, then those that have none; `isEnough` of how many of them a line has to have. Undefined
 * where it can find none.
 */
export function quickJson(keys: readonly string[], isEnough: (found: number) => boolean): QuickLine | undefined {
  if (keys.length === 0 || keys.some((key) => key === '' || JSON.stringify(key) !== `"${key}"`)) return undefined;
  const names = keys.map(nameOf);
  // Which key came after it the last time: the order is nearly always the same.
  const next = Int32Array.from(keys, (_, index) => (index + 1) % keys.length);
  return {
    places: 2 * keys.length,
    begins: (bytes, start, end) => bytes[start] === brace && end > start,
    find: (block, start, end, at) => {
      const { bytes } = block;
      at.fill(-1);
      let place = start + 1;
      let before = keys.length - 1;
      for (let found = 1; ; found++) {
        const key = keyAt(names, next[before] as number, block, place, end);
        if (key === -1 || at[2 * key] !== -1) return false;
        next[before] = key;
        before = key;
        place = valueAt(bytes, skipSpaces(bytes, place + (names[key] as Name).length), end, at, 2 * key);
        if (place === -1) return false;
        if (bytes[place] === comma) place = skipSpaces(bytes, place + 1);
        else return bytes[place] === braceEnd && place === end - 1 && isEnough(found);
      }
    },
  };
}

/** `"key":`, as words of four bytes; the last one has bytes of the one before, too. */
interface Name {
  readonly length: number;
  readonly words: Int32Array;
  readonly last: number;
}

function nameOf(key: string): Name {
  const { bytes, words } = blockOf(Buffer.from(`"${key}":`));
  const { length } = bytes;
  return {
    length,
    words: Int32Array.from({ length: Math.floor(length / 4) }, (_, index) => words.getInt32(4 * index, true)),
    last: words.getInt32(length - 4, true),
  };
}

function keyAt(names: readonly Name[], expected: number, block: Block, place: number, end: number): number {
  if (isName(names[expected] as Name, block, place, end)) return expected;
  return names.findIndex((name) => isName(name, block, place, end));
}

function isName({ length, words, last }: Name, block: Block, place: number, end: number): boolean {
  if (place + length > end) return false;
  for (let i = 0; i < words.length; i++) if (block.words.getInt32(place + 4 * i, true) !== words[i]) return false;
  return block.words.getInt32(place + length - 4, true) === last;
}

function skipSpaces(bytes: Bytes, place: number): number {
  let at = place;
  while (bytes[at] === space) at++;
  return at;
}

/** The end of the value; -1 where only the full parser can read it. */
function valueAt(bytes: Bytes, start: number, end: number, at: Int32Array, place: number): number {
  if (bytes[start] === quote) {
    const last = stringEnd(bytes, start + 1, end);
    at[place] = start + 1;
    at[place + 1] = last;
    return last === -1 ? -1 : last + 1;
  }
  const isNull = standsAt(nothing, bytes, start);
  const last = isNull ? start + nothing.length : numberEnd(bytes, start);
  at[place] = start;
  at[place + 1] = isNull ? start : last;
  return last;
}

function stringEnd(bytes: Bytes, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === quote) return at;
    if (byte === backslash || byte < (space as number)) return -1;
  }
  return -1;
}

/** Digits that are the same as text and as number. */
function numberEnd(bytes: Bytes, start: number): number {
  const first = bytes[start] === dash ? start + 1 : start;
  let at = first;
  while ((bytes[at] as number) >= (zero as number) && (bytes[at] as number) <= (nine as number)) at++;
  const digits = at - first;
  if (digits === 0 || digits > 15 || (bytes[first] === zero && (digits > 1 || first > start))) return -1;
  return at;
}
