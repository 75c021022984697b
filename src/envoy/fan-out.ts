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
  /** Called after each pod, whatever became of it. */
  readonly onSettled?: (done: number, of: number) => void;
}

/** Outcomes in the order of `pods`. Rejects only when `signal` aborts. */
export async function askEvery<T>(
  pods: readonly Pod[],
  { parallel, podTimeoutMs, signal, onSettled }: FanOut,
  ask: (pod: Pod, signal: AbortSignal) => Promise<T>,
): Promise<PodOutcome<T>[]> {
  // Who may not port-forward to one pod may not to the next: two hundred more refusals help nobody.
  let forbidden: ToolError | undefined;
  let done = 0;
  return mapBounded(pods, parallel, async (pod) => {
    try {
      if (forbidden) throw forbidden;
      if (pod.phase !== 'Running') throw notRunning(pod);
      return {
        pod,
        ok: await withDeadline(
          signal,
          podTimeoutMs,
          () => late(pod, podTimeoutMs),
          (inner) => ask(pod, inner),
        ),
      };
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const failed = asToolError(thrown, `ask ${pod.namespace}/${pod.name}`);
      if (failed.code === 'forbidden' || failed.code === 'credentials') forbidden = failed;
      return { pod, failed };
    } finally {
      onSettled?.(++done, pods.length);
    }
  });
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
