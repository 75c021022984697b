// The values of a line → an entry with names and types.

import { type AccessEntry, accessFields } from '#model/access-log.ts';
import type { Slot } from './operators.ts';
import { shortFlags } from './response-flags.ts';
import type { Values } from './text-parser.ts';
import { timeReader } from './time-format.ts';

type Convert = (value: string | number) => unknown;

const numberOf: Convert = (value) => {
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
};

function converterOf({ field, kind, timeFormat }: Slot): Convert {
  if (field === undefined) return kind === 'number' ? (value) => numberOf(value) ?? value : (value) => value;
  switch (accessFields[field]) {
    case 'number':
      return numberOf;
    case 'flags':
      return (value) => shortFlags(String(value));
    case 'time': {
      const read = timeFormat === undefined ? undefined : timeReader(timeFormat);
      return (value) => (read ? (read(String(value)) ?? String(value)) : String(value));
    }
    case 'text':
      return String;
  }
}

/** Where two operators fill the same field, the first that is set counts. */
export function entryOf(slots: readonly Slot[]): (values: Values) => AccessEntry {
  const converters = slots.map(converterOf);
  return (values) => {
    const entry: Record<string, unknown> = {};
    const other: Record<string, unknown> = {};
    slots.forEach(({ field, name }, index) => {
      const value = values[index];
      if (value === undefined) return;
      if (field === undefined) other[name] = converters[index]?.(value);
      else entry[field] ??= converters[index]?.(value);
    });
    if (Object.keys(other).length > 0) entry['other'] = other;
    return entry as AccessEntry;
  };
}
