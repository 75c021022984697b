// The program as a process of its own, whose memory, signals and descriptors can be looked at.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { bundle, bundleFile } from '../../scripts/bundle.ts';
import type { DemoCluster } from '../support/run-command.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** The most memory that it had, in MiB; Linux alone knows. */
  readonly mostMebibytes: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  said(): string;
}

let bundling: Promise<unknown> | undefined;

/** Once is enough for a process. */
export const bundled = (): Promise<unknown> => (bundling ??= bundle());

const shown = 64 * 1024;

/** From the bundle, in another environment than that of whoever runs the tests. */
export async function start(words: readonly string[], options: SpawnOptions = {}, program?: string): Promise<Running> {
  await bundled();
  const [command, ...first] = program === undefined ? [process.execPath, bundleFile] : [program];
  const child = spawn(command as string, [...first, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { PATH: process.env['PATH'], ...options.env },
  });
  const said = { out: '', err: '' };
  for (const [name, stream] of [['out', child.stdout] as const, ['err', child.stderr] as const])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said[name] = `${said[name]}${text}`.slice(-shown);
    });
  return { child, said: () => said.out + said.err, ended: endOf(child, said) };
}

async function endOf(child: ChildProcess, said: { readonly out: string; readonly err: string }): Promise<Ended> {
  let mostMebibytes = 0;
  const look = setInterval(() => {
    mostMebibytes = Math.max(mostMebibytes, peakOf(child.pid));
  }, 20);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearInterval(look);
  return { code, signal, mostMebibytes, ...said };
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Killed where it takes longer; a busy machine is given much. */
export async function runProgram(
  words: readonly string[],
  options: SpawnOptions = {},
  program?: string,
): Promise<Ended> {
  const { ended } = await start(words, { timeout: 100_000, killSignal: 'SIGKILL', ...options }, program);
  return ended;
}

/** The home and the kubeconfig of a demo. */
export const ownEnvironment = ({ directory }: DemoCluster): { readonly HOME: string; readonly KUBECONFIG: string } => ({
  HOME: directory,
  KUBECONFIG: join(directory, 'kubeconfig'),
});

/** An error of this machine or of the peer: 2, a line that says what, and no word of a defect. */
export function assertFailed({ code, err }: Ended, expected: RegExp): void {
  assert.is(code, 2, err);
  assert.match(err, expected);
  assert.not.match(err, /defect|^\s+at /m);
}
