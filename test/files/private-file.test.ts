// Files are written whole; whether they may be is known before anybody is asked.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import { expectWritable, writePrivateFile } from '#files/private-file.ts';

async function inDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-private-'));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const failure = (work: Promise<unknown>): Promise<ToolError> =>
  work.then(
    () => assert.unreachable('it went well') as never,
    (error: unknown) => (error instanceof ToolError ? error : assert.unreachable(String(error))) as ToolError,
  );

test('a directory is no name for a file, and what is missing is named, also with --force', () =>
  inDirectory(async (directory) => {
    for (const mayReplace of [false, true]) {
      const { code, message, hint } = await failure(expectWritable(directory, mayReplace));
      assert.equal(
        [code, message, hint],
        ['usage', `cannot write ${directory}: it is a directory`, 'name a file in it'],
      );
      const none = await failure(expectWritable(join(directory, 'none', 'a'), mayReplace));
      const where = join(directory, 'none');
      assert.equal(
        [none.code, none.message],
        ['machine', `cannot write into ${where}: it does not exist (ENOENT: access ${where})`],
      );
    }
  }));

test('nothing takes the place of a device or a pipe, also behind a link', () =>
  inDirectory(async (directory) => {
    const [pipe, behind, nowhere] = ['pipe', 'behind', 'nowhere'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    execFileSync('mkfifo', [pipe]);
    symlinkSync('/dev/null', behind);
    for (const path of [pipe, behind, '/dev/null']) {
      const { code, message } = await failure(expectWritable(path, true));
      assert.equal([code, message], ['usage', `cannot write ${path}: it is a device or pipe, not a file`]);
    }
    symlinkSync(join(directory, 'none'), nowhere);
    await expectWritable(nowhere, true);
  }));

test('a file is for nobody else to read, and replaces another only where it may, and when it is whole', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'a');
    await writePrivateFile(path, 'one', false);
    assert.is((statSync(path).mode & 0o777).toString(8), '600');
    assert.is((await failure(writePrivateFile(path, 'two', false))).message, `cannot write ${path}: it exists`);
    await writePrivateFile(path, 'three', true);
    assert.is(readFileSync(path, 'utf8'), 'three');
    mkdirSync(join(directory, 'b'));
    assert.is((await failure(writePrivateFile(join(directory, 'b'), 'four', true))).code, 'machine');
    assert.equal(readdirSync(directory), ['a', 'b']);
  }));

test.run();
