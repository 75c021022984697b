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

test.run();
