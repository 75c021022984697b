import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { certificateExtensions, derValues } from '#dump/x509/der.ts';

const values = (...bytes: number[]): [number, string][] =>
  derValues(Buffer.from(bytes)).map(({ tag, content }) => [tag, content.toString('hex')]);

test('reads values one after the other', () =>
  assert.equal(values(0x04, 2, 0xab, 0xcd, 0x05, 0), [
    [0x04, 'abcd'],
    [0x05, ''],
  ]));

test('reads lengths of more than one byte', () => {
  const content = Buffer.alloc(300, 1);
  const read = derValues(Buffer.concat([Buffer.from([0x04, 0x82, 0x01, 0x2c]), content, Buffer.from([0x05, 0])]));
  assert.equal(
    read.map(({ tag, content: { length } }) => [tag, length]),
    [
      [0x04, 300],
      [0x05, 0],
    ],
  );
});

test('ends where bytes make no sense', () => {
  assert.equal(values(0x05, 0, 0x04, 9, 1), [[0x05, '']], 'longer than what there is');
  assert.equal(values(0x05, 0, 0x30, 0x80, 0, 0), [[0x05, '']], 'no length');
  assert.equal(values(0x05, 0, 0x04, 0x85, 0, 0, 0, 0, 1, 7), [[0x05, '']], 'a length of five bytes');
  assert.equal(values(0x05, 0, 0x04, 0x82, 1), [[0x05, '']], 'cut off in the length');
  assert.equal(values(0x05), []);
});

test('finds no extensions in what is no certificate', () => {
  assert.is(certificateExtensions(Buffer.alloc(0)).size, 0);
  assert.is(certificateExtensions(Buffer.from([0x30, 2, 0x30, 0])).size, 0);
});

test.run();
