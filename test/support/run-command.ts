// A whole command line of the tool in this process: what main.ts does, with a demo as the cluster and the streams kept
// as text.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Runtime, run } from '#cli.ts';
import { commands } from '#commands/all.gen.ts';
import type { ExitCode } from '#core/exit-code.ts';
import { limits } from '#core/limits.ts';
import type { Source } from '#core/source.ts';
import { type Demo, type DemoOptions, startDemo } from '#demo/server.ts';
import { openLive } from '#source/live.ts';
import { openSaved } from '#source/saved.ts';

export interface Said {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface DemoCluster {
  readonly demo: Demo;
  /** A directory of the test's own, which is also where state is kept. */
  readonly directory: string;
  /** `words` are split at spaces where they are one text. */
  kii(words: string | readonly string[], runtime?: Partial<Runtime>): Promise<Said>;
}

/** A demo for as long as `use` takes. */
export async function withDemo<T>(options: DemoOptions, use: (cluster: DemoCluster) => Promise<T>): Promise<T> {
  const demo = await startDemo({ closeDelayMs: 10, ...options });
  const directory = mkdtempSync(join(tmpdir(), 'kii-test-'));
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, demo.kubeconfig);
  const env = { KUBECONFIG: kubeconfig, HOME: directory, XDG_STATE_HOME: join(directory, 'state') };
  try {
    return await use({
      demo,
      directory,
      kii: (words, runtime = {}) =>
        runCommand(typeof words === 'string' ? words.split(' ') : words, { env, now: demo.now, ...runtime }),
    });
  } finally {
    await demo.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The source that a command has of a demo, and the demo's time, for as long as `use` takes. */
export function withSource<T>(options: DemoOptions, use: (source: Source, now: Date) => Promise<T>): Promise<T> {
  return withDemo(options, async ({ demo, directory }) => {
    const kube = { kubeconfig: join(directory, 'kubeconfig') };
    const source = await openLive({ ...sourceOptions, kube }, { HOME: directory }, new AbortController().signal);
    try {
      return await use(source, demo.now);
    } finally {
      await source.close();
    }
  });
}

const sourceOptions = {
  gateway: { namespace: 'istio-system', istioNamespace: 'istio-system' },
  parallel: limits.parallelPods,
  podTimeoutMs: limits.podMs,
  maxAnswerBytes: limits.answerBytes,
  dumpsThroughExec: false,
};

/** Without a cluster, unless `given` opens one. */
export async function runCommand(words: readonly string[], given: Partial<Runtime>): Promise<Said> {
  const said = { out: '', err: '' };
  const terminal = { isTTY: false, columns: 80, color: false };
  const code = await run(commands, words, {
    env: {},
    openStdin: () => Readable.from([]),
    writeOut: async (text) => {
      said.out += text;
    },
    writeError: (text) => {
      said.err += text;
    },
    terminal,
    errorTerminal: terminal,
    now: new Date(),
    signal: new AbortController().signal,
    version: '0.0.0',
    openSource: (options, env, signal, teller) =>
      options.from === undefined
        ? openLive(options, env, signal, teller)
        : openSaved(options.from, options, signal, teller),
    ...given,
  });
  return { code, ...said };
}
