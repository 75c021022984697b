// `status`: is every gateway pod alive, in sync with istiod and serving the same? Which one is not, and since when?

import { statusOf } from '#analysis/fleet/pod-status.ts';
import { statusProblems } from '#analysis/fleet/status-problems.ts';
import { answer, defineCommand } from '#command/command.ts';
import { nextStepsAgain } from '#command/next-step.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { ProxySync } from '#model/sync.ts';
import { statusView } from '#render/views/status.ts';
import { askIstiods, fetchSync } from '#source/istiod-answers.ts';
import { fetchPodReport } from '#source/pod-report.ts';

export default defineCommand({
  name: 'status',
  aliases: ['ps'],
  group: 'ask',
  summary: 'Is every gateway pod alive, in sync with istiod and serving the same?',
  details: `CONFIG is a hash of the routes and certificates that a pod serves: pods with the same serve the same. SYNCED is
istiod's word: the pod acknowledged the last update. NOT CONNECTED means that every istiod answered and none knows the pod.`,
  examples: [
    { args: 'status', describe: 'alike pods on one line, then those that differ, and what to do' },
    { args: 'status --every-pod', describe: 'a line for every pod' },
    { args: 'status -o json', describe: 'for scripts' },
  ],
  flags: { 'every-pod': { type: 'boolean', describe: 'a line for every pod, also for those that are alike' } },
  run: async (context, flags) => {
    const source = await context.source();
    const [gateway, reports, sync] = await Promise.all([
      source.gateway(),
      source.everyPod(async (admin) => (await fetchPodReport(admin)).report),
      askIstiods(source, fetchSync),
    ]);
    const answers = 'known' in sync ? sync.known : [];
    const istiods = answers.map(describeIstiod);
    const items = statusOf(reports, sync);
    return answer({
      view: statusView({
        everyPod: flags['every-pod'],
        problems: nextStepsAgain(statusProblems(items, gateway, istiods), context.again),
      }),
      gateway,
      pods: reports,
      items,
      extra: { istiods },
      notes:
        'known' in sync ? silentIstiods(answers) : [`nothing is known of the connection to istiod: ${sync.missing}`],
      incomplete: 'missing' in sync || answers.some((outcome) => !hasAnswered(outcome)),
    });
  },
});

const silentIstiods = (istiods: readonly PodOutcome<readonly ProxySync[]>[]): string[] =>
  istiods.flatMap((outcome) => ('failed' in outcome ? [outcome.failed.message] : []));

const describeIstiod = (outcome: PodOutcome<unknown>): { name: string; failed?: string } =>
  'failed' in outcome ? { name: outcome.pod.name, failed: outcome.failed.message } : { name: outcome.pod.name };
