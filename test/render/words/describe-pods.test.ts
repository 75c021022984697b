import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { textOf } from '#render/format/table.ts';
import { describePods } from '#render/words/describe-pods.ts';

const said = (pods: readonly string[], answered: readonly string[], all = 3): string =>
  textOf(describePods(pods, { answered, all }));

test('on all of the pods, on some, and where some did not answer', () => {
  assert.is(said(['a', 'b', 'c'], ['a', 'b', 'c']), '3/3');
  assert.is(said(['a', 'b'], ['a', 'b', 'c']), '2/3, not c');
  assert.is(said(['a'], ['a', 'b', 'c']), '1/3, only a');
  assert.is(said(['a', 'b'], ['a', 'b']), '2/3, 1 unknown');
});

test('a pod that did not answer is not unknown where its log tells', () => {
  assert.is(said(['a', 'b', 'c'], ['a', 'b']), '3/3');
  assert.is(said(['b', 'c'], ['a', 'b']), '2/3, not a');
  assert.is(said(['c'], ['a', 'b']), '1/3, only c');
  assert.is(said(['c'], ['a'], 4), '1/4, not a, 2 unknown');
});

test.run();
