import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copied, memoizeByText, memoizeLong } from '#core/memoize.ts';

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

test('long texts are read once, also those with the same end, of which few are kept', () => {
  let reads = 0;
  const read = memoizeLong(
    (text) => text.slice(-3),
    (text) => ({ text, number: ++reads }),
  );
  const texts = Array.from({ length: 21 }, (_, index) => `${index} end`);
  for (const text of [...texts, ...texts, 'another']) assert.is(read(text).text, text);
  assert.is(reads, 23); // of the 21, all but the last are known
  assert.is(read('20 end').number, 24);
  assert.is(read('another').number, 23);
});

test.run();
