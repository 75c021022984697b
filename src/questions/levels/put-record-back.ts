// The last step of a change of levels, also for `--restore`: a record on disk is put back, and then removed.

import { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import type { LevelRecords, SavedRecord } from './level-record.ts';
import type { PodLevels } from './levels.ts';
import { type PutBack, putBack } from './put-back.ts';

/** What a run that changes levels needs besides its source. */
export interface LevelRun {
  readonly records: LevelRecords;
  /**
   * Opens a source that hears only this signal; `chosen`: the pods that the user chose, `all`: every pod of the
   * gateway.
   */
  open(signal: AbortSignal, pods: 'chosen' | 'all'): Promise<Source>;
  /** Called as soon as the pods are done: the process may end before there is an answer. */
  puttingBack(results: readonly PutBack[] | 'done by another run'): void;
}

export async function putRecordBack(run: LevelRun, saved: SavedRecord): Promise<readonly PutBack[]> {
  if (!run.records.has(saved)) {
    run.puttingBack('done by another run');
    return [];
  }
  const back = await putBack(saved.record.pods, {
    open: (signal) => run.open(signal, 'all'),
    left: (pods) => run.records.keep(saved, pods),
  });
  run.puttingBack(back);
  return back;
}

/** Throws `unsupported` for a directory, which has no server. */
export function serverOf({ server, origin }: Source): string {
  if (server !== undefined) return server;
  throw new ToolError('unsupported', `cannot set log levels of ${origin}: it is no cluster`);
}

/** Leaves pods that are gone out of the answer. */
export function withBack(
  pods: readonly PodOutcome<PodLevels>[],
  back: readonly PutBack[],
): readonly PodOutcome<PodLevels>[] {
  const results = new Map(back.map(({ of, result }) => [of.pod, result]));
  return pods.flatMap((outcome): readonly PodOutcome<PodLevels>[] => {
    const result = results.get(outcome.pod.name);
    if (result === 'gone') return [];
    if (result instanceof ToolError) return [{ pod: outcome.pod, failed: result }];
    return [
      result === undefined || !hasAnswered(outcome)
        ? outcome
        : { pod: outcome.pod, ok: { ...outcome.ok, levels: result.levels } },
    ];
  });
}
