import { defineCheck } from '#analysis/check/check.ts';
import { leaving } from '#analysis/fleet/pod-problems.ts';

export default defineCheck({
  id: 'KII004',
  section: 'pods',
  severity: 'warning',
  name: 'pod-draining',
  title: 'no pod is draining, being deleted or still starting',
  reason: 'Such a pod takes no new connections, or soon will not. During a rollout that is as it should be.',
  remedy: 'Wait for the rollout; if there is none, find who deletes pods: `kubectl get events`.',
  needs: ['statuses'],
  find: ({ statuses }) => leaving(statuses),
});
