// One binary: a Node, the bundle inside, made fit for its platform.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { signAdHoc } from './mach-o.ts';
import { clearSignature } from './pe.ts';
import type { PkgRun } from './pkg.ts';
import { type Platform, thisPlatform } from './targets.ts';

export interface Ingredients {
  readonly platform: Platform;
  readonly nodeVersion: string;
  /** The executable that becomes the binary. */
  readonly node: string;
  /** One of the same version that runs here. */
  readonly builder: string;
  /** What it runs first; boot.cjs where it is not given. */
  readonly boot?: string;
  /** `main.js` and its caches, which boot.cjs runs, and what the bundle reads. */
  readonly assets: readonly string[];
}

const here = import.meta.dirname;
const { version } = JSON.parse(readFileSync(join(here, '../../package.json'), 'utf8')) as { version: string };
const pkgNames = { linux: 'linux', darwin: 'macos', windows: 'win' } as const;
const nodeNames = { linux: 'linux', darwin: 'darwin', windows: 'win', amd64: 'x64', arm64: 'arm64' } as const;

/** Throws where pkg fails, or the result cannot be signed. */
export function writeExecutable(ingredients: Ingredients, output: string): void {
  mkdirSync(dirname(output), { recursive: true });
  const stage = mkdtempSync(join(dirname(output), '.stage-'));
  try {
    copyFileSync(ingredients.boot ?? join(here, 'boot.cjs'), join(stage, 'boot.cjs'));
    for (const file of ingredients.assets) copyFileSync(file, join(stage, basename(file)));
    writeFileSync(join(stage, 'version'), version);
    provide(stage, ingredients.platform, ingredients.nodeVersion, ingredients.node);
    provide(stage, thisPlatform, ingredients.nodeVersion, ingredients.builder);
    runPkg(stage, ingredients, output);
  } finally {
    rmSync(stage, { recursive: true });
  }
  if (ingredients.platform.os === 'darwin')
    writeFileSync(output, signAdHoc(readFileSync(output), 'kubectl-istio_ingress'));
  if (ingredients.platform.os === 'windows') writeFileSync(output, clearSignature(readFileSync(output)));
}

/**
 * Lays a Node where pkg looks for what it has downloaded: the archive, the executable in it, and beside each an empty
 * file that says that it is whole. Source: @yao-pkg/pkg 6.23.0, lib/sea.ts, getNodejsExecutable.
 */
function provide(home: string, { os, arch }: Platform, version: string, node: string): void {
  const name = `node-v${version}-${nodeNames[os]}-${nodeNames[arch]}`;
  const [archive, executable] =
    os === 'windows' ? [`${name}.zip`, `${name}.exe`] : [`${name}.tar.gz`, `${name}/bin/node`];
  const directory = join(home, '.pkg-cache/sea');
  mkdirSync(dirname(join(directory, executable)), { recursive: true });
  for (const file of [archive, `${archive}.ok`, `${executable}.ok`]) writeFileSync(join(directory, file), '');
  rmSync(join(directory, executable), { force: true });
  symlinkSync(node, join(directory, executable));
}

function runPkg(stage: string, { platform, nodeVersion, assets }: Ingredients, output: string): void {
  const order: PkgRun = {
    platform: pkgNames[platform.os],
    arch: nodeNames[platform.arch],
    nodeVersion,
    output,
    assets: ['version', ...assets.map((file) => basename(file))],
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(here, 'pkg.ts'), JSON.stringify(order)], {
    cwd: stage,
    env: { ...process.env, HOME: stage, USERPROFILE: stage, TMPDIR: stage, TEMP: stage, TMP: stage },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cannot make the binary of ${platform.os}/${platform.arch}: ${stdout}${stderr}`);
}
