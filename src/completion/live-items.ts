// The candidates that only a cluster or the kubeconfig has: from the cache, or asked in the time that there is.

import { kubeconfigNames } from '#cluster/access/kubeconfig.ts';
import { openCache } from '#cluster/access/user-cache.ts';
import type { Completes } from '#command/flag.ts';
import { readFlags } from '#command/flag-values.ts';
import { sourceOptions } from '#command/source-options.ts';
import type { SourceOptions } from '#core/source-options.ts';
import type { Candidate } from './candidates.ts';
import type { Line } from './line.ts';
import { liveKinds } from './live-values.ts';
import type { CompletionRuntime } from './runtime.ts';

const freshMs = 30_000;

/** Throws ToolError where flags or kubeconfig are wrong. */
export async function liveItems(
  kind: Completes,
  line: Line,
  runtime: CompletionRuntime,
): Promise<readonly Candidate[]> {
  if (kind === 'logger' && line.current.includes(':')) return levelsOf(line.current);
  const options = sourceOptions(readFlags(line.flags, line.given), runtime.env);
  const { files, ...names } = await kubeconfigNames(options.kube.kubeconfig, runtime.env);
  if (kind === 'context' || kind === 'cluster' || kind === 'user') return names[kind].map((value) => ({ value }));
  const cache = openCache<readonly Candidate[]>(runtime.env, [kind, options, files], freshMs);
  const kept = cache.read(runtime.now);
  if (kept !== undefined) return kept;
  const found = await inTime(runtime, (signal) => ask(kind, options, runtime, signal));
  if (found !== undefined) cache.write(found, runtime.now);
  else if (cache.mayAsk(runtime.now)) await runtime.askLater();
  return found ?? [];
}

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

const levelsOf = (current: string): Candidate[] =>
  levels.map((level) => ({ value: `${current.slice(0, current.indexOf(':'))}:${level}` }));

async function ask(
  kind: Completes,
  options: SourceOptions,
  runtime: CompletionRuntime,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const source = await runtime.openSource(options, signal);
  try {
    return (await liveKinds[kind]?.(source, options.gateway)) ?? [];
  } finally {
    await source.close();
  }
}

/** Undefined when time is up or it failed. What is under way then is ended by the signal. */
async function inTime<T>(
  { limitMs }: CompletionRuntime,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined);
  });
  try {
    return await Promise.race([work(controller.signal).catch(() => undefined), limit]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
