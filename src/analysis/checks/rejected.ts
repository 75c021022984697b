import { defineCheck } from '#analysis/check.ts';
import { perPods, who } from '#analysis/per-pods.ts';
import type { PodStatus, RejectedResource } from '#model/status.ts';
import { xdsTypes } from '#model/sync.ts';

/** Envoy's own record, and istiod's where Envoy has none: of a type that it is not asked for. */
function rejectionsOf({ report, sync }: PodStatus): string[] {
  const own = (report?.rejections ?? []).map(describe);
  if (own.length > 0 || sync.state !== 'connected') return own;
  return xdsTypes.flatMap((type) => {
    const { state, error } = sync.types[type] ?? {};
    return state === 'NACK' ? [`the last ${type} update${error === undefined ? '' : `: "${error}"`}`] : [];
  });
}

const describe = ({ kind, name, details }: RejectedResource): string => `${kind} ${name}: "${details}"`;

export default defineCheck({
  id: 'KII013',
  section: 'istiod',
  severity: 'error',
  name: 'rejected',
  title: 'no pod has rejected an update (NACK)',
  reason: 'Envoy goes on with what it had before. Nothing of that kind changes any more, also not for other services, until it is corrected.',
  remedy: "Envoy's text names the field. Find the object that was changed last: an EnvoyFilter, a Gateway or a VirtualService.",
  avoid: 'Do not restart the pods: a fresh pod has nothing to go on with, and does not become ready.',
  needs: ['statuses'],
  perPod: true,
  find: ({ statuses }) =>
    perPods(
      statuses.flatMap((status) => rejectionsOf(status).map((what) => [what, status.pod.name] as const)),
      (what, names) => ({
        text: `${who(names, 'has', 'have')} rejected ${what}`,
        pods: names,
        next: ['kubectl get gateways.networking.istio.io,virtualservices.networking.istio.io,envoyfilters -A --sort-by=.metadata.creationTimestamp'],
      }),
    ),
});
