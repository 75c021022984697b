// Whether a binary is what it should be: by its structure, and by running it where this machine can.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeCommand } from '../binary/code-cache.ts';
import { isSigned, readMachO, segmentOf } from '../binary/mach-o.ts';
import { hasSignature } from '../binary/pe.ts';
import { isSamePlatform, type Platform, thisPlatform } from '../binary/targets.ts';

/**
 * Turned on where a Node has something inside. Source: Node, src/node_sea.cc; in two parts, so that no file of ours has
 * it whole.
 */
const fuse = ['NODE_SEA', 'FUSE_fce680ab2cc467b6e072b8b5df1996b2:1'].join('_');

/** What is wrong with the bytes. `node` is the executable that it was made of, `script` what should be inside. */
export function structureProblems({ os }: Platform, binary: Buffer, node: Buffer, script: Buffer): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  must(binary.includes(fuse), 'Node would not look inside: the fuse is off');
  must(binary.includes(script), 'the script is not inside');
  if (os === 'windows') must(!hasSignature(binary), 'the signature of the bare Node is still there');
  if (os === 'darwin') {
    must(isSigned(binary), 'the signature does not fit');
    must(
      readMachO(binary).segments.some(({ name }) => name === 'NODE_SEA'),
      'there is no segment NODE_SEA',
    );
    // Where load commands find no room, __TEXT is moved by a page, and every pointer into it is wrong: an Intel Mac
    // crashes.
    must(
      segmentOf(readMachO(binary), '__TEXT').fileSize === segmentOf(readMachO(node), '__TEXT').fileSize,
      '__TEXT has changed its size',
    );
  }
  return problems;
}

const armLibraries = '/usr/aarch64-linux-gnu';
const emulator = ['qemu-user', 'libc6-arm64-cross', 'libstdc++6-arm64-cross'];

/** Installs what runs linux/arm64 on another Linux; says what is lacking where that is not possible. */
export function installEmulator(): void {
  const canRun = (): boolean => runnerOf({ os: 'linux', arch: 'arm64' }, '') !== undefined;
  if (thisPlatform.os !== 'linux' || canRun()) return;
  const apt = (...words: readonly string[]): number | null =>
    spawnSync('apt-get', [...words], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      .status;
  if (process.getuid?.() === 0 && apt('update') === 0) apt('install', '-y', '--no-install-recommends', ...emulator);
  if (!canRun())
    process.stderr.write(`linux/arm64 is built and not run here: ${emulator.join(', ')} are not installed\n`);
}

/** How an executable of the platform is run here; undefined where it cannot be. */
export function runnerOf(platform: Platform, executable: string): NodeCommand | undefined {
  if (isSamePlatform(platform, thisPlatform)) return [executable];
  const isEmulated =
    platform.os === 'linux' && platform.arch === 'arm64' && thisPlatform.os === 'linux' && existsSync(armLibraries);
  if (!isEmulated || spawnSync('qemu-aarch64', ['--version']).status !== 0) return undefined;
  return ['qemu-aarch64', '-L', armLibraries, executable];
}

/** test/scripts/bundle.test.ts holds the bundle against the same file. */
const demoRoutes = 'demo -- routes --host svc1.discovery.wmnet';
const demoRoutesGolden = join(import.meta.dirname, '../../test/golden/scripts/demo-routes.txt');

/** What is wrong with what the binary does. */
export function behaviourProblems(command: NodeCommand, version: string): string[] {
  const expected: Readonly<Record<string, (out: string) => boolean>> = {
    '--version': (out) => out.trim() === version,
    '--help': (out) => out.includes('Usage: kubectl istio-ingress COMMAND'),
    demo: (out) => out.includes('$ kubectl istio-ingress status'),
    'completion bash': (out) => out.includes('complete '),
    '__complete status --out': (out) => out.startsWith('--output'),
    [demoRoutes]: (out) => out === readFileSync(demoRoutesGolden, 'utf8'),
  };
  return Object.entries(expected).flatMap(([words, isRight]) => {
    const [program, ...first] = command;
    // A shell's NODE_OPTIONS is not for the binary.
    const env = { ...process.env, NODE_OPTIONS: '--no-such-option' };
    const { status, stdout, stderr, error } = spawnSync(program, [...first, ...words.split(' ')], {
      encoding: 'utf8',
      env,
      timeout: 120_000,
    });
    if (status === 0 && isRight(stdout)) return [];
    return [`${words}: exit code ${status}${error ? ` (${error.message})` : ''}\n${stdout}${stderr}`];
  });
}
