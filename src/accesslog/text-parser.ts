// Lines of a text format → the values of its operators. Envoy escapes nothing: a User-Agent may hold `" "` and look
// like the end of its own field. So a line is taken apart at the first delimiters, and where a value then cannot be
// what its operator writes, the delimiters are looked for further on (field-search.ts).

import { type Field, findEnds, hostOfCluster } from './field-search.ts';
import type { ParsedFormat } from './format.ts';
import type { Slot, ValueClass } from './operators.ts';
import { timeReader } from './time-format.ts';

/** Of one line, by slot; undefined is unset. */
export type Values = readonly Value[];
export type Value = string | number | undefined;

/** The same, read one by one. */
export type ReadValue = (slot: number) => Value;

type Accepts = (line: string, start: number, end: number) => boolean;

const quote = 34;
const dash = 45;
const zero = 48;
const nine = 57;

const isDigit = (code: number): boolean => code >= zero && code <= nine;

/** Empty is unset with omit_empty_values, `-` without. */
const isUnset = (line: string, start: number, end: number): boolean =>
  end === start || (end === start + 1 && line.charCodeAt(start) === dash);

function isNumber(line: string, start: number, end: number): boolean {
  if (isUnset(line, start, end)) return true;
  for (let at = line.charCodeAt(start) === dash ? start + 1 : start; at < end; at++) {
    if (!isDigit(line.charCodeAt(at))) return false;
  }
  return true;
}

function hasIn(line: string, text: string, start: number, end: number): boolean {
  const at = line.indexOf(text, start);
  return at !== -1 && at < end;
}

const isWord: Accepts = (line, start, end) =>
  end === start || (line.charCodeAt(start) !== quote && !hasIn(line, ' ', start, end));
const isTime: Accepts = (line, start, end) =>
  isUnset(line, start, end) || (isDigit(line.charCodeAt(start)) && end - start < 40);
const isHeader: Accepts = (line, start, end) => !hasIn(line, '"', start, end);

/** A brace or bracket that opens is closed at the end; spaces stand only inside. */
function isDetails(line: string, start: number, end: number): boolean {
  const value = line.slice(start, end);
  const open = value.search(/[{[]/);
  if (open === -1) return isWord(line, start, end);
  return (value.endsWith('}') || value.endsWith(']')) && !value.slice(0, open).includes(' ');
}

/** Istio's names have bars in them, which a format may have between its values, too. */
function isCluster(line: string, start: number, end: number): boolean {
  if (!isWord(line, start, end)) return false;
  const value = line.slice(start, end);
  return !/^(?:in|out)bound(?:\||$)/.test(value) || hostOfCluster(value) !== -1;
}

const strict: Readonly<Record<ValueClass, Accepts>> = {
  number: isNumber,
  word: isWord,
  cluster: isCluster,
  time: isTime,
  header: isHeader,
  host: isHeader,
  details: isDetails,
  free: () => true,
};

/** For lines with quotes in a client's values: those values may be anything, Envoy's own may not. */
const anyHeader: Field = { kind: 'free', accepts: strict.free };

const isHeaderKind = ({ kind }: Field): boolean => kind === 'header' || kind === 'host';

/** Undefined for a line that cannot come from this format. */
export type TextParser = (line: string) => Values | undefined;

export function textParser({ literals, operators }: ParsedFormat, slots: readonly Slot[]): TextParser {
  const isCut = operators.some(({ maxLength }) => maxLength !== undefined);
  const fields = slots.map((slot) => fieldOf(slot, isCut));
  const accepts = fields.map((field) => field.accepts);
  const lenient = fields.map((field) => (isHeaderKind(field) ? anyHeader : field));
  const first = literals[0] ?? '';
  const ends = new Int32Array(slots.length);
  return (line) => {
    if (!line.startsWith(first)) return undefined;
    if (slots.length === 0) return line === first ? [] : undefined;
    const isFound =
      takeFirst(line, literals, accepts, ends) ||
      findEnds(line, literals, fields, ends) ||
      findEnds(line, literals, lenient, ends);
    return isFound ? valuesAt(line, literals, ends) : undefined;
  };
}

const whenCut: { readonly [K in ValueClass]?: ValueClass } = { details: 'free', cluster: 'word' };

/** What is cut off need not close what it opens. A time of a form that is known has that form. */
function fieldOf({ kind, timeFormat }: Slot, isCut: boolean): Field {
  const own = isCut ? (whenCut[kind] ?? kind) : kind;
  const readTime = timeFormat === undefined ? undefined : timeReader(timeFormat);
  if (!readTime) return { kind: own, accepts: strict[own] };
  return {
    kind: 'time',
    accepts: (line, start, end) => isUnset(line, start, end) || readTime(line.slice(start, end)) !== undefined,
  };
}

function valuesAt(line: string, literals: readonly string[], ends: Int32Array): Values {
  const values: (string | undefined)[] = new Array(ends.length);
  let start = (literals[0] ?? '').length;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i] ?? 0;
    values[i] = isUnset(line, start, end) ? undefined : line.slice(start, end);
    start = end + (literals[i + 1] ?? '').length;
  }
  return values;
}

/** Every value ends at the first delimiter after it: nearly all lines. */
function takeFirst(line: string, literals: readonly string[], accepts: readonly Accepts[], ends: Int32Array): boolean {
  let start = (literals[0] ?? '').length;
  const last = accepts.length - 1;
  for (let i = 0; i <= last; i++) {
    const literal = literals[i + 1] ?? '';
    const end = i < last ? line.indexOf(literal, start) : lastEnd(line, literal);
    if (end < start || (i < last && literal === '')) return false;
    if (!accepts[i]?.(line, start, end)) return false;
    ends[i] = end;
    start = end + literal.length;
  }
  return true;
}

const lastEnd = (line: string, literal: string): number => (line.endsWith(literal) ? line.length - literal.length : -1);
