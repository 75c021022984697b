import { defineCheck } from '#analysis/check.ts';
import { perPods, who } from '#analysis/per-pods.ts';

export default defineCheck({
  id: 'KII062',
  section: 'load',
  severity: 'warning',
  name: 'log-level-raised',
  title: 'no pod logs more than it did at start',
  reason: 'Debug logs of a busy gateway fill disks and cost latency. Somebody has forgotten to put the levels back.',
  remedy: 'Put them back as they were.',
  needs: ['statuses'],
  perPod: true,
  find: ({ statuses }) =>
    perPods(
      statuses.flatMap(({ pod, report }) => (report?.raisedLogLevels.length ? [[report.raisedLogLevels.join(', '), pod.name] as const] : [])),
      (levels, names) => ({
        text: `${who(names, 'logs', 'log')} more than at start: ${levels}`,
        pods: names,
        next: ['kubectl istio-ingress log-level --restore'],
      }),
    ),
});
