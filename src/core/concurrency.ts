// Bounded fan-out and deadlines on the one AbortSignal tree.

import type { ToolError } from './error.ts';

/**
 * Runs `work` for every item, at most `parallel` at a time; results in the items' order. The first rejection rejects.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  parallel: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
  return results;
}

/** A semaphore: at most so many at a time, of work that comes as it comes. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/**
 * Runs `work` with a signal that aborts when `parent` does or `ms` have passed; the deadline's error is `late()`.
 * The timer never outlives the work. `after`: where the work waits for others, the time counts from when they have settled.
 */
export async function withDeadline<T>(
  parent: AbortSignal,
  ms: number,
  late: () => ToolError,
  work: (signal: AbortSignal) => Promise<T>,
  after?: Promise<unknown>,
): Promise<T> {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  else parent.addEventListener('abort', onAbort, { once: true });
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const count = (): void => {
    if (!isOver) timer = setTimeout(() => controller.abort(late()), ms);
  };
  if (after !== undefined) after.then(count, count);
  else count();
  try {
    return await raceAbort(work(controller.signal), controller.signal);
  } finally {
    isOver = true;
    clearTimeout(timer);
    parent.removeEventListener('abort', onAbort);
  }
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as that aborts. */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {}); // its own rejection would otherwise be unhandled; the reason below is the answer
    throw signal.reason;
  }
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

/** A pause that ends early, with the signal's reason, when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return raceAbort(elapsed, signal).finally(() => clearTimeout(timer));
}

export interface Retries {
  /** How often an attempt is repeated at most. */
  readonly times: number;
  /** Whether what the attempt threw can be otherwise the next time. */
  mayPass(error: unknown): boolean;
  readonly signal: AbortSignal;
  /** What a server asks for in place of our own pause; undefined where it does not. */
  pauseMs?(error: unknown): number | undefined;
}

/**
 * The first result of `attempt`, which is repeated after a pause: a random part of 250 ms, twice as much each time, so
 * that many pods do not come back at once. Throws the last error, or the signal's reason once that has aborted.
 */
export async function retried<T>(attempt: () => Promise<T>, { times, mayPass, signal, pauseMs }: Retries): Promise<T> {
  for (let repeats = 0; ; repeats++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (repeats === times || !mayPass(error)) throw error;
      await pause(pauseMs?.(error) ?? Math.random() * (250 << repeats), signal);
    }
  }
}
