import { defineCheck } from '#analysis/check/check.ts';
import { raisedLevels } from '#analysis/fleet/pod-problems.ts';
import { step } from '#core/shell.ts';

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
    raisedLevels(statuses).map((one) => ({ ...one, next: [step`kubectl istio-ingress log-level --restore`] })),
});
