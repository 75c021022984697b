import { defineCheck } from '#analysis/check/check.ts';
import { step } from '#core/shell.ts';

const recentSeconds = 3600;

export default defineCheck({
  id: 'KII003',
  section: 'pods',
  severity: 'warning',
  name: 'pod-restarting',
  title: 'no pod has restarted within the last hour',
  reason: 'A restart ends every connection of the pod. Envoy does not restart by itself: it was killed, or it crashed.',
  remedy: 'Read the end of the log of the run before: `kubectl logs --previous`. OOMKilled asks for memory.',
  needs: ['statuses', 'gateway'],
  find: ({ statuses, gateway: { namespace } }) =>
    statuses.flatMap(({ pod, report }) => {
      const uptime = report?.proxy.uptimeSeconds;
      const isRecent = uptime === undefined ? !pod.isReady : uptime < recentSeconds;
      if (pod.restarts === 0 || !isRecent) return [];
      const times = pod.restarts === 1 ? 'once' : `${pod.restarts} times`;
      const last = uptime === undefined ? '' : `, last ${Math.floor(uptime / 60)} min ago`;
      const why = pod.reason === undefined ? '' : `: ${pod.reason}`;
      return [
        {
          text: `${pod.name} has restarted ${times}${last}${why}`,
          pods: [pod.name],
          next: [step`kubectl -n ${namespace} logs ${pod.name} --all-containers --previous --tail 50`],
        },
      ];
    }),
});
