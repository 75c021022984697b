// A source of the embedded demo, for questions that are asked without a command line.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceOptions } from '#command/source-options.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { type Demo, type DemoOptions, startDemo } from '#demo/server.ts';
import { openLive } from '#source/live.ts';

export interface DemoSource {
  readonly source: Source;
  /** Its lines are in `warned`. */
  readonly asking: Asking;
  readonly warned: readonly string[];
  readonly demo: Demo;
}

export async function withDemoSource(options: DemoOptions, use: (given: DemoSource) => Promise<void>): Promise<void> {
  const demo = await startDemo({ closeDelayMs: 10, ...options });
  const directory = mkdtempSync(join(tmpdir(), 'kii-test-'));
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, demo.kubeconfig);
  const { signal } = new AbortController();
  const given = sourceOptions({ 'istio-namespace': 'istio-system', 'as-group': [], 'as-user-extra': [] }, {});
  const source = await openLive(given, { KUBECONFIG: kubeconfig, HOME: directory }, signal);
  const warned: string[] = [];
  const asking: Asking = { now: demo.now, signal, warn: (line) => warned.push(line), progress: () => {} };
  try {
    await use({ source, asking, warned, demo });
  } finally {
    await source.close();
    await demo.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
