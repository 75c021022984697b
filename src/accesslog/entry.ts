// The values of a line → an entry with names and types.

import { dateTime } from '#core/moment.ts';
import { type AccessEntry, type AccessField, accessFields } from '#model/access-log.ts';
import { withoutDelimiter } from '#model/cluster-name.ts';
import { grpcStatusName } from './grpc-status.ts';
import type { Slot } from './operators.ts';
import { shortFlags } from './response-flags.ts';
import type { ReadValue } from './text-parser.ts';
import { timeReader } from './time-format.ts';

type Convert = (value: string | number) => unknown;

const numberOf: Convert = (value) => {
  // Kibana's tables write numbers with thousands separators.
  const number = Number(typeof value === 'string' && value.includes(',') ? value.replace(/,(?=\d{3}\b)/g, '') : value);
  return Number.isNaN(number) ? undefined : number;
};

/** Nearly all times end so, and are as they should be. */
const zonedTime = (text: string): string | undefined => (text.endsWith('Z') ? text : dateTime(text));

function converterOf({ field, kind, timeFormat }: Slot): Convert {
  if (field === undefined) return kind === 'number' ? (value) => numberOf(value) ?? value : (value) => value;
  switch (accessFields[field]) {
    case 'number':
      return numberOf;
    case 'grpc':
      return (value) => grpcStatusName(String(value));
    case 'flags':
      return (value) => shortFlags(String(value));
    case 'time': {
      const read = (timeFormat === undefined ? undefined : timeReader(timeFormat)) ?? zonedTime;
      return (value) => read(String(value)) ?? String(value);
    }
    case 'cluster':
      return (value) => withoutDelimiter(String(value));
    case 'text':
      return String;
  }
}

/** `only` these fields, where it is given. Where two operators fill the same field, the first that is set counts. */
export function entryOf(slots: readonly Slot[], only?: ReadonlySet<AccessField>): (read: ReadValue) => AccessEntry {
  const readers = slots.map((slot, index) => ({
    index,
    field: slot.field,
    name: slot.name,
    convert: converterOf(slot),
    isAgain: slots.findIndex(({ field }) => field === slot.field) < index,
  }));
  const ofFields = readers.flatMap(({ field, ...reader }) =>
    field === undefined || only?.has(field) === false ? [] : [{ field, ...reader }],
  );
  const others = only ? [] : readers.filter(({ field }) => field === undefined);
  return (read) => {
    const entry: Record<string, unknown> = {};
    for (const { index, field, convert, isAgain } of ofFields) {
      const value = read(index);
      if (value !== undefined && !(isAgain && entry[field] !== undefined)) entry[field] = convert(value);
    }
    if (others.length === 0) return entry as AccessEntry;
    const set = others.flatMap(({ index, name, convert }) => {
      const value = read(index);
      return value === undefined ? [] : [[name, convert(value)] as const];
    });
    if (set.length > 0) entry['other'] = Object.fromEntries(set);
    return entry as AccessEntry;
  };
}
