// The archive inside a page, however its bytes come.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveIn, archiveStart, pageStart } from '#files/page-archive.ts';

async function* inPieces(text: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
}

async function read(text: Buffer | string, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of archiveIn(inPieces(Buffer.from(text), size), 'x.html')) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const archive = Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7919) % 256));
const page = `${pageStart}\n<p>before ${archiveStart.slice(0, -1)} not yet</p>${archiveStart}${archive.toString('base64')}</script>\n<p>QUJD</p>`;

for (const size of [1, 3, 7, 64, 10_000]) {
  test(`in pieces of ${size} bytes`, async () => {
    assert.equal(await read(page, size), archive);
    assert.equal(await read(archive, size), archive);
    assert.equal(await read('ab', size), Buffer.from('ab'));
    assert.equal(await read('', size), Buffer.alloc(0));
  });
}

test('an archive that is cut off is as far as it goes', async () => {
  const cut = page.slice(0, page.indexOf(archiveStart) + archiveStart.length + 402);
  assert.equal(await read(cut, 100), archive.subarray(0, 300));
});

test('a page without one is refused', async () => {
  await read(`${pageStart}<p></p>`, 5).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, 'x.html: it is a page without a snapshot inside'),
  );
});

test.run();
