// A full disk, descriptors that are closed or full, and directories that cannot be made: what failed and on what, and not
// "a defect".

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TimedLine } from '#cluster/stream/log-lines.ts';
import { LogSpool } from '#source/log-spool.ts';
import { bundleFile } from '../../scripts/bundle.ts';
import { withDemo } from '../support/run-command.ts';
import { attack, generated, notJudged } from './attack.ts';
import { assertFailed, bundled, type Ended, ownEnvironment, runProgram } from './program.ts';

attack('descriptors', [126], 'stdout that is full, or read-only', async () => {
  const full = openSync('/dev/full', 'w');
  const readOnly = openSync('/dev/null', 'r');
  try {
    for (const words of ['routes', '--help', '--version'])
      await withDemo({}, async (cluster) => {
        const run = (fd: number): Promise<Ended> =>
          runProgram(words.split(' '), { env: ownEnvironment(cluster), stdio: ['ignore', fd, 'pipe'] });
        assertFailed(await run(full), /no space is left/);
        assertFailed(await run(readOnly), /^error: cannot write/);
      });
  } finally {
    closeSync(full);
    closeSync(readOnly);
  }
});

generated('descriptors', [126], 'a file that gets full in the middle of the output', async (random) => {
  await withDemo({}, async (cluster) => {
    const [blocks, file] = [1 + random.number(20), join(cluster.directory, 'output')];
    const script = `ulimit -f ${blocks}; exec "$0" "$@" > ${file}`;
    const words = ['-c', script, process.execPath, bundleFile, 'routes', '-o', random.pick(['json', 'yaml'])];
    await bundled();
    assertFailed(await runProgram(words, { env: ownEnvironment(cluster) }, 'sh'), /would be larger than is allowed/);
    assert.is(statSync(file).size, blocks * 512);
  });
});

generated('descriptors', [128], 'descriptors that are closed', async (random) => {
  const closed = random.pick(['>&-', '2>&-', '<&-', '<&- >&- 2>&-', '>&- 2>&-']);
  await bundled();
  const { status, signal } = spawnSync('sh', ['-c', `exec "$0" "$1" --help ${closed}`, process.execPath, bundleFile]);
  assert.ok(signal === null && (status === 0 || status === 2), `${closed}: ${status} ${signal}`);
});

generated(
  'disk',
  [129],
  'a limit of file sizes, and a full disk',
  async (random) => {
    await bundled();
    await withDemo({}, async (cluster) => {
      const blocks = 1 + random.number(200);
      const saved = join(cluster.directory, 'saved');
      const run = (script: string): Promise<Ended> =>
        runProgram(
          ['-c', script, process.execPath, bundleFile, 'config-dump', '--dir', saved],
          { env: ownEnvironment(cluster) },
          'sh',
        );
      const small = await run(`ulimit -f ${blocks}; exec "$0" "$@"`);
      assert.ok(small.code === 2 || small.code === 3, small.err);
      assert.match(small.err, 'the file would be larger than is allowed');
      assert.not.match(small.err, /defect|^\s+at /m);
      rmSync(saved, { recursive: true, force: true });
      const mounted = `mkdir -p ${saved}; mount -t tmpfs -o size=${100 + random.number(900)}k none ${saved} || exit 77; exec "$0" "$@"`;
      const { code, err } = await run(`exec unshare -m sh -c '${mounted}' "$0" "$@"`);
      if (code === 77 || /unshare/.test(err)) return notJudged('no file system of its own can be mounted here');
      assert.ok(code === 2 || code === 3, err);
      assert.match(err, 'no space is left on the disk');
      assert.not.match(err, /defect|^\s+at /m);
      assert.not.ok(existsSync(join(saved, 'index.json')));
    });
  },
  0.1,
);

attack('disk', [130], 'a home and a directory that cannot be made', async () => {
  await withDemo({}, async (cluster) => {
    const env = { ...ownEnvironment(cluster), HOME: '/proc/nope' };
    assertFailed(await runProgram(['log-level', 'http:debug', '--for', '1s'], { env }), /^error: cannot /);
    assertFailed(await runProgram(['config-dump', '--dir', '/proc/nope/x'], { env }), /^error: cannot write/);
  });
});

attack('disk', [51, 137], 'modes of what log-level keeps, whatever the umask', async () => {
  const before = process.umask(0);
  try {
    await withDemo({}, async ({ kii, directory }) => {
      assert.is((await kii('log-level http:debug --for 0s')).code, 0);
      const { mode } = statSync(join(directory, 'state'));
      assert.is(mode & 0o077, 0, mode.toString(8));
    });
  } finally {
    process.umask(before);
  }
});

attack('disk', [55], 'what a log spills has no name once it is open', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kii-spill-'));
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = directory;
  try {
    const spool = new LogSpool({ memory: 0, disk: 1e6, inMemory: 0, onDisk: 0 });
    spool.push([{ time: 't', text: 'a client' }] as readonly TimedLine[], 0);
    assert.ok(spool.spilled && tmpdir() === directory);
    if (process.platform !== 'win32') assert.equal(readdirSync(directory), []);
    assert.is(spool.shift()?.text, 'a client');
    spool.close();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(directory, { recursive: true });
  }
});

test.run();
