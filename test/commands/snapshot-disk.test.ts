// The bundle, as a process, makes a snapshot and its page on a disk that is full.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundle, bundleFile } from '../../scripts/bundle.ts';

await bundle();

for (const flags of [[], ['--anonymous']])
  test(`a disk that is full leaves nothing behind ${flags.join()}`, () => {
    const place = mkdtempSync(join(tmpdir(), 'kii-disk-'));
    try {
      const script = 'ulimit -f 20; exec "$0" "$@"';
      const words = ['demo', '--', 'snapshot', join(place, 'incident.tgz'), ...flags];
      const { status, stderr } = spawnSync('sh', ['-c', script, process.execPath, bundleFile, ...words]);
      assert.is(status, 2);
      assert.match(String(stderr), 'the file would be larger than is allowed');
      assert.equal(readdirSync(place), []);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

test('a page that finds no room leaves the one that it would have replaced', () => {
  const place = mkdtempSync(join(tmpdir(), 'kii-disk-'));
  try {
    const [snapshot, page] = [join(place, 'incident.tgz'), join(place, 'incident.html')];
    assert.is(spawnSync(process.execPath, [bundleFile, 'demo', '--', 'snapshot', snapshot]).status, 0);
    writeFileSync(page, 'of before');
    const words = [process.execPath, bundleFile, 'report', page, '--from', snapshot, '--force'];
    const { status, stderr } = spawnSync('sh', ['-c', 'ulimit -f 20; exec "$0" "$@"', ...words]);
    assert.is(status, 2);
    assert.match(String(stderr), 'the file would be larger than is allowed');
    assert.equal(readdirSync(place), ['incident.html', 'incident.tgz']);
    assert.is(readFileSync(page, 'utf8'), 'of before');
  } finally {
    rmSync(place, { recursive: true });
  }
});

test.run();
