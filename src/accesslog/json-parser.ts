// Lines of a JSON format → the values of its leaves, in the order of the format. A leaf is a format string: one operator alone keeps
// its type (numbers are numbers, unset is null), with text around it everything is a string, and unset is `-`.
// Source: envoy source/common/formatter/substitution_formatter.cc JsonFormatterImpl; api envoy/config/core/v3/substitution_format_string.proto.

import { type ParsedFormat, parseFormat } from './format.ts';
import { type Slot, slotOf } from './operators.ts';
import { type TextParser, textParser, type Values } from './text-parser.ts';

interface Leaf {
  /** The keys that lead to it. */
  readonly way: readonly string[];
  readonly format: ParsedFormat;
  readonly slots: readonly Slot[];
  /** Where the leaf is more than one operator alone. */
  readonly inner: TextParser | undefined;
}

export interface JsonParser {
  readonly slots: readonly Slot[];
  /** Undefined for an object that does not have the format's keys. */
  readonly read: (object: Readonly<Record<string, unknown>>) => Values | undefined;
  /** The key of each slot, where every leaf is one operator on the top level: then a value can be found without parsing the line. */
  readonly flatKeys: readonly string[] | undefined;
}

export function jsonParser(format: Readonly<Record<string, unknown>>): JsonParser {
  const leaves = leavesOf(format, []);
  const slots = leaves.flatMap((leaf) => leaf.slots);
  const keys = Object.keys(format);
  const isFlat = leaves.every(({ way, inner }) => way.length === 1 && inner === undefined);
  const flatKeys = leaves.map(({ way }) => way[0] ?? '');
  return {
    slots,
    flatKeys: isFlat ? flatKeys : undefined,
    read: (object) => {
      if (!hasMost(object, keys)) return undefined;
      return isFlat ? flatKeys.map((key) => leafValue(object[key])) : leaves.flatMap((leaf) => readLeaf(leaf, object));
    },
  };
}

function leavesOf(value: unknown, way: readonly string[]): Leaf[] {
  if (typeof value === 'string') {
    const format = parseFormat(value);
    const slots = format.operators.map(slotOf);
    const isAlone = slots.length === 1 && format.literals.every((literal) => literal === '');
    return slots.length === 0 ? [] : [{ way, format, slots, inner: isAlone ? undefined : textParser(format, slots) }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...way, key]));
}

/** With omit_empty_values keys are missing; an agent's JSON line has a key or two of them by chance. */
function hasMost(object: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  let found = 0;
  for (const key of keys) if (object[key] !== undefined) found++;
  return found > 0 && found * 2 >= Math.min(keys.length, 8);
}

function readLeaf({ way, slots, inner }: Leaf, object: unknown): Values {
  let value = object;
  for (const key of way) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  if (inner === undefined) return [leafValue(value)];
  return (typeof value === 'string' ? inner(value) : undefined) ?? slots.map(() => undefined);
}

function leafValue(value: unknown): string | number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return value === '-' || value === '' ? undefined : value;
  return value === null || value === undefined ? undefined : JSON.stringify(value);
}

const space = 32;
const comma = 44;
const backslash = 92;
const doubleQuote = 34;

/** What `quickValue` says where it cannot say more: the line has to be parsed. */
export const unsure = Symbol('unsure');

/**
 * The value of a key on the top level of a line, without parsing the rest. Inside of JSON strings every quote has a backslash before
 * it, so `"key":` can stand nowhere but where it is a key. Values with escapes, and objects, are left to the parser.
 */
export function quickValue(line: string, key: string): string | number | undefined | typeof unsure {
  const at = line.indexOf(`"${key}":`);
  if (at === -1) return unsure;
  let start = at + key.length + 3;
  while (line.charCodeAt(start) === space) start++;
  if (line.charCodeAt(start) !== doubleQuote) return quickScalar(line, start);
  const end = line.indexOf('"', start + 1);
  if (end === -1) return unsure;
  for (let i = start; i < end; i++) if (line.charCodeAt(i) === backslash) return unsure;
  return leafValue(line.slice(start + 1, end));
}

function quickScalar(line: string, start: number): number | undefined | typeof unsure {
  if (line.startsWith('null', start)) return undefined;
  let value = 0;
  let at = start;
  for (; at < line.length; at++) {
    const digit = line.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const next = line.charCodeAt(at);
  return at > start && (next === comma || next === 125) ? value : unsure;
}
