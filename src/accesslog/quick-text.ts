// Lines of a text format on their bytes: what text-parser.ts finds where every value ends at the first delimiter after
// it.

import type { ParsedFormat } from './format.ts';
import type { Slot, ValueClass } from './operators.ts';
import { type QuickLine, standsAt } from './quick-line.ts';

const [space, quote, dash, zero, nine, two, p, bracket, bracketEnd, brace, braceEnd, bar] = Buffer.from(
  ' "-092p[]{}|',
) as unknown as readonly number[];

type Bytes = Uint8Array;

/** Undefined for formats whose lines only the full parser can read. */
export function quickText({ literals, operators }: ParsedFormat, slots: readonly Slot[]): QuickLine | undefined {
  const [first, ...delimiters] = literals.map((literal) => new Uint8Array(Buffer.from(literal))) as [Bytes, ...Bytes[]];
  const isCut = operators.some(({ maxLength }) => maxLength !== undefined);
  // Exporters' own times begin with a digit.
  const isPlain =
    slots.length > 0 &&
    first.length > 0 &&
    first[0] !== two &&
    delimiters.slice(0, -1).every(({ length }) => length > 0);
  if (!isPlain || isCut || slots.some(({ timeFormat }) => timeFormat !== undefined)) return undefined;
  return {
    places: 2 * slots.length,
    begins: (bytes, start) => standsAt(first, bytes, start) && !isPrefixed(bytes, start),
    find: finder(
      first.length,
      delimiters,
      slots.map(({ kind }) => kind),
    ),
  };
}

/** An exporter's `[pod/NAME/CONTAINER] `. */
const isPrefixed = (bytes: Bytes, start: number): boolean => bytes[start] === bracket && bytes[start + 1] === p;

function finder(firstLength: number, delimiters: readonly Bytes[], kinds: readonly ValueClass[]): QuickLine['find'] {
  const last = kinds.length - 1;
  return ({ bytes }, lineStart, lineEnd, at) => {
    let start = lineStart + firstLength;
    for (let i = 0; i <= last; i++) {
      const delimiter = delimiters[i] as Bytes;
      const end = i < last ? indexOf(delimiter, bytes, start, lineEnd) : lineEnd - delimiter.length;
      if (end < start || (i === last && !standsAt(delimiter, bytes, end))) return false;
      if (!accepts(kinds[i] as ValueClass, bytes, start, end)) return false;
      at[2 * i] = start;
      at[2 * i + 1] = end;
      start = end + delimiter.length;
    }
    return true;
  };
}

/** -1 where it does not stand before `end`. */
function indexOf(text: Bytes, bytes: Bytes, start: number, end: number): number {
  const head = text[0];
  const most = end - text.length;
  for (let at = start; at <= most; at++) if (bytes[at] === head && standsAt(text, bytes, at)) return at;
  return -1;
}

/** The same rule as in text-parser.ts, on bytes. */
function accepts(kind: ValueClass, bytes: Bytes, start: number, end: number): boolean {
  switch (kind) {
    case 'number':
      return isNumber(bytes, start, end);
    case 'cluster':
      return isWord(bytes, start, end) && isWholeCluster(bytes, start, end);
    case 'word':
      return isWord(bytes, start, end);
    case 'header':
    case 'host':
      return !has(quote as number, bytes, start, end);
    case 'time':
      return isUnset(bytes, start, end) || (isDigit(bytes[start] as number) && end - start < 40);
    case 'details':
      return isDetails(bytes, start, end);
    case 'free':
      return true;
  }
}

const isDigit = (byte: number): boolean => byte >= (zero as number) && byte <= (nine as number);

const isUnset = (bytes: Bytes, start: number, end: number): boolean =>
  end === start || (end === start + 1 && bytes[start] === dash);

function isNumber(bytes: Bytes, start: number, end: number): boolean {
  if (isUnset(bytes, start, end)) return true;
  for (let at = bytes[start] === dash ? start + 1 : start; at < end; at++)
    if (!isDigit(bytes[at] as number)) return false;
  return true;
}

function has(byte: number, bytes: Bytes, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === byte) return true;
  return false;
}

const isWord = (bytes: Bytes, start: number, end: number): boolean =>
  end === start || (bytes[start] !== quote && !has(space as number, bytes, start, end));

const directions = ['outbound', 'inbound'].map((text) => new Uint8Array(Buffer.from(text)));

/** Others of Istio's names than `outbound|PORT|SUBSET|HOST` are left to the full parser. */
function isWholeCluster(bytes: Bytes, start: number, end: number): boolean {
  if (!directions.some((direction) => standsAt(direction, bytes, start))) return true;
  let bars = 0;
  for (let at = start; at < end; at++) if (bytes[at] === bar) bars++;
  return bars === 3;
}

/** Details with spaces are left to the full parser. */
function isDetails(bytes: Bytes, start: number, end: number): boolean {
  if (!isWord(bytes, start, end)) return false;
  const last = bytes[end - 1];
  return (
    last === braceEnd ||
    last === bracketEnd ||
    !(has(brace as number, bytes, start, end) || has(bracket as number, bytes, start, end))
  );
}
