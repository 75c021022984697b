// The table of test/support/access-rows.ts against the real kubectl: the rows are what client-go does, not what we
// think of it.

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accessRows } from '../support/access-rows.ts';
import { observe } from '../support/api-observer.ts';
import { environment } from './truth/cluster.ts';

const observer = await observe();
test.after(() => observer.close());

/** What it says, whatever its exit code: the observer always refuses. */
const kubectl = (words: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<string> =>
  new Promise((resolve) => {
    const child = execFile('kubectl', [...words], { env, timeout: 30_000 }, (_, out, err) => resolve(out + err));
    child.stdin?.end();
  });

for (const { title, files, env = {}, flags = '', sees, kubectl: own } of accessRows) {
  test(`${title}${own === undefined ? '' : ` (kubectl: ${own.why})`}`, async () => {
    observer.write(files);
    const words = [
      'get',
      '--raw',
      '/api/v1/pods',
      '--request-timeout',
      '10s',
      ...observer.fill(flags).split(' '),
    ].filter((word) => word !== '');
    const filled = Object.entries({ KUBECONFIG: '{dir}/config', ...env }).map(([name, value]) => [
      name,
      observer.fill(value),
    ]);
    const said = await kubectl(words, {
      PATH: environment['PATH'],
      HOME: observer.directory,
      ...Object.fromEntries(filled),
    });
    for (const name of Object.keys(files)) rmSync(join(observer.directory, name));
    assert.equal(observer.take(), own?.sees ?? sees, said);
  });
}

test.run();
