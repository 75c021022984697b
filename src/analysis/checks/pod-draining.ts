import { defineCheck } from '#analysis/check.ts';
import { perPods, who } from '#analysis/per-pods.ts';

export default defineCheck({
  id: 'KII004',
  section: 'pods',
  severity: 'warning',
  name: 'pod-draining',
  title: 'no pod is draining, being deleted or still starting',
  reason: 'Such a pod takes no new connections, or soon will not. During a rollout that is as it should be.',
  remedy: 'Wait for the rollout; if there is none, find who deletes pods: `kubectl get events`.',
  needs: ['statuses'],
  find: ({ statuses }) =>
    perPods(
      statuses.flatMap(({ pod, report }) => {
        if (pod.deletedAt !== undefined) return [['being deleted', pod.name] as const];
        return report && report.proxy.state !== 'LIVE' ? [[report.proxy.state, pod.name] as const] : [];
      }),
      (state, names) => ({ text: `${who(names, 'is', 'are')} ${state}`, pods: names }),
    ),
});
