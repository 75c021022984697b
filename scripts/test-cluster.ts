// The tests of test/real-cluster: the binary against a real API server, istiod and Envoys.  npm run test:cluster -- [PART OF
// A PATH...] The cluster of test/real-cluster/harness is installed where it is missing (15 minutes on 2 cores, once),
// started where it is down, and brought to what the tests expect. It stays up: `test/real-cluster/harness/down` ends it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.ts';

const harness = join(import.meta.dirname, '../test/real-cluster/harness');

/** What the gateways' admin ports answer at the beginning, for the tests that read a dump. */
const dumps = mkdtempSync(join(tmpdir(), 'kii-dumps-'));
const state = process.env['KII_CLUSTER_STATE'] ?? join(homedir(), '.cache/kii-cluster');

/** Three gateways, twelve services with working pods, and requests good and bad in the access logs. */
const steps = [['up', '3'], ['mesh'], ['backends'], ['traffic'], ['record', dumps]] as const;

function prepare(): boolean {
  for (const [script, ...args] of steps) {
    process.stderr.write(`${script} ${args.join(' ')}\n`);
    const { status, error } = spawnSync(join(harness, script), args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status === 0) continue;
    process.stdout.write(
      `the cluster tests cannot run here: ${script} failed${error === undefined ? '' : ` (${error.message})`}; what it said is above\n`,
    );
    return false;
  }
  return true;
}

function test(): number {
  const args = [join(import.meta.dirname, 'test.ts'), '--cluster', ...process.argv.slice(2)];
  const env = { ...process.env, KII_DUMPS: dumps, KII_ISTIOCTL: join(state, 'run/istio/istioctl') };
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1;
}

try {
  await build();
  process.exitCode = prepare() ? test() : 1;
} finally {
  rmSync(dumps, { recursive: true });
}
