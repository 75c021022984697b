// What must hold of the repository besides its tests: format, lint and import table, types, nothing unused, README's
// tables, a reason for every dependency. All are tried; what fails is printed.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedTexts, writeSources } from './gen.ts';

/** What is wrong; nothing where it holds. */
type Check = () => Promise<string>;

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const checks: Readonly<Record<string, Check>> = {
  biome: tool('biome', 'check', '--max-diagnostics=100', '--error-on-warnings'),
  types: tool('tsc', '--noEmit'),
  'types of the page': tool('tsc', '-p', 'src/page'),
  knip: tool('knip', '--no-progress'),
  'README.md and docs': async () => outdated(await generatedTexts()),
  because: async () => unexplained(JSON.parse(read('package.json'))).join('\n'),
};

/** Tables are those of the commands, and output is what they print. */
function outdated(texts: Readonly<Record<string, string>>): string {
  const files = Object.entries(texts).flatMap(([file, text]) => (text === read(file) ? [] : [file]));
  return files.length === 0 ? '' : `${files.join(', ')}: not what the commands say and print: npm run gen`;
}

function tool(name: string, ...args: readonly string[]): Check {
  return () =>
    new Promise((resolve) => {
      execFile(join(root, 'node_modules/.bin', name), args, { cwd: root, maxBuffer: 1e8 }, (error, stdout, stderr) => {
        resolve(error === null ? '' : `${stdout}${stderr}`.trim() || error.message);
      });
    });
}

export interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  /** Why each of them is there, in one sentence. */
  readonly because: Readonly<Record<string, string>>;
}

/** What package.json's `because` lacks, and what it explains that is gone. */
export function unexplained({ dependencies, devDependencies, because }: Package): string[] {
  const names = Object.keys({ ...dependencies, ...devDependencies });
  return [
    ...names.filter((name) => !because[name]?.trim()).map((name) => `${name} is a dependency without a reason`),
    ...Object.keys(because)
      .filter((name) => !names.includes(name))
      .map((name) => `${name} has a reason and is no dependency`),
  ];
}

/** Prints what is wrong, and counts the checks. */
export async function runChecks(): Promise<{ readonly passed: number; readonly failed: number }> {
  writeSources();
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ({ name, wrong: await check().catch(String) })),
  );
  const failures = found.filter(({ wrong }) => wrong !== '');
  for (const { name, wrong } of failures) process.stdout.write(`✗ ${name}\n${wrong.replace(/^/gm, '    ')}\n\n`);
  return { passed: found.length - failures.length, failed: failures.length };
}

if (import.meta.main) process.exitCode = (await runChecks()).failed > 0 ? 1 : 0;
