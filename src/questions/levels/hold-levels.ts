// The step between setting levels and putting them back: time passes, and what the loggers write may be shown.

import { pause } from '#core/concurrency.ts';
import { describeSpan } from '#core/duration.ts';
import { ToolError } from '#core/error.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';

const tickMs = 1_000;

/** By the wall clock: a machine that sleeps meanwhile does not leave the levels raised for longer. */
export async function holdLevels({ signal, progress }: Pick<Asking, 'signal' | 'progress'>, ms: number): Promise<void> {
  const end = Date.now() + ms;
  for (let left = ms; left > 0; left = end - Date.now()) {
    progress(`back in ${describeSpan(left + 999)}; Ctrl-C puts the levels back now`);
    await pause(Math.min(left, tickMs), signal);
  }
}

export interface Showing {
  readonly isChosen: (logger: string) => boolean;
  open(signal: AbortSignal): Promise<Source>;
  /** Resolves when more may be written. */
  write(lines: readonly LogLine[]): Promise<void>;
}

/** Ends early where logs cannot be read or the reader has left: nobody would see what the levels are raised for. */
export async function holdAndShow(asking: Asking, ms: number, { isChosen, open, write }: Showing): Promise<void> {
  const { followLoggers } = await import('./follow-loggers.ts');
  const ending = new AbortController();
  const signal = AbortSignal.any([asking.signal, ending.signal]);
  const source = await open(signal);
  const waiting = holdLevels({ signal, progress: asking.progress }, ms);
  const shown = followLoggers(source, { isChosen, write, note: asking.warn });
  try {
    await Promise.race([waiting, shown.then(() => waiting)]);
  } finally {
    ending.abort(new ToolError('interrupted', 'the time is over'));
    await Promise.allSettled([shown]);
    await source.close();
  }
}
