import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lineParser } from '#accesslog/line-parser.ts';
import { LineSplitter } from '#core/lines.ts';
import { fileFeed } from '#questions/logs/feed.ts';
import { readLogFile } from '#source/log-file.ts';
import { rejection } from '../support/rejection.ts';

const asking = { now: new Date(), signal: new AbortController().signal, warn: () => {}, progress: () => {} };
const chunks = ['a\nb\nc', 'd\ne\n', 'f\ng\nh'];

async function linesIn(pieces: readonly Buffer[]): Promise<string[]> {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  for await (const chunk of readLogFile('-', Readable.from(pieces))) lines.push(...splitter.push(chunk));
  return [...lines, ...splitter.end()];
}

test('lines come once, in their order, wherever the chunks end', async () => {
  assert.equal(await linesIn(chunks.map((chunk) => Buffer.from(chunk))), ['a', 'b', 'cd', 'e', 'f', 'g', 'h']);
});

test('what is sifted out does not come; the lines that lie in two chunks are read', async () => {
  const blocks: string[] = [];
  const stdin = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  const feed = fileFeed({ name: '-', stdin }, asking, lineParser([]), (block) => {
    blocks.push(block.toString());
    return ['sifted'];
  });
  const read: (readonly string[])[] = [];
  for await (const some of feed.blocks) read.push(some.map((one) => (typeof one === 'string' ? one : one.text)));
  assert.equal(blocks, ['b\n', 'e\n', 'g\n']);
  // Some of each chunk: who reads sees in time that it is to stop, also where nothing is wanted.
  assert.equal(read, [['a', 'sifted'], ['cd', 'sifted'], ['f', 'sifted'], ['h'], []]);
});

test('UTF-16 is read by its byte order mark, also where a chunk ends within it or within a character', async () => {
  const text = 'a\nß€😀\nc';
  const big = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
  const withMark = [Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, 'utf16le'), big];
  const encoded = [...withMark, Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()];
  for (const bytes of encoded)
    for (const size of [1, 3, 100]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      assert.equal(await linesIn(pieces), text.split('\n'));
    }
});

test('gzip is unpacked, several in one file too; what else packs is said, with what unpacks it', async () => {
  assert.equal(await linesIn([gzipSync('a\nb\n'), gzipSync('c\n')]), ['a', 'b', 'c']);
  const packers: Readonly<Record<string, string>> = {
    zstd: '28b52ffd240421',
    xz: 'fd377a585a0000',
    bzip2: '425a683931415926',
    zip: '504b030414000000',
  };
  for (const [name, hex] of Object.entries(packers)) {
    const error = await rejection(linesIn([Buffer.from(hex, 'hex')]));
    assert.is(error.message, `cannot read stdin: it is packed with ${name}`);
    assert.match(String(error.hint), / FILE \| kubectl istio-ingress logs --from -$/);
  }
});

test.run();
