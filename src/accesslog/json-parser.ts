// Lines of a JSON format → the values of its leaves, in the order of the format. A leaf is a format string: one
// operator alone keeps its type (numbers are numbers, unset is null), with text around it everything is a string, and
// unset is `-`. Source: envoy source/common/formatter/substitution_formatter.cc JsonFormatterImpl; api
// envoy/config/core/v3/substitution_format_string.proto.

import type { AccessField, UnreadLeaf } from '#model/access-log.ts';
import { failureFields } from './failure.ts';
import { type ParsedFormat, parseFormat } from './format.ts';
import { type Slot, slotOf } from './operators.ts';
import { quickJson } from './quick-json.ts';
import type { QuickLine } from './quick-line.ts';
import { type TextParser, textParser, type Values } from './text-parser.ts';

interface Leaf {
  /** The keys that lead to it. */
  readonly way: readonly string[];
  readonly format: ParsedFormat;
  readonly slots: readonly Slot[];
  /** Where the leaf is more than one operator alone. */
  readonly inner: TextParser | undefined;
  /** Lines whose text here is not what the format writes. */
  unread: number;
}

export interface JsonParser {
  readonly slots: readonly Slot[];
  /** Undefined for an object that does not have the format's keys. */
  readonly read: (object: Readonly<Record<string, unknown>>) => Values | undefined;
  /** So far. */
  readonly unread: () => readonly UnreadLeaf[];
  /** Where every leaf is one operator on the top level. */
  readonly quick: QuickLine | undefined;
}

export function jsonParser(format: Readonly<Record<string, unknown>>): JsonParser {
  const leaves = leavesOf(format, []);
  const slots = leaves.flatMap((leaf) => leaf.slots);
  const keys = Object.keys(format);
  // omit_empty_values leaves keys out, so not all are needed; a JSON line of the agent has one or two of them by
  // chance.
  const isEnough = (found: number): boolean => found > 0 && found * 2 >= Math.min(keys.length, 8);
  const isFlat = leaves.every(({ way, inner }) => way.length === 1 && inner === undefined);
  const flatKeys = leaves.map(({ way }) => way[0] ?? '');
  return {
    slots,
    unread: () => leaves.filter(({ unread }) => unread > 0).map(unreadLeaf),
    quick: isFlat ? quickJson([...new Set([...flatKeys, ...keys])], isEnough) : undefined,
    read: (object) => {
      if (!isEnough(countOf(keys, object))) return undefined;
      return isFlat ? flatKeys.map((key) => leafValue(object[key])) : leaves.flatMap((leaf) => readLeaf(leaf, object));
    },
  };
}

const unreadLeaf = ({ way, slots, unread }: Leaf): UnreadLeaf => ({
  key: way.join('.'),
  lines: unread,
  tellsErrors: slots.some(({ field }) => failureFields.some((one: AccessField) => one === field)),
});

function leavesOf(value: unknown, way: readonly string[]): Leaf[] {
  if (typeof value === 'string') {
    const format = parseFormat(value);
    const slots = format.operators.map(slotOf);
    const isAlone = slots.length === 1 && format.literals.every((literal) => literal === '');
    return slots.length === 0
      ? []
      : [{ way, format, slots, inner: isAlone ? undefined : textParser(format, slots), unread: 0 }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...way, key]));
}

function countOf(keys: readonly string[], object: Readonly<Record<string, unknown>>): number {
  let found = 0;
  for (const key of keys) if (object[key] !== undefined) found++;
  return found;
}

function readLeaf(leaf: Leaf, object: unknown): Values {
  const { way, slots, inner } = leaf;
  let value = object;
  for (const key of way)
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  if (inner === undefined) return [leafValue(value)];
  const values = typeof value === 'string' ? inner(value) : undefined;
  if (values !== undefined) return values;
  if (value !== undefined && value !== null && value !== '') leaf.unread++;
  return slots.map(() => undefined);
}

function leafValue(value: unknown): string | number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return value === '-' || value === '' ? undefined : value;
  return value === null || value === undefined ? undefined : JSON.stringify(value);
}
