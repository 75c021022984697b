// Kubeconfigs and flags against what client-go makes of them, row by row; test/real-cluster/kubeconfig.test.ts asks the real
// kubectl.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accessRows } from '../../support/access-rows.ts';
import { observe } from '../../support/api-observer.ts';
import { runCommand } from '../../support/run-command.ts';

const observer = await observe();
test.after(() => observer.close());

for (const { title, files, env = {}, flags = '', sees } of accessRows) {
  test(title, async () => {
    observer.write(files);
    // One request, no more: a second one would be taken for the next row's.
    const words = ['listeners', '-g', 'pod/x', '--request-timeout', '10s', ...observer.fill(flags).split(' ')].filter(
      (word) => word !== '',
    );
    const filled = Object.entries({ KUBECONFIG: '{dir}/config', ...env }).map(([name, value]) => [
      name,
      observer.fill(value),
    ]);
    const said = await runCommand(words, {
      env: { PATH: process.env['PATH'], HOME: observer.directory, ...Object.fromEntries(filled) },
    });
    for (const name of Object.keys(files)) rmSync(join(observer.directory, name));
    assert.equal(observer.take(), sees, said.err);
    assert.is(said.code, 2);
    assert.match(said.err, /^error: (cannot|--)/);
  });
}

test.run();
