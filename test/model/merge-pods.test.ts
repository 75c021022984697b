import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { byIdentity, interner, mergePods } from '#model/merge-pods.ts';

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

test('what a later pod has in common with an earlier one is held once; keys are made of namesakes alone', () => {
  const made: Item[] = [];
  const pool = interner(keyOf, (item) => {
    made.push(item);
    return JSON.stringify(item);
  });
  const first = pool.intern([{ name: 'a' }, { name: 'b' }]);
  assert.equal(made, []);
  const second = pool.intern([{ name: 'b' }, { name: 'c' }, { name: 'a', seen: 1 }]);
  assert.is(second[0], first[1]);
  assert.equal(made, [{ name: 'b' }, { name: 'b' }, { name: 'a', seen: 1 }, { name: 'a' }]);
  assert.is(pool.intern([{ name: 'a' }])[0], first[0]);
  assert.is(made.length, 5, 'the key of what is held is made once');
  assert.equal(
    mergePods(
      [
        { pod: { name: 'p' }, ok: first },
        { pod: { name: 'q' }, ok: second },
      ],
      byIdentity,
      byName,
    ).map(({ value, pods }) => [value.name, pods]),
    [
      ['a', ['p']],
      ['a', ['q']],
      ['b', ['p', 'q']],
      ['c', ['q']],
    ],
  );
});

test.run();
