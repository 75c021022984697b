// Archives of our own come back as they were written; what a stranger may have made is refused, and nothing is written.

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Header } from 'tar/header';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import { createTgz, isTgz, readTgz } from '#files/tgz.ts';

const time = new Date('2026-11-23T12:08:44Z');
const limits = { mostBytes: 10 * 1024 * 1024, mostEntries: 50 };

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-tgz-'));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function write(path: string, files: Readonly<Record<string, string>>, mayReplace = false): Promise<void> {
  const archive = await createTgz(path, time, mayReplace);
  for (const [name, text] of Object.entries(files)) await archive.add(name, text);
  await archive.finish();
}

async function failure(work: Promise<unknown>): Promise<ToolError> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, ToolError);
    return error as ToolError;
  }
  throw new Error('it was not refused');
}

/** One entry as a stranger's tool would write it. */
function entry(
  fields: { path: string; type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO'; linkpath?: string },
  body = '',
): Buffer {
  const header = new Header({ mode: 0o644, mtime: time, type: 'File', ...fields, size: Buffer.byteLength(body) });
  header.encode();
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
  return Buffer.concat([header.block as Buffer, Buffer.from(body), padding]);
}

const archiveOf = (...entries: readonly Buffer[]): Buffer => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));

test('files come back as they were written, also with long names, and for nobody else to read', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'a.tgz');
    const long = `pods/${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(55)}/config_dump.json`;
    const files = { 'index.json': '{}', [long]: 'x'.repeat(70_000), 'logs/gateway/0.log': 'ü\n' };
    await write(path, files);
    const read = await readTgz(path, limits);
    assert.equal(Object.fromEntries([...read].map(([name, body]) => [name, body.toString()])), files);
    assert.is((statSync(path).mode & 0o777).toString(8), '600');
    assert.ok(await isTgz(path));
  }));

test('a file that is there stays as it is, unless it may be replaced', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'a.tgz');
    writeFileSync(path, 'mine');
    const { code, message } = await failure(write(path, {}));
    assert.equal([code, message], ['usage', `cannot write ${path}: it exists`]);
    const archive = await createTgz(join(directory, 'b.tgz'), time, false);
    writeFileSync(join(directory, 'b.tgz'), 'mine');
    assert.match((await failure(archive.finish())).message, 'it exists');
    assert.is(readFileSync(join(directory, 'b.tgz'), 'utf8'), 'mine');
    await archive.abandon();
    await write(path, { 'index.json': '{}' }, true);
    assert.ok(await isTgz(path));
    assert.equal(readdirSync(directory).toSorted(), ['a.tgz', 'b.tgz']);
  }));

test('where it cannot be written, that is said and nothing is left', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'none', 'a.tgz');
    const { code, message } = await failure(write(path, { 'index.json': '{}' }));
    assert.is(code, 'machine');
    assert.match(message, `cannot write into ${join(directory, 'none')}: it does not exist`);
    symlinkSync('/dev/full', join(directory, 'full'));
    const archive = await createTgz(join(directory, 'c.tgz'), time, false);
    await archive.abandon();
    assert.equal(readdirSync(directory), ['full']);
  }));

const odd: readonly (readonly [what: string, Buffer, message: RegExp])[] = [
  [
    'a symbolic link',
    archiveOf(entry({ path: 'index.json', type: 'SymbolicLink', linkpath: '/etc/passwd' })),
    /is a SymbolicLink, not a file/,
  ],
  ['a hard link', archiveOf(entry({ path: 'index.json', type: 'Link', linkpath: '../x' })), /is a Link, not a file/],
  ['a device', archiveOf(entry({ path: 'index.json', type: 'CharacterDevice' })), /is a CharacterDevice, not a file/],
  ['a FIFO', archiveOf(entry({ path: 'index.json', type: 'FIFO' })), /is a FIFO, not a file/],
  ['a way out', archiveOf(entry({ path: '../../etc/cron.d/x' }, 'x')), /is not one that this tool writes/],
  ['an absolute name', archiveOf(entry({ path: '/etc/passwd' }, 'x')), /is not one that this tool writes/],
  ['a name of Windows', archiveOf(entry({ path: 'C:\\x' }, 'x')), /is not one that this tool writes/],
  ['an escape', archiveOf(entry({ path: 'pods/\u001b]0;x\u0007/a' }, 'x')), /is not one that this tool writes/],
  ['a name twice', archiveOf(entry({ path: 'a' }, 'x'), entry({ path: './a' }, 'y')), /is in it twice/],
  [
    'many entries',
    archiveOf(...Array.from({ length: 60 }, (_, n) => entry({ path: `a${n}` }))),
    /more than 50 entries/,
  ],
  [
    'a bomb',
    gzipSync(Buffer.concat([entry({ path: 'a' }, 'x'), Buffer.alloc(20 * 1024 * 1024)])),
    /larger than 10 MiB/,
  ],
  ['bytes that are no archive', gzipSync(Buffer.from('hello '.repeat(500))), /no archive of this tool, or is damaged/],
  ['bytes that are not packed', Buffer.from('hello'), /cannot read .*: it is neither a snapshot nor a page of report/],
];

test('an archive that Safari has unpacked on its way here is read', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'incident.tar');
    writeFileSync(path, gunzipSync(archiveOf(entry({ path: 'index.json' }, '{}'))));
    assert.equal([...(await readTgz(path, limits)).keys()], ['index.json']);
    assert.ok(await isTgz(path));
  }));

test('what is packed with something else is said to be, and what to do', () =>
  inDirectory(async (directory) => {
    for (const [name, head] of [
      ['zip', 'PK\u0003\u0004'],
      ['xz', '\u00fd7zXZ\0'],
      ['zstd', '\u0028\u00b5\u002f\u00fd'],
      ['bzip2', 'BZh9'],
    ] as const) {
      const path = join(directory, `incident.${name}`);
      writeFileSync(path, Buffer.from(`${head}${'x'.repeat(600)}`, 'latin1'));
      const { message, hint } = (await failure(readTgz(path, limits))) as ToolError;
      assert.equal(
        [message, hint],
        [`cannot read ${path}: it is packed with ${name}`, 'unpack it first, and give --from what was in it'],
      );
    }
  }));

test('what who packs a directory again puts beside is passed over', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'again.tgz');
    const names = ['./._index.json', '.DS_Store', 'my notes.txt', 'pods/a (copy).json', 'x~', 'index.json', '..a/b'];
    const packed = names.filter((name) => !name.endsWith('~')).map((name) => entry({ path: name }, name));
    writeFileSync(path, archiveOf(...packed));
    assert.equal([...(await readTgz(path, limits)).keys()], ['index.json']);
    writeFileSync(path, archiveOf(entry({ path: 'a b/../../c' }, 'x')));
    assert.match((await failure(readTgz(path, limits))).message, /is not one that this tool writes/);
  }));

test('what stands behind the end of an archive is damage, and not another kind of file', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'behind.tgz');
    const digits = Array.from({ length: 30_000 }, (_, n) => n * n).join();
    writeFileSync(path, Buffer.concat([archiveOf(entry({ path: 'index.json' }, digits)), Buffer.from('garbage')]));
    assert.match((await failure(readTgz(path, limits))).message, /it is damaged \(incorrect header check\)$/);
  }));

for (const [what, bytes, message] of odd) {
  test(`${what} is refused`, () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'odd.tgz');
      writeFileSync(path, bytes);
      assert.match((await failure(readTgz(path, limits))).message, message);
      assert.equal(readdirSync(directory), ['odd.tgz']);
    }));
}

test('what stands behind the end of an archive is passed over, not gathered', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'a.tgz');
    await write(path, { 'index.json': '{}' });
    writeFileSync(path, gzipSync(Buffer.concat([gunzipSync(readFileSync(path)), Buffer.alloc(24 * 1024 * 1024)])));
    const before = process.cpuUsage();
    const files = await readTgz(path, { ...limits, mostBytes: 32 * 1024 * 1024 });
    const { user, system } = process.cpuUsage(before);
    assert.equal([...files.keys()], ['index.json']);
    // Gathered, they cost 15 s.
    assert.ok(user + system < 3e6, `${(user + system) / 1e6} s`);
  }));

test('a damaged header is found by its checksum, and a file that is cut off is told from one that is none', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'a.tgz');
    await write(path, { 'index.json': '{}'.repeat(10_000), b: 'y' });
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 20));
    assert.match((await failure(readTgz(path, limits))).message, /it is cut off/);
    const plain = gunzipSync(whole);
    plain[3] = 0x41;
    writeFileSync(path, gzipSync(plain));
    assert.match((await failure(readTgz(path, limits))).message, /is damaged/);
    assert.not.ok(existsSync(`${path}.part`));
  }));

test.run();
