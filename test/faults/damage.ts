// Ways in which bytes and JSON go wrong, drawn by fast-check.

import fc from 'fast-check';

/** `bytes` with some of them changed, left out, repeated or put in. */
export function damagedBytes(bytes: Buffer): fc.Arbitrary<Buffer> {
  const at = fc.nat({ max: Math.max(0, bytes.length - 1) });
  const change = fc.oneof(
    fc.record({ does: fc.constant('set' as const), at, value: fc.nat({ max: 255 }) }),
    fc.record({ does: fc.constant('cut' as const), at, length: fc.nat({ max: 40 }) }),
    fc.record({ does: fc.constant('end' as const), at }),
    fc.record({ does: fc.constant('insert' as const), at, bytes: fc.uint8Array({ maxLength: 8 }) }),
    fc.record({ does: fc.constant('repeat' as const), at, length: fc.nat({ max: 200 }) }),
  );
  return fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) =>
    changes.reduce((now: Buffer, one) => {
      const [before, after] = [now.subarray(0, one.at), now.subarray(one.at)];
      if (one.does === 'set') return Buffer.concat([before, Buffer.of(one.value), after.subarray(1)]);
      if (one.does === 'cut') return Buffer.concat([before, after.subarray(one.length)]);
      if (one.does === 'end') return before;
      if (one.does === 'insert') return Buffer.concat([before, one.bytes, after]);
      return Buffer.concat([before, after.subarray(0, one.length), after]);
    }, bytes),
  );
}

/** What stands where something else is expected. */
const misfits: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  Number.POSITIVE_INFINITY,
  '',
  'x',
  '9999-99-99T99:99:99Z',
  [],
  [null],
  {},
  { '@type': 'x' },
  { value: null },
  ['a', 1],
];

/**
 * `json` with one to three of its parts, however deep, replaced by something that is not meant to stand there, or gone.
 */
export function damagedJson(json: unknown): fc.Arbitrary<unknown> {
  const step = fc.nat({ max: 1_000_000 });
  const damage = fc.record({
    path: fc.array(step, { minLength: 1, maxLength: 14 }),
    misfit: fc.constantFrom(...misfits),
    isGone: fc.boolean(),
  });
  return fc
    .array(damage, { minLength: 1, maxLength: 3 })
    .map((damages) => damages.reduce((now, { path, ...rest }) => replaced(now, path, rest), json));
}

/** Follows `path` as far as there is something to go into; each number chooses among the fields there are. */
function replaced(
  json: unknown,
  [choice, ...path]: readonly number[],
  how: { readonly misfit: unknown; readonly isGone: boolean },
): unknown {
  if (choice === undefined || typeof json !== 'object' || json === null || Object.keys(json).length === 0)
    return how.misfit;
  const keys = Object.keys(json);
  const key = keys[choice % keys.length] as string;
  const isLast = path.length === 0;
  if (Array.isArray(json)) {
    const index = Number(key);
    return isLast && how.isGone ? json.toSpliced(index, 1) : json.with(index, replaced(json[index], path, how));
  }
  const { [key]: value, ...others } = json as Record<string, unknown>;
  return isLast && how.isGone ? others : { ...json, [key]: replaced(value, path, how) };
}
