// The next steps of a document, run as they are printed: a shell makes words of them, so that what is quoted is one.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Advice {
  /** Commands; advice in words is left out. */
  readonly steps: readonly string[];
  /** Objects, hosts, secrets and pods that it is about. */
  readonly names: readonly string[];
}

interface Advised {
  readonly next?: unknown;
  readonly concerns?: readonly { readonly name: string }[];
  readonly objects?: readonly { readonly name: string }[];
  readonly hosts?: readonly string[];
  readonly secrets?: readonly string[];
  readonly pods?: readonly string[];
}

/** Of everything in the document that has next steps. */
export function adviceIn(document: unknown): readonly Advice[] {
  if (typeof document !== 'object' || document === null) return [];
  const { next, concerns = [], objects = [], hosts = [], secrets = [], pods = [] } = document as Advised;
  const steps = Array.isArray(next) ? next.map(String).filter((one) => one.startsWith('kubectl ')) : [];
  const below = Object.values(document).flatMap(adviceIn);
  if (steps.length === 0) return below;
  const named = [...concerns, ...objects].map(({ name }) => name);
  return [{ steps, names: [...named, ...hosts, ...secrets, ...pods].filter((name) => name !== '*') }, ...below];
}

/** What `kubectl` gets from each of these, each run by itself. */
export function wordsOf(commands: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kii-shim-'));
  const [shim, words] = [join(folder, 'kubectl'), join(folder, 'words')];
  writeFileSync(shim, `#!/bin/sh\nprintf '%s\\0' "$@" >'${words}'\n`);
  chmodSync(shim, 0o755);
  const env = { PATH: `${folder}:${process.env['PATH']}` };
  try {
    return new Map(
      commands.map((command) => {
        // What the output goes through finds nothing in it.
        execFileSync('sh', ['-c', `${command} || true`], { env, stdio: 'ignore' });
        return [command, readFileSync(words, 'utf8').split('\0').slice(0, -1)];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
