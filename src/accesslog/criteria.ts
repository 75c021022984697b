// The filter flags of `logs` and `top` → criteria.

import { type Criterion, type FilterName, filterKeys, readNot } from './filter.ts';

type FilterFlags = Readonly<Record<string, unknown>>;

/** All given ones have to hold; of several values of one flag, any. */
export function readCriteria(flags: FilterFlags): Criterion[] {
  const given = (Object.keys(filterKeys) as FilterName[]).flatMap((key): Criterion[] => {
    const values = valuesOf(flags[key]);
    return values.length === 0 ? [] : [{ key, values, isNot: false }];
  });
  return [...given, ...((flags['not'] as readonly string[] | undefined) ?? []).map(readNot)];
}

function valuesOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly string[]) : [String(value)];
}
