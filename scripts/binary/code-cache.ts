// V8's code cache of the bundle, which halves the start. Only the Node of the binary itself can write it, so it needs a
// way to run that one here.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A command and its first arguments, by which one runs a Node. */
export type NodeCommand = readonly [string, ...string[]];

const help = [['--help'], ['status', '--help']];
/** The commands that have a cache of their own; boot.cjs has the same list. */
export const tables = ['routes', 'listeners', 'clusters', 'endpoints', 'secrets', 'status'];

/**
 * The command lines whose code is compiled ahead, by the file of the cache; boot.cjs chooses one. The demo goes all the
 * way through kubeconfig, streams, dumps and tables.
 */
const warmCommands = {
  'main.cache': [...help, ['demo']],
  'tables.cache': tables.map((name) => ['demo', name]),
  'help.cache': help,
  'complete.cache': [['__complete', 'routes', '--context', '']],
} as const;

export type CacheName = keyof typeof warmCommands;
export const cacheNames = Object.keys(warmCommands) as CacheName[];

/**
 * V8's flags of the binary: the young generation grows to half of what V8 lets it have, so what is touched again is in the
 * caches of the CPU. Not one that changes V8's hash of its flags: code that Node has compiled ahead would be of no use.
 */
export const v8Flags = ['--max-semi-space-size=8'];

/** The same bytes each time: fixed seeds, one thread, and nothing that depends on how often code was run. */
const reproducible = [
  '--hash-seed=1',
  '--random-seed=1',
  '--predictable',
  '--single-threaded',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--no-flush-bytecode',
];
const warmer = join(import.meta.dirname, 'warm.cjs');
const readFlagsHash =
  "process.stdout.write(String(new (require('node:vm').Script)('0').createCachedData().readUInt32LE(12)))";
const loadWithCache = `
  const [script, cache] = process.argv.slice(1).map((file) => require('node:fs').readFileSync(file));
  const loaded = new (require('node:vm').Script)(script.latin1Slice(), { filename: 'main.js', cachedData: cache });
  if (loaded.cachedDataRejected) throw new Error('V8 puts the cache aside');`;

/** As often as it may take on a busy machine until the same cache has come twice. */
const attempts = 5;

/**
 * Writes a cache of `script` into `directory`. What the demo runs depends a little on the order in which its sockets answer,
 * so the cache is made until the same bytes have come twice; false where they never did. Throws where that Node does
 * not run the bundle, or would not take the cache.
 */
export function writeCodeCache(node: NodeCommand, script: string, directory: string, name: CacheName): boolean {
  const out = join(directory, name);
  const flagsHash = run(node, ...v8Flags, '-e', readFlagsHash);
  const seen = new Set<string>();
  let isReproduced = false;
  for (let attempt = 0; attempt < attempts && !isReproduced; attempt += 1) {
    run(node, ...reproducible, warmer, script, out, flagsHash, JSON.stringify(warmCommands[name]));
    const hash = createHash('sha256').update(readFileSync(out)).digest('hex');
    isReproduced = seen.has(hash);
    seen.add(hash);
  }
  run(node, ...v8Flags, '-e', loadWithCache, script, out);
  return isReproduced;
}

function run([command, ...first]: NodeCommand, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, [...first, ...args], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`cannot write the code cache with ${command}: ${error?.message ?? stderr}`);
  return stdout;
}
