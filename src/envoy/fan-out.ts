// Asks every pod, a few at a time; what one pod did wrong is data.

import { mapBounded, withDeadline } from '#core/concurrency.ts';
import { asToolError, ToolError } from '#core/error.ts';
import type { Pod, PodOutcome } from '#core/fleet.ts';
import { step, stepText } from '#core/shell.ts';

export interface FanOut {
  readonly parallel: number;
  /** For everything that is asked of one pod. */
  readonly podTimeoutMs: number;
  readonly signal: AbortSignal;
  /** The time of a pod counts from when this has settled. */
  readonly after?: Promise<unknown>;
  /** Called after each pod, whatever became of it. */
  readonly onSettled?: (done: number, of: number) => void;
}

/** Outcomes in the order of `pods`. Rejects only when `signal` aborts. */
export async function askEvery<T>(
  pods: readonly Pod[],
  { parallel, podTimeoutMs, signal, after, onSettled }: FanOut,
  ask: (pod: Pod, signal: AbortSignal) => Promise<T>,
): Promise<PodOutcome<T>[]> {
  const refusals = new Refusals();
  let done = 0;
  return mapBounded(pods, parallel, async (pod) => {
    try {
      if (refusals.ofAll) throw refusals.ofAll;
      if (pod.phase !== 'Running') throw notRunning(pod);
      const ok = await withDeadline(
        signal,
        podTimeoutMs,
        () => late(pod, podTimeoutMs),
        (inner) => ask(pod, inner),
        after,
      );
      refusals.see(undefined);
      return { pod, ok };
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const failed = asToolError(thrown, `ask ${pod.namespace}/${pod.name}`);
      refusals.see(failed);
      return { pod, failed };
    } finally {
      onSettled?.(++done, pods.length);
    }
  });
}

/**
 * Who may not port-forward to one pod may not to the next: two hundred more refusals help nobody. One API server of
 * several may refuse credentials that the others accept: those count once two pods in a row have refused them.
 */
class Refusals {
  /** Why no other pod needs to be asked. */
  ofAll: ToolError | undefined;
  #inARow = 0;

  /** What became of a pod. */
  see(failed: ToolError | undefined): void {
    this.#inARow = failed?.code === 'credentials' ? this.#inARow + 1 : 0;
    if (failed?.code === 'forbidden' || this.#inARow === 2) this.ofAll ??= failed;
  }
}

const notRunning = (pod: Pod): ToolError =>
  new ToolError(
    'not-ready',
    `cannot ask ${pod.namespace}/${pod.name}: it is ${pod.phase}${pod.reason ? `, ${pod.reason}` : ''}`,
    {
      hint: stepText(step`kubectl describe pod -n ${pod.namespace} ${pod.name}`),
    },
  );

const late = (pod: Pod, ms: number): ToolError =>
  new ToolError('timeout', `cannot ask ${pod.namespace}/${pod.name}: it was not done after ${ms / 1000} s`, {
    hint: 'allow more with --pod-timeout',
  });
