import { defineCheck } from '#analysis/check/check.ts';
import { stale } from '#analysis/fleet/pod-problems.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII012',
  section: 'istiod',
  severity: 'warning',
  name: 'stale',
  title: 'every pod has acknowledged the last update',
  reason: 'istiod has sent something that the pod has neither taken nor refused: it is busy, or the connection hangs.',
  remedy: 'Just after a change this passes by itself. If not, look at the CPU of the pod and of istiod.',
  needs: ['statuses', 'istiods'],
  find: ({ statuses }) =>
    stale(statuses).map((one) => ({ ...one, next: [step`kubectl istio-ingress wait --for synced`] })),
});
