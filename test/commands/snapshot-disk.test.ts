// The bundle, as a process, makes a snapshot on a disk that is full.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
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

test.run();
