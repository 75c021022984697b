// Runs the tests, each file in a process of its own:  npm test -- [PART OF A PATH...] Prints what failed, and `N
// passed, N failed` at the end. The checks of check.ts are tests too, where no path is given. With --cluster the files
// of test/real-cluster, one after the other; that is for test-cluster.ts. With --long what is drawn at random (faults,
// bytes, routes) is drawn many times more: `npm run test:long`, `npm run test:cluster -- explain --long`. With --page the
// files of test/page, which need a Chromium: `npm run test:page`. With --node those of test/node, for test-node.ts.

import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChecks } from './check.ts';
import { writeSources } from './gen.ts';
import { type FileResult, runFile } from './test/run-file.ts';

const root = join(import.meta.dirname, '..');

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    cluster: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    node: { type: 'boolean', default: false },
  },
});

/** What needs more than this repository has an option and a folder of its own. */
const apart = { cluster: 'real-cluster', page: 'page', node: 'node' } as const;
const wanted = Object.entries(apart).find(([option]) => options[option as keyof typeof apart])?.[1];
const folderOf = (file: string): string => file.split(/[\\/]/)[1] ?? '';
const isApart = (file: string): boolean => Object.values<string>(apart).includes(folderOf(file));

const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter((file) => (wanted === undefined ? !isApart(file) : folderOf(file) === wanted))
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort();
const isReal = options.cluster || options.node;
const workers = isReal ? 1 : availableParallelism();
const timeoutMs = options.long ? 3_600_000 : wanted === undefined ? 120_000 : 600_000;

/** No test talks to the cluster of whoever runs it. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const long = options.long ? { TEST_LONG: '1' } : {};
  if (isReal) return { ...process.env, ...long };
  const names = Object.keys(process.env).filter((name) => name !== 'KUBECONFIG' && !name.startsWith('KII_'));
  return {
    ...Object.fromEntries(names.map((name) => [name, process.env[name]])),
    ...long,
  };
}

async function runAll(): Promise<{ readonly passed: number; readonly failed: number }> {
  const env = ownEnvironment();
  const waiting = [...files];
  const total = wanted !== undefined || filters.length > 0 ? { passed: 0, failed: 0 } : { ...(await runChecks()) };
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(join(root, file), timeoutMs, env);
      total.passed += result.passed.length;
      total.failed += result.failures.length;
      printFailures(file, result);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return total;
}

function printFailures(file: string, { failures }: FileResult): void {
  for (const { title, text } of failures)
    process.stdout.write(`✗ ${file}${title === undefined ? '' : `: ${title}`}\n${text.replace(/^/gm, '    ')}\n\n`);
}

writeSources();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const { passed, failed } = files.length > 0 ? await runAll() : { passed: 0, failed: 1 };
if (files.length === 0)
  process.stdout.write(`no test file has ${filters.join(' or ') || 'test/**/*.test.ts'} in its path\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
