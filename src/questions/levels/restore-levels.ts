// Puts back the levels that this tool has set on this cluster and not put back: after a crash, after `--keep`, or from
// another terminal.

import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { raisedLevels } from '#dump/pod-report.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { fetchPodLevels, type LevelsAnswer, levelsAnswer } from './levels.ts';
import type { PutBack } from './put-back.ts';
import { type LevelRun, putRecordBack, serverOf, withBack } from './put-record-back.ts';

export interface RestoreRun extends LevelRun {
  /** Called with the names of other clusters whose levels are not put back yet. */
  others(origins: readonly string[]): void;
  /** Called where no record is of this cluster. `raised`: a proxy that still logs more than it did at start. */
  nothing(origin: string, raised: ProxyInfo | undefined): void;
}

export async function askRestoreLevels(source: Source, run: RestoreRun, asking: Asking): Promise<LevelsAnswer> {
  const server = serverOf(source);
  const all = await run.records.list(asking.warn);
  const own = all.filter(({ record }) => record.server === server);
  const others = [...new Set(all.filter((one) => !own.includes(one)).map(({ record }) => record.origin))];
  if (others.length > 0) run.others(others);
  const back: PutBack[] = [];
  // The newest first, so that of two runs that overlapped the older one has the last word.
  for (const saved of own.toReversed()) back.push(...(await putRecordBack(run, saved)));
  const pods = withBack(
    await source.everyPod(fetchPodLevels),
    back.filter(({ result }) => result instanceof ToolError),
  );
  const raised = pods.filter(hasAnswered).find(({ ok }) => raisedLevels(ok.proxy, ok.levels).length > 0);
  if (own.length === 0) run.nothing(source.origin, raised?.ok.proxy);
  const loggers = new Set(
    own.flatMap(({ record }) => record.pods.flatMap(({ levels }) => levels.map(({ logger }) => logger))),
  );
  const answer = await levelsAnswer(source, pods, (logger) => loggers.size === 0 || loggers.has(logger));
  return { ...answer, tellsOfNoPod: true };
}
