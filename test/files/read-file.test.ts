import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import { LineSplitter } from '#core/lines.ts';
import { readWholeFile } from '#files/read-file.ts';
import { readLogFile } from '#source/log-file.ts';
import { rejection } from '../support/rejection.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-test-'));
const fifo = join(directory, 'fifo');
spawnSync('mkfifo', [fifo]);
const endless = join(directory, 'endless');
writeFileSync(endless, '');
truncateSync(endless, 2 ** 40);
test.after(() => rmSync(directory, { recursive: true }));

const mebibyte = 1024 * 1024;

/** The error, and how long after Ctrl-C it came. */
async function afterCtrlC(read: (signal: AbortSignal) => Promise<unknown>): Promise<{ error: ToolError; ms: number }> {
  const controller = new AbortController();
  let pressedAt = 0;
  setTimeout(() => {
    pressedAt = performance.now();
    controller.abort(new ToolError('interrupted', 'Ctrl-C'));
  }, 50);
  const error = await rejection(read(controller.signal));
  return { error, ms: performance.now() - pressedAt };
}

async function everyLine(path: string, signal: AbortSignal): Promise<string[]> {
  const lines: string[] = [];
  const splitter = new LineSplitter();
  for await (const chunk of readLogFile(path, process.stdin, signal)) lines.push(...splitter.push(chunk));
  return lines;
}

for (const [title, read] of Object.entries<(signal: AbortSignal) => Promise<unknown>>({
  'a FIFO that nobody writes into': (signal) => readWholeFile(fifo, { mostBytes: mebibyte, signal }),
  'a log that is such a FIFO': (signal) => everyLine(fifo, signal),
  'a log that takes minutes to read': (signal) => everyLine(endless, signal),
  'a log without an end and without a line': (signal) => everyLine('/dev/zero', signal),
})) {
  test(`Ctrl-C is heard while ${title} is read`, async () => {
    const { error, ms } = await afterCtrlC(read);
    assert.is(error.code, 'interrupted');
    assert.ok(ms < 200, `${ms} ms`);
  });
}

test('what comes through a pipe is read to its end, as kubectl reads <(…)', async () => {
  const writer = spawn('sh', ['-c', `(sleep 0.1; echo apiVersion: v1; sleep 0.1; echo kind: Config) > ${fifo}`]);
  const body = await readWholeFile(fifo, { mostBytes: mebibyte });
  assert.is(body.toString(), 'apiVersion: v1\nkind: Config\n');
  writer.kill();
});

test('of a file so much is read as a limit allows', async () => {
  const error = await rejection(readWholeFile('/dev/zero', { mostBytes: 3 * mebibyte }));
  assert.equal([error.code, error.message], ['too-large', 'cannot read /dev/zero: it is larger than 3 MiB']);
  const large = join(directory, 'large');
  writeFileSync(large, Buffer.alloc(2 * mebibyte));
  assert.is((await rejection(readWholeFile(large, { mostBytes: mebibyte }))).code, 'too-large');
  assert.is((await readWholeFile(large, { mostBytes: 2 * mebibyte })).length, 2 * mebibyte);
});

test('what is no regular file is refused where one is wanted', async () => {
  const link = join(directory, 'link');
  symlinkSync('/dev/zero', link);
  for (const path of [fifo, link, directory]) {
    const error = await rejection(readWholeFile(path, { mostBytes: mebibyte, isRegular: true }));
    assert.equal([error.code, error.message], ['bad-answer', `cannot read ${path}: it is no regular file`]);
  }
});

test.run();
