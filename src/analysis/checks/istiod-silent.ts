import { defineCheck } from '#analysis/check.ts';
import { perPods, who } from '#analysis/per-pods.ts';

export default defineCheck({
  id: 'KII011',
  section: 'istiod',
  severity: 'warning',
  name: 'istiod-silent',
  title: 'every istiod answers, and it is known of every pod whether it is in sync',
  reason: 'Each istiod knows its own connections only: without all of them nobody can say that a pod is not connected.',
  remedy: 'Look at the istiod that does not answer; check that you may port-forward to it: `kubectl istio-ingress help rbac`.',
  needs: ['statuses', 'istiods'],
  find: ({ statuses, istiods }) => [
    ...istiods.flatMap(({ name, failed }) => (failed === undefined ? [] : [{ text: `${name} did not answer: ${failed}` }])),
    ...perPods(
      statuses.flatMap(({ pod, sync }) => (sync.state === 'unknown' ? [[sync.why, pod.name] as const] : [])),
      (why, names) => ({ text: `nobody can say whether ${who(names, 'is', 'are')} in sync: ${why}`, pods: names }),
    ),
  ],
});
