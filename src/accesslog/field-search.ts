// Where the values of a line end when some delimiter also stands inside a value. The search goes from the line's end:
// for each value it finds the places from which the rest of the line fits. So it tries no place twice, and costs at
// most values × length.

import type { ValueClass } from './operators.ts';

/** A line, or what counts how it is read. */
export type Text = Pick<string, 'length' | 'charCodeAt' | 'lastIndexOf' | 'slice'>;

export interface Field {
  readonly kind: ValueClass;
  /** Called only for times: `reachOf` says how far other values go. */
  accepts(line: string, start: number, end: number): boolean;
}

/** No time is longer. */
const longestTime = 128;

const [space, quote, dash, zero, nine, brace, braceEnd, bracket, bracketEnd] = Buffer.from(
  ' "-09{}[]',
) as unknown as readonly [number, number, number, number, number, number, number, number, number];

/**
 * Fills `ends`, with the nearest delimiter that leads to the end of the line, value by value. Where nothing stands
 * between two values, the first takes all that it can be. False for a line that does not fit.
 */
export function findEnds(line: Text, literals: readonly string[], fields: readonly Field[], ends: Int32Array): boolean {
  const first = (literals[0] ?? '').length;
  const next = nextPlaces(line);
  const fitting: Fitting[] = new Array(fields.length);
  let leading = lastEnd(line, literals[fields.length] ?? '');
  for (let slot = fields.length - 1; slot >= 0; slot--) {
    const before = literals[slot] ?? '';
    const isLongest = slot < fields.length - 1 && literals[slot + 1] === '';
    const endOf = endChooser({ line, next, leading, isLongest, closing: leading.filter(closes(line)) }, fields[slot]);
    const starts = slot === 0 ? [first] : startsAfter(line, before, first, leading.at(-1) ?? -1);
    fitting[slot] = fittingOf(starts, endOf);
    leading = fitting[slot]?.starts.map((start) => start - before.length) ?? [];
    if (leading.length === 0) return false;
  }
  let start = first;
  for (const [slot, { starts, ends: known }] of fitting.entries()) {
    const end = known[lowerBound(starts, start)] as number;
    ends[slot] = end;
    start = end + (literals[slot + 1] ?? '').length;
  }
  return true;
}

/** Starts of a value from which the rest of the line fits, ascending, and the end that each of them takes. */
interface Fitting {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

function fittingOf(candidates: readonly number[], endOf: (start: number) => number): Fitting {
  const starts: number[] = [];
  const ends: number[] = [];
  for (const start of candidates) {
    const end = endOf(start);
    if (end === -1) continue;
    starts.push(start);
    ends.push(end);
  }
  return { starts, ends };
}

const lastEnd = (line: Text, literal: string): readonly number[] => {
  const end = line.length - literal.length;
  return end >= 0 && line.lastIndexOf(literal, end) === end ? [end] : [];
};

/** The places after each `literal`, from `first` to `last`, ascending. */
function startsAfter(line: Text, literal: string, first: number, last: number): number[] {
  const starts: number[] = [];
  let at = last - literal.length;
  while (at >= first) {
    const found = line.lastIndexOf(literal, at);
    if (found < first) break;
    starts.push(found + literal.length);
    at = found - 1;
  }
  return starts.reverse();
}

/** For each place, the first one from there on that holds such a character; the line's length where there is none. */
interface NextPlaces {
  readonly space: Int32Array;
  readonly quote: Int32Array;
  readonly open: Int32Array;
  readonly nonDigit: Int32Array;
}

function nextPlaces(line: Text): NextPlaces {
  const make = (): Int32Array => new Int32Array(line.length + 1).fill(line.length);
  const next = { space: make(), quote: make(), open: make(), nonDigit: make() };
  for (let at = line.length - 1; at >= 0; at--) {
    const code = line.charCodeAt(at);
    next.space[at] = code === space ? at : (next.space[at + 1] as number);
    next.quote[at] = code === quote ? at : (next.quote[at + 1] as number);
    next.open[at] = code === brace || code === bracket ? at : (next.open[at + 1] as number);
    next.nonDigit[at] = code < zero || code > nine ? at : (next.nonDigit[at + 1] as number);
  }
  return next;
}

interface Choice {
  readonly line: Text;
  readonly next: NextPlaces;
  /** Ends from which the rest fits, ascending. */
  readonly leading: readonly number[];
  /** Those of them that come after a closing brace or bracket. */
  readonly closing: readonly number[];
  readonly isLongest: boolean;
}

/** The end for a value that begins there; -1 where it has none. */
function endChooser(choice: Choice, field: Field | undefined): (start: number) => number {
  if (field?.kind === 'time') return (start) => endOfTime(choice, field, start);
  if (field?.kind === 'details') return (start) => endOfDetails(choice, start);
  if (field?.kind === 'cluster') return (start) => endOfCluster(choice, start);
  if (field?.kind === 'host' && choice.isLongest) return (start) => endOfHost(choice, start);
  return (start) => endWithin(choice, start, reachOf(choice, field?.kind, start));
}

function endWithin({ leading, isLongest }: Choice, start: number, reach: number): number {
  const end = isLongest ? leading[lowerBound(leading, reach + 1) - 1] : leading[lowerBound(leading, start)];
  return end !== undefined && end >= start && end <= reach ? end : -1;
}

/** How far a value can go on; less than its start where it cannot begin there. */
function reachOf({ line, next }: Choice, kind: ValueClass | undefined, start: number): number {
  if (kind === 'number') return next.nonDigit[line.charCodeAt(start) === dash ? start + 1 : start] as number;
  // An empty value may stand before a quote.
  if (kind === 'word' || kind === 'cluster')
    return line.charCodeAt(start) === quote ? start : (next.space[start] as number);
  return kind === 'header' || kind === 'host' ? (next.quote[start] as number) : line.length;
}

/** A brace or bracket that opens is closed at the end; spaces stand only inside. */
function endOfDetails(choice: Choice, start: number): number {
  const { next, closing, isLongest } = choice;
  const open = next.open[start] as number;
  const hasInside = open < (next.space[start] as number);
  const far = isLongest ? closing.at(-1) : closing[lowerBound(closing, open + 1)];
  const inside = hasInside && far !== undefined && far > open ? far : -1;
  const word = endWithin(choice, start, Math.min(open, reachOf(choice, 'word', start)));
  if (isLongest) return inside === -1 ? word : inside;
  return word === -1 ? inside : word;
}

/** No name is longer. */
const longestCluster = 512;

function endOfCluster(choice: Choice, start: number): number {
  const host = hostOfCluster(choice.line.slice(start, start + longestCluster));
  return endWithin(choice, start + Math.max(host, 0), reachOf(choice, 'cluster', start));
}

/** Where the host begins in Istio's `outbound|PORT|SUBSET|HOST`; -1 for any other text. */
export function hostOfCluster(text: string): number {
  const [head] = /^(?:in|out)bound\|[^|\s"]*\|[^|\s"]*\|/.exec(text) ?? [];
  return head?.length ?? -1;
}

/** Before a path, which begins with a slash; without one, before the `-` or `*` that stands in its place. */
function endOfHost(choice: Choice, start: number): number {
  const { line, leading } = choice;
  const reach = reachOf(choice, 'host', start);
  const slash = line.slice(start, reach).indexOf('/');
  if (slash !== -1) return endWithin(choice, start, start + slash);
  const end = endWithin(choice, start, reach);
  const isMark = end > start && '-*'.includes(line.slice(end - 1, end));
  return isMark && leading[lowerBound(leading, end - 1)] === end - 1 ? end - 1 : end;
}

function endOfTime({ line, leading, isLongest }: Choice, { accepts }: Field, start: number): number {
  const from = lowerBound(leading, start);
  const near = leading.slice(from, lowerBound(leading, start + longestTime + 1));
  const text = line.slice(start, start + longestTime);
  const isTime = (end: number): boolean => accepts(text, 0, end - start);
  return (isLongest ? near.findLast(isTime) : near.find(isTime)) ?? -1;
}

const closes =
  (line: Text) =>
  (end: number): boolean => {
    const code = line.charCodeAt(end - 1);
    return code === braceEnd || code === bracketEnd;
  };

/** The index of the first number that is not less than `least`. */
function lowerBound(ascending: readonly number[], least: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ascending[middle] as number) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}
