import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { interner, mergePods } from '#model/merge-pods.ts';

interface Item {
  readonly name: string;
  readonly seen?: number;
}

const keyOf = ({ name }: Item): string => name;
const of = (pod: string, ...ok: readonly Item[]) => ({ pod: { name: pod }, ok });
const byName = (a: Item, b: Item): number => a.name.localeCompare(b.name);

test('equal items come once, with the pods that have them; of what is alike in order, the more frequent first', () => {
  const merged = mergePods([of('p', { name: 'b' }, { name: 'a' }), of('q', { name: 'a', seen: 1 })], keyOf, () => 0);
  assert.equal(merged, [
    { value: { name: 'a' }, pods: ['p', 'q'] },
    { value: { name: 'b' }, pods: ['p'] },
  ]);
});

test('an item that one pod has twice names the pod once', () => {
  assert.equal(mergePods([of('p', { name: 'a' }, { name: 'a' })], keyOf, byName), [
    { value: { name: 'a' }, pods: ['p'] },
  ]);
});

test('what a later pod has in common with an earlier one is held once, and its key is made once', () => {
  let made = 0;
  const pool = interner((item: Item) => {
    made += 1;
    return keyOf(item);
  });
  const first = pool.intern([{ name: 'a' }, { name: 'b' }]);
  const second = pool.intern([{ name: 'b' }, { name: 'c' }]);
  assert.is(second[0], first[1]);
  assert.is(made, 4);
  assert.equal([...first, ...second].map(pool.key), ['a', 'b', 'b', 'c']);
  assert.is(made, 4, 'of what is kept it is known');
  assert.is(pool.key({ name: 'other' }), 'other');
});

test.run();
