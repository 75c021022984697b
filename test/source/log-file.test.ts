import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLogFile } from '#source/log-file.ts';

const chunks = ['a\nb\nc', 'd\ne\n', 'f\ng\nh'];

async function read(sift?: (block: Buffer) => readonly Buffer[]): Promise<(readonly string[])[]> {
  const all: (readonly string[])[] = [];
  for await (const lines of readLogFile('-', Readable.from(chunks.map((chunk) => Buffer.from(chunk))), sift))
    all.push(lines);
  return all;
}

test('lines come once, in their order, wherever the chunks end', async () => {
  assert.equal((await read()).flat(), ['a', 'b', 'cd', 'e', 'f', 'g', 'h']);
});

test('what is sifted out does not come; the lines that lie in two chunks are read', async () => {
  const blocks: string[] = [];
  const lines = await read((block) => {
    blocks.push(block.toString());
    return [];
  });
  assert.equal(blocks, ['b\n', 'e\n', 'g\n']);
  // Some of each chunk: who reads sees in time that it is to stop, also where nothing is wanted.
  assert.equal(lines, [['a'], ['cd'], ['f'], ['h']]);
});

test('UTF-16 is read by its byte order mark, also where a chunk ends within it or within a character', async () => {
  const text = 'a\nß€😀\nc';
  const big = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
  const encoded = [Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, 'utf16le'), big];
  for (const bytes of encoded)
    for (const size of [1, 3, 100]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      const lines: string[] = [];
      for await (const some of readLogFile('-', Readable.from(pieces))) lines.push(...some);
      assert.equal(lines, text.split('\n'));
    }
});

test.run();
