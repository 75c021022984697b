// The single binary of this platform, dist/kubectl-istio_ingress: the pinned Node with the bundle inside (a single executable
// application, made by @yao-pkg/pkg) and V8's code cache of the bundle, which halves the start. Nothing is downloaded.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Script } from 'node:vm';
// The command line of pkg passes no assets on; its library does. Internal path: the version of pkg is pinned.
import sea from '@yao-pkg/pkg/lib-es5/sea.js';
import { bundle, bundleFile } from './bundle.ts';

const dist = join(import.meta.dirname, '../dist');
const parts = join(import.meta.dirname, 'binary');
const paths = {
  script: join(dist, 'main.js'),
  cache: join(dist, 'main.cache'),
  stamp: join(dist, 'binary.stamp'),
};

export const binaryFile = join(dist, process.platform === 'win32' ? 'kubectl-istio_ingress.exe' : 'kubectl-istio_ingress');

/** What is compiled ahead: help, and the demo's tour, which goes all the way through kubeconfig, streams, dumps and tables. */
const warmCommands = [['--help'], ['status', '--help'], ['demo']];

export async function build(): Promise<void> {
  const { bytes, recordings } = await bundle();
  report('bundle', bytes);
  const stamp = hashOf([bundleFile, ...recordings, join(parts, 'boot.cjs'), join(parts, 'warm.cjs'), import.meta.filename]);
  if (existsSync(binaryFile) && existsSync(paths.stamp) && readFileSync(paths.stamp, 'utf8') === stamp) {
    report('binary', statSync(binaryFile).size, 'as it was');
    return;
  }
  writeFileSync(paths.script, `(function (exports, require, module, __dirname) {${readFileSync(bundleFile, 'latin1')}\n})`, 'latin1');
  writeCodeCache();
  report('code cache', statSync(paths.cache).size);
  await writeBinary(recordings);
  writeFileSync(paths.stamp, stamp);
  report('binary', statSync(binaryFile).size);
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256').update(process.version).update(process.arch);
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Without what could not be run ahead the binary works all the same, and starts more slowly: that is said, and no failure. */
function writeCodeCache(): void {
  const flagsHash = new Script('0').createCachedData().readUInt32LE(12);
  const flags = ['--hash-seed=1', '--random-seed=1', '--no-flush-bytecode'];
  const args = [join(parts, 'warm.cjs'), paths.script, paths.cache, String(flagsHash), JSON.stringify(warmCommands)];
  writeFileSync(paths.cache, '');
  const { status, stderr } = spawnSync(process.execPath, [...flags, ...args], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) process.stderr.write(`${stderr}no code cache: the binary will start more slowly\n`);
}

async function writeBinary(recordings: readonly string[]): Promise<void> {
  // A binary that runs cannot be written to, but another can take its name.
  const output = `${binaryFile}.part`;
  const seaConfig = {
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false, // V8's own holds only what runs on loading
    execArgvExtension: 'none', // NODE_OPTIONS of the user's shell is for the user's programs
    assets: { 'main.js': paths.script, 'main.cache': paths.cache, ...Object.fromEntries(recordings.map((file) => [basename(file), file])) },
  };
  await sea.default(join(parts, 'boot.cjs'), {
    useLocalNode: true,
    targets: [{ platform: pkgPlatform(), arch: process.arch, nodeRange: `node${process.versions.node}`, output }],
    signature: true,
    seaConfig,
  });
  renameSync(output, binaryFile);
}

function pkgPlatform(): 'linux' | 'macos' | 'win' {
  if (process.platform === 'darwin') return 'macos';
  return process.platform === 'win32' ? 'win' : 'linux';
}

function report(what: string, bytes: number, remark = ''): void {
  process.stdout.write(`${what.padEnd(10)} ${(bytes / 1e6).toFixed(1).padStart(6)} MB ${remark}\n`);
}

if (import.meta.main) await build();
