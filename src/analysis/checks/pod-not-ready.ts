import { defineCheck } from '#analysis/check.ts';
import { perPods, who } from '#analysis/per-pods.ts';

export default defineCheck({
  id: 'KII002',
  section: 'pods',
  severity: 'error',
  name: 'pod-not-ready',
  title: 'every pod is ready',
  reason: 'Services leave pods out that are not ready; one that never got a configuration does not become ready.',
  remedy: "Read the pod's events and the log of its last run.",
  needs: ['gateway'],
  find: ({ gateway: { namespace, pods } }) =>
    perPods(
      pods.filter(({ isReady, deletedAt }) => !isReady && deletedAt === undefined).map(({ name, reason, phase }) => [reason ?? phase, name] as const),
      (reason, names) => ({
        text: `${who(names, 'is', 'are')} not ready: ${reason}`,
        pods: names,
        next: [`kubectl -n ${namespace} describe pod ${names[0]}`],
      }),
    ),
});
