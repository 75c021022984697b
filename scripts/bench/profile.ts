// Where the time of one command goes: the shares of its functions in what the process was busy with, garbage
// collection and Node included. A bundle in which functions have their names runs as the binary's does, with its code cache.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tables, v8Flags, writeCodeCache } from '../binary/code-cache.ts';
import { writeScript } from '../build.ts';
import { bundle } from '../bundle.ts';

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly lineNumber: number; readonly columnNumber: number };
  readonly children?: readonly number[];
}

export interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

export interface Share {
  readonly what: string;
  /** Percent: of the function with what it calls, and without. */
  readonly total: number;
  readonly self: number;
}

/** Least share, in percent, of what is worth a line. */
const least = 1.5;
const runs = 5;

/** Lines for people. */
export async function profileOf(words: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-profile-'));
  try {
    const { file } = await bundle({ directory, names: true });
    const cache = tables.includes(words[0] ?? '') ? 'tables.cache' : 'main.cache';
    writeCodeCache([process.execPath], writeScript(join(directory, 'main.js'), file), directory, cache);
    const flags = [
      ...v8Flags,
      '--cpu-prof',
      '--cpu-prof-interval=200',
      `--cpu-prof-dir=${directory}`,
      '-e',
      boot,
      '--',
      directory,
      cache,
    ];
    for (let run = 0; run < runs; run++) {
      // Of what a child writes into a pipe Node takes 1 MiB; lists of a large mesh are longer.
      const { status, stderr } = spawnSync(process.execPath, [...flags, ...words], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      if (status !== 0 && status !== 1) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`);
    }
    const profiles = readdirSync(directory)
      .filter((name) => name.endsWith('.cpuprofile'))
      .map((name) => readFileSync(join(directory, name), 'utf8'));
    return sharesOf(profiles.map((text) => JSON.parse(text) as Profile)).map(
      ({ what, total, self }) => `${total.toFixed(1).padStart(5)} % ${self.toFixed(1).padStart(5)} %  ${what}`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** As binary/boot.cjs does; help, too, with the cache of everything. */
const boot = `
  const { readFileSync } = require('node:fs');
  const [dist, cache] = process.argv.splice(1, 2, 'kubectl-istio_ingress');
  const [source, cachedData] = ['main.js', cache].map((name) => readFileSync(dist + '/' + name));
  const script = new (require('node:vm').Script)(source.latin1Slice(), { filename: 'main.js', cachedData });
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, require, bundle, dist);
  bundle.exports.main();`;

/** Of all profiles together, the largest first. */
export function sharesOf(profiles: readonly Profile[]): Share[] {
  const times = new Map<string, { total: number; self: number }>();
  let busy = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
    for (const [index, id] of samples.entries()) {
      const stack = stackOf(id, byId, parents);
      const took = timeDeltas[index] ?? 0;
      if (stack[0] === '(idle)') continue;
      busy += took;
      for (const what of new Set(stack)) {
        const time = times.get(what) ?? { total: 0, self: 0 };
        times.set(what, { total: time.total + took, self: time.self + (what === stack[0] ? took : 0) });
      }
    }
  }
  return [...times]
    .map(([what, { total, self }]) => ({ what, total: (100 * total) / busy, self: (100 * self) / busy }))
    .filter(({ total }) => total >= least)
    .sort((a, b) => b.total - a.total);
}

/** The innermost function first. */
function stackOf(
  id: number | undefined,
  byId: ReadonlyMap<number, Node>,
  parents: ReadonlyMap<number, number>,
): string[] {
  const node = id === undefined ? undefined : byId.get(id);
  return node === undefined ? [] : [nameOf(node), ...stackOf(parents.get(node.id), byId, parents)];
}

/** Functions without a name are told apart by their place. */
const nameOf = ({ callFrame: { functionName, lineNumber, columnNumber } }: Node): string =>
  functionName || `function at ${lineNumber + 1}:${columnNumber}`;
