import { defineCheck } from '#analysis/check/check.ts';
import { logOfRejection, rejected } from '#analysis/fleet/pod-problems.ts';

export default defineCheck({
  id: 'KII013',
  section: 'istiod',
  severity: 'error',
  name: 'rejected',
  title: 'no pod has rejected an update (NACK)',
  reason:
    'Envoy goes on with what it had before. Nothing of that kind changes any more, also not for other services, until it is corrected.',
  remedy:
    "Envoy's text names the field. Find the object that was changed last: an EnvoyFilter, a Gateway or a VirtualService.",
  avoid: 'Do not restart the pods: a fresh pod has nothing to go on with, and does not become ready.',
  needs: ['statuses'],
  perPod: true,
  find: ({ statuses }) =>
    rejected(statuses).map((one) => ({
      ...one,
      next: [
        ...logOfRejection(statuses, one),
        'kubectl get gateways.networking.istio.io,virtualservices.networking.istio.io,envoyfilters -A --sort-by=.metadata.creationTimestamp',
      ],
    })),
});
