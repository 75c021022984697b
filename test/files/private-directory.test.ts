import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { claimEmptyDirectory, makeDirectories, pathInside } from '#files/private-directory.ts';
import { rejection } from '../support/rejection.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-test-'));
test.after(() => rmSync(directory, { recursive: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('a directory is for its owner alone, also one that was there', async () => {
  const made = join(directory, 'a/b');
  await claimEmptyDirectory(made);
  const open = join(directory, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  await claimEmptyDirectory(open);
  assert.equal([made, join(directory, 'a'), open].map(modeOf), ['700', '700', '700']);
  assert.equal(readdirSync(open), []);
});

test('a directory that is not empty, or is none, is left alone', async () => {
  writeFileSync(join(directory, 'file'), '');
  assert.match((await rejection(claimEmptyDirectory(directory))).message, 'it is not empty');
  assert.match((await rejection(claimEmptyDirectory(join(directory, 'file')))).message, 'it is there already');
});

// Only root can give a directory away.
if (process.getuid?.() === 0) {
  test('a directory that somebody else owns is refused: its owner could put links into it', async () => {
    const foreign = join(directory, 'foreign');
    mkdirSync(foreign);
    chmodSync(foreign, 0o777);
    chownSync(foreign, 65534, 65534);
    const error = await rejection(claimEmptyDirectory(foreign));
    assert.equal([error.code, error.message], ['usage', `cannot write into ${foreign}: it belongs to somebody else`]);
  });
}

test('what cannot be made does not take for ever', async () => {
  assert.is(((await rejection(makeDirectories('/proc/nope/x'))) as { code: string }).code, 'ENOENT');
});

test('a path stays inside, also by links', async () => {
  const root = join(directory, 'root');
  mkdirSync(join(root, 'pods'), { recursive: true });
  writeFileSync(join(root, 'pods/file'), '');
  symlinkSync('/etc', join(root, 'out'));
  symlinkSync('pods', join(root, 'in'));
  assert.match(await pathInside(root, 'in', 'file'), /pods\/file$/);
  for (const parts of [
    ['out', 'passwd'],
    ['..', 'file'],
    ['pods', '../../file'],
  ]) {
    const error = await rejection(pathInside(root, ...parts));
    assert.is(error.code, 'bad-answer', parts.join('/'));
    assert.match(error.message, `it leads out of ${root}`);
  }
});

test.run();
