// The tests of test/real-cluster against every Istio that the harness pins.  npm run test:versions -- [VERSION...]
// [--kubernetes VERSION] [--only PART]... Each version has a cluster of its own, which ends with it; 25 minutes each on
// 2 cores, and 2 more where the version is not installed yet. What came out is written to test/real-cluster/records, and
// docs/compatibility.md is made of that.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Run, recordFile } from './compatibility.ts';

const root = join(import.meta.dirname, '..');
const harness = join(root, 'test/real-cluster/harness');

/** As harness/env has them. */
const settings = readFileSync(join(harness, 'env'), 'utf8');
const pinned = [...settings.matchAll(/^ {2}\[([\d.]+)\]='v/gm)].map(([, version = '']) => version);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true, default: [] }, kubernetes: { type: 'string' } },
});
const strange = positionals.filter((version) => !pinned.includes(version));
if (strange.length > 0) throw new Error(`Istio ${strange.join(', ')} is not pinned; there are ${pinned.join(', ')}`);

const kubernetes = values.kubernetes ?? /^KUBERNETES=v(\S+)/m.exec(settings)?.[1] ?? '';
if (values.kubernetes !== undefined) process.env['KII_KUBERNETES_VERSION'] = values.kubernetes;

const git = (...args: readonly string[]): string =>
  spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim();
const down = (): void => void spawnSync(join(harness, 'down'), { stdio: 'inherit' });

/** What the tests print, which is shown as well. */
async function outputOf(version: string): Promise<string> {
  const running = spawn(process.execPath, [join(root, 'scripts/run.cjs'), 'scripts/test-cluster.ts', ...values.only], {
    cwd: root,
    env: { ...process.env, KII_ISTIO_VERSION: version },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const part of running.stdout.setEncoding('utf8')) {
    output += part;
    process.stdout.write(part);
  }
  return output;
}

/** Which Envoy the gateways ran: harness/env chooses it. */
function envoyOf(version: string): string {
  const script = `. "${join(harness, 'env')}"; echo "$ENVOY"`;
  return spawnSync('bash', ['-c', script], {
    encoding: 'utf8',
    env: { ...process.env, KII_ISTIO_VERSION: version },
  }).stdout.trim();
}

function runOf(version: string, output: string): Run {
  const [, passed = '0', failed = '0'] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  return {
    istio: version,
    envoy: envoyOf(version),
    kubernetes,
    commit: git('rev-parse', '--short', 'HEAD'),
    date: new Date().toISOString().slice(0, 10),
    ...(values.only.length === 0 ? {} : { parts: values.only }),
    passed: Number(passed),
    failed: Number(failed),
    failing: [...output.matchAll(/^✗ test\/real-cluster\/(.*)$/gm)].map(([, name = '']) => name),
  };
}

for (const version of positionals.length > 0 ? positionals : pinned) {
  down();
  process.stdout.write(`Istio ${version}\n`);
  const run = runOf(version, await outputOf(version));
  writeFileSync(recordFile(version, values.kubernetes), `${JSON.stringify(run, null, 2)}\n`);
  if (run.passed === 0 || run.failed > 0) process.exitCode = 1;
}
down();
