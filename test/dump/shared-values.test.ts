// Whatever JSON is written comes back; what pods have in common is written once; a stranger's list cannot grow without
// end.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SharedValues, sharedReader } from '#dump/shared-values.ts';

const most = 100_000;

function roundTrip(values: readonly unknown[]): unknown[] {
  const shared = new SharedValues();
  const texts = values.map((value) => shared.textOf(value));
  const read = sharedReader(JSON.parse(shared.listText()), most);
  return texts.map((text) => read(JSON.parse(text)));
}

test('any JSON comes back as it was, also what looks like a reference', () =>
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 6 })), (values) => {
      const plain = JSON.parse(JSON.stringify(values)) as unknown[];
      assert.equal(roundTrip(plain), plain);
    }),
  ));

test('an object with a field called $shared is no reference', () => {
  const values = [{ $shared: 0 }, { $shared: { $shared: 'x'.repeat(300) } }, { $shared: null, other: 1 }];
  assert.equal(roundTrip(values), values);
});

test('equal values are written once, and are the same object when read', () => {
  const route = { name: 'svc1', headers: Array.from({ length: 30 }, (_, n) => `x-${n}`) };
  const shared = new SharedValues();
  const first = shared.textOf({ pod: 'a', routes: [route, { other: 'x'.repeat(200) }] });
  const length = shared.listText().length;
  const second = shared.textOf({ pod: 'b', routes: [route, { other: 'x'.repeat(200) }] });
  assert.ok(shared.listText().length - length < 100, 'only what differs is added');
  const read = sharedReader(JSON.parse(shared.listText()), most);
  const [a, b] = [first, second].map(
    (text) => read(JSON.parse(text)) as { readonly routes: readonly (typeof route)[] },
  );
  assert.equal(a?.routes[0], route);
  assert.ok(a?.routes[0]?.headers === b?.routes[0]?.headers);
});

test('a reference that leads nowhere, forward or in a circle is refused', () => {
  for (const list of [
    [{ $shared: 0 }],
    [{ $shared: 1 }, 1],
    [{ a: { $shared: 7 } }],
    [{ $shared: -1 }],
    [{ $shared: 'x' }],
  ])
    assert.throws(() => sharedReader(list, most), /it has no shared value/);
});

test('a list that doubles itself again and again is refused before it is as large', () => {
  const list: unknown[] = ['x'];
  for (let id = 0; id < 64; id++) list.push([{ $shared: id }, { $shared: id }]);
  assert.throws(() => sharedReader(list, most), /more than 100000 values/);
});

test.run();
