// The tests of test/node: the binary against a real kubelet and containerd.  npm run test:node -- [PART OF A PATH...]
// test/real-cluster/harness/node is installed where it is missing (10 minutes on 2 cores after the test cluster, once) and
// started where it is down. It stays up: `test/real-cluster/harness/node/down` ends it.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.ts';

await build();
const up = join(import.meta.dirname, '../test/real-cluster/harness/node/up');
const { status, error } = spawnSync(up, { stdio: ['ignore', 'ignore', 'inherit'] });
if (status !== 0) {
  const why = error === undefined ? '' : ` (${error.message})`;
  process.stdout.write(`the tests of the node cannot run here: node/up failed${why}; what it said is above\n`);
  process.exitCode = 1;
} else {
  const args = [join(import.meta.dirname, 'test.ts'), '--node', ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
