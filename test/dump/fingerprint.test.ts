import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '#dump/fingerprint.ts';

test('is six hexadecimal digits of the SHA-256 of the sorted contents', () => {
  assert.is(fingerprint([]), 'e3b0c4', 'of nothing');
  assert.is(fingerprint(['a']), 'ffe9aa', "of 'a' and a zero byte");
});

test('does not look at the order', () => assert.is(fingerprint(['a', 'b']), fingerprint(['b', 'a'])));

test('tells contents apart, wherever one ends', () => {
  assert.is.not(fingerprint(['a', 'b']), fingerprint(['ab']));
  assert.is.not(fingerprint(['a']), fingerprint(['a', 'a']));
});

test('leaves what it was given as it was', () => {
  const contents = ['b', 'a'];
  fingerprint(contents);
  assert.equal(contents, ['b', 'a']);
});

test.run();
