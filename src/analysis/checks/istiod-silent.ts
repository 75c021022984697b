import { defineCheck } from '#analysis/check/check.ts';
import { unknownSync } from '#analysis/fleet/pod-problems.ts';

export default defineCheck({
  id: 'KII011',
  section: 'istiod',
  severity: 'warning',
  name: 'istiod-silent',
  title: 'every istiod answers, and it is known of every pod whether it is in sync',
  reason: 'Each istiod knows its own connections only: without all of them nobody can say that a pod is not connected.',
  remedy:
    'Look at the istiod that does not answer; check that you may port-forward to it: `kubectl istio-ingress help rbac`.',
  needs: ['statuses', 'istiods'],
  find: ({ statuses, istiods }) => [
    ...istiods.flatMap(({ name, failed }) =>
      failed === undefined ? [] : [{ text: `${name} did not answer: ${failed}` }],
    ),
    ...unknownSync(statuses),
  ],
});
