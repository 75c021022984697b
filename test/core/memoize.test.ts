import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copied, memoizeByText } from '#core/memoize.ts';

test('a copy is the same text, whatever is in it', () => {
  for (const text of ['', 'a', ' a longer text than one that V8 copies anyway', 'ä\ud800\0'])
    assert.is(copied(text), text);
});

test('what has the same text is read once, what cannot be read each time, and no more is kept than may be', () => {
  let reads = 0;
  const read = memoizeByText(
    ({ text }: { readonly text: string }) => text,
    ({ text }) => {
      reads++;
      if (text === 'bad') throw new Error('cannot read it');
      return { text };
    },
    1,
  );
  assert.is(read({ text: 'a' }), read({ text: 'a' }));
  assert.is(reads, 1);
  for (const _ of [1, 2]) assert.throws(() => read({ text: 'bad' }));
  assert.is(reads, 3);
  assert.is.not(read({ text: 'b' }), read({ text: 'b' }));
});

test.run();
