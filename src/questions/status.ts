// Is every gateway pod alive, in sync with istiod and serving the same?

import { statusOf } from '#analysis/fleet/pod-status.ts';
import { statusProblems } from '#analysis/fleet/status-problems.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { PodStatus, StatusProblem } from '#model/status.ts';
import type { ProxySync } from '#model/sync.ts';
import { askIstiods, fetchSync } from './istiod-answers.ts';
import { fetchPodReport } from './pod-report.ts';

export interface StatusAnswer extends QuestionAnswer<PodStatus> {
  /** What differs and what to do, the worst first. */
  readonly problems: readonly StatusProblem[];
}

export async function askStatus(source: Source): Promise<StatusAnswer> {
  const [gateway, reports, sync] = await Promise.all([
    source.gateway(),
    source.everyPod(async (admin) => (await fetchPodReport(admin)).report),
    askIstiods(source, fetchSync),
  ]);
  const answers = 'known' in sync ? sync.known : [];
  const istiods = answers.map(describeIstiod);
  const items = statusOf(reports, sync);
  return {
    gateway,
    pods: reports,
    items,
    problems: statusProblems(items, gateway, istiods),
    extra: { istiods },
    notes: 'known' in sync ? silentIstiods(answers) : [`nothing is known of the connection to istiod: ${sync.missing}`],
    incomplete: 'missing' in sync || answers.some((outcome) => !hasAnswered(outcome)),
  };
}

const silentIstiods = (istiods: readonly PodOutcome<readonly ProxySync[]>[]): string[] =>
  istiods.flatMap((outcome) => ('failed' in outcome ? [outcome.failed.message] : []));

const describeIstiod = (outcome: PodOutcome<unknown>): { name: string; failed?: string } =>
  'failed' in outcome ? { name: outcome.pod.name, failed: outcome.failed.message } : { name: outcome.pod.name };
