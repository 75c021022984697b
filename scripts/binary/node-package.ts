// Node's executables from npm, also for platforms that npm would not install them on. They stay in dist/node.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from 'tar';
import type { NodePackage } from './targets.ts';

const kept = join(import.meta.dirname, '../../dist/node');

/**
 * The directory of the package's files; fetched where it is not there. Throws where the tarball is not the one that is
 * pinned.
 */
export async function fetchNode(wanted: NodePackage): Promise<string> {
  const directory = join(kept, `${wanted.name}-${wanted.version}`);
  if (existsSync(directory)) return directory;
  const part = `${directory}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const tarball = pack(wanted, part);
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found !== wanted.integrity)
    throw new Error(`cannot use ${wanted.name}@${wanted.version}: its integrity is ${found}, not ${wanted.integrity}`);
  await extract({ file: tarball, cwd: part, strip: 1, filter: (path) => /^package\/(bin\/|LICENSE$)/.test(path) });
  rmSync(tarball);
  renameSync(part, directory);
  return directory;
}

/** `bin/node`, or `bin/node.exe`. */
export function executableOf(directory: string): string {
  const [posix, windows] = [join(directory, 'bin/node'), join(directory, 'bin/node.exe')];
  return existsSync(posix) ? posix : windows;
}

function pack({ name, version }: NodePackage, directory: string): string {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', `${name}@${version}`, '--silent', '--pack-destination', directory],
    {
      encoding: 'utf8',
      shell: process.platform === 'win32', // npm is a .cmd there
    },
  );
  if (status !== 0) throw new Error(`cannot fetch ${name}@${version} from npm: ${stderr}${stdout}`);
  return join(directory, stdout.trim().split('\n').at(-1) ?? '');
}
