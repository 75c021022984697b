import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LineSplitter } from '#core/lines.ts';

const split = (chunks: readonly Buffer[], most?: number): string[] => {
  const splitter = new LineSplitter(most);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
};

const bytes = Buffer.from('a\n\nünïcødé ✓\r\nlast without newline');
const lines = ['a', '', 'ünïcødé ✓', 'last without newline'];

test('lines are the same wherever the bytes are cut', () => {
  for (let cut = 0; cut <= bytes.length; cut++)
    assert.equal(split([bytes.subarray(0, cut), bytes.subarray(cut)]), lines, `cut at ${cut}`);
  assert.equal(split([...bytes].map((byte) => Buffer.of(byte))), lines);
  assert.equal(split([]), []);
  assert.equal(split([Buffer.from('a\n')]), ['a']);
});

test('broken UTF-8 and NULs are kept as characters', () => {
  assert.equal(split([Buffer.of(0xff, 0x61, 0, 0x0a, 0xe2, 0x9c)]), ['\uFFFDa\0', '\uFFFD']);
});

test('a line at the limit is whole, one byte more is cut and counted, wherever it is cut into pieces', () => {
  const line = (length: number): Buffer => Buffer.from(`${'x'.repeat(length)}\nb\n`);
  for (let cut = 0; cut <= 14; cut++) {
    assert.equal(
      split([line(10).subarray(0, cut), line(10).subarray(cut)], 10),
      ['x'.repeat(10), 'b'],
      `cut at ${cut}`,
    );
    assert.equal(
      split([Buffer.from('\n'), line(11).subarray(0, cut), line(11).subarray(cut)], 10),
      ['', `${'x'.repeat(10)}… (1 bytes more)`, 'b'],
      `cut at ${cut}`,
    );
  }
});

test('a line without end takes no more memory than the limit', () => {
  const splitter = new LineSplitter(1000);
  for (let i = 0; i < 1000; i++) assert.equal(splitter.push(Buffer.alloc(1000, 'x')), []);
  assert.equal(splitter.end(), [`${'x'.repeat(1000)}… (999000 bytes more)`]);
});

test('JSON on one line may be longer than a text', () => {
  const cut = (text: string): string[] => {
    const splitter = new LineSplitter(10, 20);
    const bytes = Buffer.from(`${text}\nb\n`);
    return [...splitter.push(bytes), ...splitter.push(bytes.subarray(0, 7)), ...splitter.push(bytes.subarray(7))];
  };
  for (const json of ['{"a":"0123456789"}', ' [{"a":"012345"}]', '["0123456789"]'])
    assert.equal(cut(json), [json, 'b', json, 'b'], json);
  for (const text of ['[2026-12-01T02:36]', '"quoted" [{"a":1}'])
    assert.ok(
      cut(text).every((line) => line.length < 30 && line !== text),
      text,
    );
  assert.is(cut('{"a":"0123456789012"}')[0], '{"a":"0123456789012"… (1 bytes more)');
});

test.run();
