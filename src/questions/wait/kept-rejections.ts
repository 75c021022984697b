// Rejections of secrets, as istiod tells them: it forgets one only when another secret is taken, so that what it tells
// may have been over for hours. Whether it is over, handshakes tell.

import { withDeadline } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { triedTo } from '#core/known.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { PodProgress } from '#model/waiting.ts';
import { askCheck } from '#questions/check/check.ts';

/** By pod; a pod of which it could not be found out is not there. */
type Fates = ReadonlyMap<string, 'over' | 'lasts'>;

export type JudgeKept = (
  progress: readonly PodProgress[],
  kept: ReadonlySet<string>,
  leftMs: number,
) => Promise<readonly PodProgress[]>;

/** A judgement takes whole dumps and handshakes: not every round may ask for one. */
const betweenJudgementsMs = 30_000;

/**
 * The progress without rejections that are over, and with those that last as certain. `kept`: pods of which nothing but
 * the rejection of a secret is known; they are judged once nothing else is missing.
 */
export function keptRejections(open: (signal: AbortSignal) => Promise<Source>, asking: Asking): JudgeKept {
  let fates: Fates = new Map();
  let judgedAt = Number.NEGATIVE_INFINITY;
  return async (progress, kept, leftMs) => {
    const behind = progress.filter(({ missing }) => missing.length > 0);
    if (behind.length === 0 || !behind.every(({ pod, missing }) => kept.has(pod) && missing.length === 1))
      return progress;
    if (performance.now() - judgedAt >= betweenJudgementsMs) {
      judgedAt = performance.now();
      const late = new ToolError('timeout', 'the time was over');
      const judged = await triedTo(
        withDeadline(
          asking.signal,
          leftMs,
          () => late,
          (signal) => judge(open, signal),
        ),
      );
      fates = 'ok' in judged ? judged.ok : new Map();
    }
    return progress.map((one) => withFate(one, fates.get(one.pod)));
  };
}

function withFate(progress: PodProgress, fate: 'over' | 'lasts' | undefined): PodProgress {
  if (fate === undefined) return progress;
  return {
    ...progress,
    missing: fate === 'over' ? [] : progress.missing.map(({ condition, why }) => ({ condition, why })),
  };
}

async function judge(open: (signal: AbortSignal) => Promise<Source>, signal: AbortSignal): Promise<Fates> {
  const [{ default: rejected }, { default: served }] = await Promise.all([
    import('#analysis/checks/rejected.ts'),
    import('#analysis/checks/certificate-served.ts'),
  ]);
  const source = await open(signal);
  try {
    const { items } = await askCheck(source, { checks: [rejected, served] }, { now: new Date() });
    const podsWith = (id: string, severity: string): readonly string[] =>
      items
        .flatMap((item) => (item.id === id ? item.findings : []))
        .flatMap((finding) => (finding.severity === severity ? finding.pods : []));
    return new Map([
      ...podsWith(rejected.id, 'info').map((pod) => [pod, 'over'] as const),
      ...podsWith(served.id, 'error').map((pod) => [pod, 'lasts'] as const),
    ]);
  } finally {
    await source.close();
  }
}
