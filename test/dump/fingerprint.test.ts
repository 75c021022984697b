import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contentKey } from '#core/content-key.ts';
import { fingerprint } from '#dump/fingerprint.ts';

test('is six hexadecimal digits of the SHA-256 of the sorted contents', () => {
  assert.is(fingerprint([]), 'e3b0c4', 'of nothing');
  assert.is(fingerprint(['a']), 'ffe9aa', "of 'a' and a zero byte");
});

test('a key stands for its content, and is short however long that is', () => {
  assert.is(contentKey('a'), contentKey('a'));
  assert.is.not(contentKey('a'), contentKey('b'));
  assert.is(contentKey('a'.repeat(10_000)).length, 16);
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
