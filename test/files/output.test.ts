import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openOutput } from '#files/output.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-output-'));
test.after(() => rmSync(directory, { recursive: true }));

/** Of a stream: how often one was opened, and what was written into it. */
function streams() {
  const stream = new PassThrough();
  const opened: PassThrough[] = [];
  const open = (): WriteStream => {
    opened.push(stream);
    return stream as unknown as WriteStream;
  };
  return { open, opened, text: () => String(stream.read() ?? '') };
}

let pipes = 0;

/** Both ends, of which none waits. */
function pipe(): { readonly reader: number; readonly writer: number } {
  const path = join(directory, `pipe${++pipes}`);
  assert.is(spawnSync('mkfifo', [path]).status, 0);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
}

function textIn(reader: number): string {
  const bytes = Buffer.alloc(1 << 20);
  return bytes.toString('latin1', 0, readSync(reader, bytes));
}

test('a file takes all of each text, without a stream', async () => {
  const path = join(directory, 'file');
  const { open, opened } = streams();
  const output = openOutput(openSync(path, 'w'), open, 'linux');
  await output.write('one é\n');
  await output.write('x'.repeat(100_000));
  assert.is(readFileSync(path, 'utf8'), `one é\n${'x'.repeat(100_000)}`);
  assert.equal([output.device(), opened], [undefined, []]);
});

test('a pipe takes a short text without a stream, and what comes after it with one', async () => {
  const { reader, writer } = pipe();
  const { open, opened, text } = streams();
  const output = openOutput(writer, open, 'linux');
  await output.write('one é\n');
  assert.is(Buffer.from(textIn(reader), 'latin1').toString(), 'one é\n');
  assert.equal([output.device(), opened], [undefined, []]);
  await output.write('two\n');
  await output.write('three\n');
  assert.equal([text(), opened.length], ['two\nthree\n', 1]);
});

for (const [what, platform, length] of [
  ['a long text', 'linux', 16 * 1024 + 1],
  ['a pipe of Windows', 'win32', 10],
] as const) {
  test(`${what} takes the stream`, async () => {
    const { writer } = pipe();
    const { open, text } = streams();
    await openOutput(writer, open, platform).write('x'.repeat(length));
    assert.is(text().length, length);
  });
}

for (const [what, room, bytes] of [
  ['is full', 0, 0],
  ['is nearly full', 8192, 8192],
] as const) {
  test(`of a pipe that ${what} and does not wait, the stream takes the rest`, async () => {
    const { reader, writer } = pipe();
    const free = writeSync(writer, Buffer.alloc(1 << 20, '-'));
    textIn(reader);
    if (free > room) writeSync(writer, Buffer.alloc(free - room, '-'));
    const { open, text } = streams();
    const whole = 'abcdefgh'.repeat(1500);
    await openOutput(writer, open, 'linux').write(whole);
    const rest = text();
    assert.is(rest.length, whole.length - bytes);
    assert.is(textIn(reader).replaceAll('-', '') + rest, whole);
  });
}

test('a reader that has gone is an error', async () => {
  const { reader, writer } = pipe();
  closeSync(reader);
  const failed = await openOutput(writer, streams().open, 'linux')
    .write('x')
    .catch(({ code }) => code);
  assert.is(failed, 'EPIPE');
});

test('of a device, and of what cannot be looked at, there is the stream', () => {
  for (const fd of [openSync('/dev/null', 'w'), 9999]) {
    const { open, opened } = streams();
    assert.ok(openOutput(fd, open, 'linux').device() === (opened[0] as unknown as WriteStream));
  }
});

test.run();
