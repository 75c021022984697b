// A line of the container's log → an access-log entry, a line of something else, or one that cannot be parsed.

import type { AccessEntry, AccessField, AccessLogFormat, UnreadLeaf } from '#model/access-log.ts';
import { blockOf } from './byte-table.ts';
import { entryOf } from './entry.ts';
import { parseFormat } from './format.ts';
import { jsonParser } from './json-parser.ts';
import { knownFormats } from './known-formats.ts';
import { type Slot, slotOf } from './operators.ts';
import { isOtherLine } from './other-line.ts';
import { placesFor, type QuickLine, quickFormat } from './quick-line.ts';
import { quickText } from './quick-text.ts';
import { type FieldKeys, splitFormat } from './split-line.ts';
import { type ReadValue, textParser, type Values } from './text-parser.ts';

export interface CompiledFormat {
  readonly slots: readonly Slot[];
  /** The place of a field among the values; -1 where the format does not write it. */
  slotOf(field: AccessField): number;
  /** Undefined for what this format did not write. `object` is the line as JSON, where it is an object. */
  parse(line: string, object: Readonly<Record<string, unknown>> | undefined): Values | undefined;
  entry(values: Values): AccessEntry;
  /** Makes entries with `only` these fields, of values that are read one by one. */
  entriesOf<F extends AccessField>(only: readonly F[]): (read: ReadValue) => Pick<AccessEntry, F>;
  /** Undefined where only the full parser can read this format. */
  readonly quick: QuickLine | undefined;
  /** Leaves of a JSON format that some lines have and that could not be read. */
  readonly unread: () => readonly UnreadLeaf[];
  /** Whether a line that does not parse looks as if this format had begun to write it. */
  looksLike(line: string): boolean;
}

export function compileFormat(format: AccessLogFormat): CompiledFormat {
  return withEntries(format.kind === 'text' ? compileText(format.text) : compileJson(format.json));
}

function withEntries(compiled: Compiled): CompiledFormat {
  const { slots } = compiled;
  const whole = entryOf(slots);
  return {
    ...compiled,
    slotOf: (field) => slots.findIndex((slot) => slot.field === field),
    entry: (values) => whole((slot) => values[slot]),
    entriesOf: (only) => entryOf(slots, new Set<AccessField>(only)),
  };
}

/** Reads `only` these fields, of lines of any format. */
export function fieldsReader<F extends AccessField>(
  only: readonly F[],
): (format: CompiledFormat, read: ReadValue) => Pick<AccessEntry, F> {
  const readers = new Map<CompiledFormat, (read: ReadValue) => Pick<AccessEntry, F>>();
  return (format, read) => {
    const reader = readers.get(format) ?? format.entriesOf(only);
    readers.set(format, reader);
    return reader(read);
  };
}

type Compiled = Omit<CompiledFormat, 'slotOf' | 'entry' | 'entriesOf'>;

function compileText(text: string): Compiled {
  const format = parseFormat(text);
  const slots = format.operators.map(slotOf);
  const parse = textParser(format, slots);
  const first = format.literals[0] ?? '';
  const beginsWithTime = slots[0]?.kind === 'time';
  return {
    slots,
    parse,
    quick: quickText(format, slots),
    unread: () => [],
    looksLike: (line) =>
      line.startsWith(first) &&
      (!beginsWithTime || /^\d{4}-\d\d-\d\dT/.test(line.slice(first.length, first.length + 11))),
  };
}

function compileJson(json: Readonly<Record<string, unknown>>): Compiled {
  const { slots, read, quick, unread } = jsonParser(json);
  const keys = Object.keys(json);
  return {
    slots,
    quick,
    unread,
    parse: (_line, object) => object && read(object),
    looksLike: (line) => line.startsWith('{') && keys.some((key) => line.includes(`"${key}"`)),
  };
}

function compileSplit(mapped: FieldKeys): Compiled {
  const { slots, read } = splitFormat(mapped);
  return {
    slots,
    quick: undefined,
    unread: () => [],
    parse: (_line, object) => object && read(object),
    looksLike: () => false,
  };
}

export type ParsedLine =
  | { readonly kind: 'access'; readonly format: CompiledFormat; readonly values: Values }
  /** Envoy's own log, the agent's, a crash: no access log. */
  | { readonly kind: 'other' }
  /** Looks like access log, and is not what any format writes. */
  | { readonly kind: 'unparsed' };

const other: ParsedLine = { kind: 'other' };
const unparsed: ParsedLine = { kind: 'unparsed' };

export interface LineParser {
  /** The live ones; all that are built in, where none is known. */
  readonly formats: readonly CompiledFormat[];
  parse(line: string): ParsedLine;
  /** Whether it is plainly a line of `formats`, as the sieve takes it from its bytes. */
  isPlain(line: string): boolean;
  unread(): readonly UnreadLeaf[];
  /** Whether a JSON object is an entry itself, not something around one. */
  isEntry(object: Readonly<Record<string, unknown>>): boolean;
  /** Whether it is what a log pipeline has made of an entry. */
  isSplit(object: Readonly<Record<string, unknown>>): boolean;
}

/**
 * Tries the live formats first, then those that Istio and Envoy have by themselves: an older file may have been written
 * before the configuration changed. `mapped` are fields of lines that a pipeline has taken apart.
 */
export function lineParser(live: readonly AccessLogFormat[], mapped: FieldKeys = {}): LineParser {
  const given = distinct(live);
  const all = distinct([...live, ...knownFormats]);
  const written = all.map(compileFormat);
  const split = withEntries(compileSplit(mapped));
  const isMapped = Object.keys(mapped).length > 0;
  const formats = isMapped ? [split, ...written] : [...written, split];
  const ofJson = written.filter((_, index) => all[index]?.kind === 'json');
  const own = given.length === 0 ? formats : [...written.slice(0, given.length), ...(isMapped ? [split] : [])];
  const at = placesFor(own);
  return {
    formats: own,
    isPlain: (line) => {
      const block = blockOf(Buffer.from(line));
      return quickFormat(own, { block, start: 0, end: block.bytes.length, at, isAscii: false }) !== undefined;
    },
    unread: () => formats.flatMap((format) => format.unread()),
    isEntry: (object) => ofJson.some((format) => format.parse('', object) !== undefined),
    isSplit: (object) => split.parse('', object) !== undefined,
    parse: (line) => {
      const object = line.startsWith('{') ? jsonObject(line) : undefined;
      for (const format of formats) {
        const values = format.parse(line, object);
        if (values !== undefined) return { kind: 'access', format, values };
      }
      const isBegun = leftOut.test(line) || formats.some((format) => format.looksLike(line));
      return !isOtherLine(line) && isBegun ? unparsed : other;
    },
  };
}

/** journald's JSON without `--all` leaves out what is longer than 4 KiB. Source: systemd src/shared/logs-show.c. */
const leftOut = /^\{.*"MESSAGE"\s*:\s*null\b/;

function distinct(formats: readonly AccessLogFormat[]): AccessLogFormat[] {
  return [...new Map(formats.map((format) => [JSON.stringify(format), format])).values()];
}

function jsonObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
