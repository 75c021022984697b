// The log levels of every pod, those that differ first.

import type { Admin, LogLevel } from '#core/admin.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import { compareLoggerRows, type LoggerRow, loggerRowKey, startLevel } from '#model/log-level.ts';
import { mapOutcomes, mergePods, type OnPods } from '#model/merge-pods.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { fetchLevels } from './pod-levels.ts';

export interface PodLevels {
  readonly proxy: ProxyInfo;
  readonly levels: readonly LogLevel[];
}

export type LevelsAnswer = QuestionAnswer<OnPods<LoggerRow>>;

export const fetchPodLevels = async (admin: Admin): Promise<PodLevels> => ({
  proxy: readServerInfo(await fetchJson(admin, { path: 'server_info' })),
  levels: await fetchLevels(admin),
});

export const askLevels = async (source: Source): Promise<LevelsAnswer> =>
  levelsAnswer(source, await source.everyPod(fetchPodLevels), () => true);

/** `isShown`: by the logger's name. */
export async function levelsAnswer(
  source: Source,
  pods: readonly PodOutcome<PodLevels>[],
  isShown: (logger: string) => boolean,
): Promise<LevelsAnswer> {
  const rows = mapOutcomes(pods, ({ proxy, levels }): readonly LoggerRow[] =>
    levels
      .filter(({ logger }) => isShown(logger))
      .map((level) => ({ ...level, atStart: startLevel(proxy, level.logger) })),
  );
  const items = mergePods(rows.filter(hasAnswered), loggerRowKey, compareLoggerRows);
  return { gateway: await source.gateway(), pods, items };
}
