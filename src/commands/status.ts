// `status`: is every gateway pod alive, in sync with istiod and serving the same? Which one is not, and since when?

import { answer, defineCommand } from '#command/command.ts';
import { nextStepsAgain } from '#command/next-step.ts';
import { askStatus } from '#questions/status.ts';
import { statusView } from '#render/views/status.ts';

export default defineCommand({
  name: 'status',
  aliases: ['ps'],
  group: 'ask',
  summary: 'Is every gateway pod alive, in sync with istiod and serving the same?',
  details: `CONFIG is a hash of the routes and certificates that a pod serves: pods with the same serve the same of these. Whether listeners,
clusters, endpoints, extensions, bootstrap and runtime are the same costs Envoy more, and is asked with --full, of one pod in ten at a
time. SYNCED is istiod's word: the pod acknowledged the last update. NOT CONNECTED means that every istiod answered and none knows the pod.`,
  examples: [
    { args: 'status', describe: 'alike pods on one line, then those that differ, and what to do' },
    { args: 'status --every-pod', describe: 'a line for every pod' },
    { args: 'status --full', describe: 'compares listeners, clusters, endpoints and all else as well' },
    { args: 'status -o json', describe: 'for scripts' },
  ],
  flags: {
    'every-pod': { type: 'boolean', describe: 'a line for every pod, also for those that are alike' },
    full: {
      type: 'boolean',
      describe: 'compare everything, not routes and certificates only; costs the pods as much as diff',
    },
  },
  run: async (context, flags) => {
    const { problems, ...asked } = await askStatus(await context.source(), { full: flags.full });
    const view = statusView({ everyPod: flags['every-pod'], problems: nextStepsAgain(problems, context.again) });
    return answer({ view, ...asked });
  },
});
