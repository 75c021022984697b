import { defineCheck } from '#analysis/check.ts';
import { perPods, who } from '#analysis/per-pods.ts';
import { xdsTypes } from '#model/sync.ts';

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
    perPods(
      statuses.flatMap(({ pod, sync }) =>
        sync.state === 'connected' ? xdsTypes.filter((type) => sync.types[type]?.state === 'STALE').map((type) => [type, pod.name] as const) : [],
      ),
      (type, names) => ({
        text: `${who(names, 'has', 'have')} not acknowledged the last ${type} update`,
        pods: names,
        next: ['kubectl istio-ingress wait --for synced'],
      }),
    ),
});
