// Go modules as a source of tables: nothing of them is compiled into the tool. Needs Go and its module proxy.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface GoModule {
  /** Runs go there; what it prints. */
  go(...args: readonly string[]): string;
  /** Those that its go.mod requires, or that are named, in the module cache. */
  download(...paths: readonly string[]): readonly Downloaded[];
}

export interface Downloaded {
  readonly path: string;
  readonly version: string;
  readonly directory: string;
}

/** Makes of `folder`, whose go.mod names what is wanted, a module outside of this repository while `use` runs. */
export function withGoModule<T>(folder: string, use: (module: GoModule) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'kii-go-'));
  const go = (...args: readonly string[]): string =>
    execFileSync('go', [...args], {
      cwd: directory,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      // go.sum has the hash of every module that is used: nothing else is taken.
      env: { ...process.env, GOFLAGS: '-mod=readonly' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  try {
    for (const file of readdirSync(folder)) copyFileSync(join(folder, file), join(directory, file));
    return use({ go, download: (...paths) => downloadedIn(go('mod', 'download', '-json', ...paths)) });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** One JSON document after the other. */
const downloadedIn = (text: string): Downloaded[] =>
  text
    .split(/(?<=^}\n)/m)
    .filter((one) => one !== '')
    .map((one) => JSON.parse(one) as { readonly Path: string; readonly Version: string; readonly Dir: string })
    .map(({ Path, Version, Dir }) => ({ path: Path, version: Version, directory: Dir }));
