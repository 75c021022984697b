// `npm run release -- vX.Y.Z`: everything of a release that a machine can do before the tag, and what is left to a
// person.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

export interface Repository {
  /** What `git status --porcelain` prints. */
  readonly changes: string;
  readonly changelog: string;
  readonly packageVersion: string;
}

/** Why the repository is not ready to be released as this version. */
export function releaseProblems(version: string, { changes, changelog, packageVersion }: Repository): string[] {
  if (!/^v\d+\.\d+\.\d+$/.test(version)) return [`a version is vX.Y.Z, not ${version || 'nothing'}`];
  const [head] = /^## .*$/m.exec(changelog) ?? [];
  const heading = `## ${version.slice(1)}`;
  return [
    ...(changes.trim() === '' ? [] : [`there are changes that are not committed:\n${changes.trimEnd()}`]),
    ...(head === heading ? [] : [`CHANGELOG.md begins with "${head}", not "${heading}"`]),
    ...(packageVersion === version.slice(1)
      ? []
      : [`package.json has version ${packageVersion}: npm version --no-git-tag-version ${version.slice(1)}`]),
  ];
}

const leftToAPerson = (version: string): string => `
${version} is built and checked. What is left:
  1. Read dist/package/krew-manifest.yaml.
  2. git tag -s ${version} && git push origin HEAD ${version}
     The forge (.github/workflows/release.yml) builds each platform on its own machine with the official Node, signs, attests, and
     makes a draft of the release. Its archives are not these ones: darwin and windows get a code cache there.
  3. Try the draft's archive on a Mac and on Windows: version, demo, and a command against a cluster. Publish it.
  4. Publishing opens krew's pull request. The first one of all is made by hand: copy the release's krew-manifest.yaml to
     plugins/istio-ingress.yaml of krew-index.
`;

function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`cannot release: ${[command, ...args].join(' ')} failed`);
}

function readRepository(): Repository {
  const { stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { changes: stdout, changelog: readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), packageVersion: version };
}

function release(version: string): void {
  const problems = releaseProblems(version, readRepository());
  if (problems.length > 0) throw new Error(`cannot release ${version}:\n${problems.join('\n')}`);
  run(process.execPath, 'scripts/test.ts'); // check.ts is part of it
  run(process.execPath, 'scripts/package.ts');
  process.stdout.write(leftToAPerson(version));
}

if (import.meta.main) {
  try {
    release(process.argv[2] ?? '');
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
