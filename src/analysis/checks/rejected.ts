import { defineCheck, type FoundProblem } from '#analysis/check/check.ts';
import { logOfRejection, rejected } from '#analysis/fleet/pod-problems.ts';
import { step } from '#core/shell.ts';
import type { PodStatus } from '#model/status.ts';

/** kubectl sorts the objects of one kind only. */
const youngest = ['envoyfilters', 'gateways.networking.istio.io', 'virtualservices.networking.istio.io'].map(
  (kind) => step`kubectl get ${kind} -A --sort-by=.metadata.creationTimestamp`,
);

/** A rejected secret hurts the hosts that it serves; everything else may be anybody's. */
function hurtBy(statuses: readonly PodStatus[], text: string): Pick<FoundProblem, 'hosts' | 'secrets'> {
  const names = statuses
    .flatMap(({ report }) => report?.rejections ?? [])
    .filter(({ kind, name }) => kind === 'secret' && text.includes(`rejected secret ${name}:`))
    .map(({ name }) => name);
  return names.length === 0 ? { hosts: ['*'] } : { secrets: [...new Set(names)] };
}

export default defineCheck({
  id: 'KII013',
  section: 'istiod',
  severity: 'error',
  name: 'rejected',
  title: 'no pod has rejected an update (NACK)',
  reason:
    'Envoy goes on with what it had before of the listener, cluster, route configuration or secret that it names. The others go on changing.',
  remedy:
    "Envoy's text names the field. Find the object that was changed last: an EnvoyFilter, a Gateway or a VirtualService.",
  avoid: 'Do not restart the pods: a fresh pod has nothing to go on with, and does not become ready.',
  needs: ['statuses'],
  perPod: true,
  find: ({ statuses }) =>
    rejected(statuses).map((one) => ({
      ...one,
      ...hurtBy(statuses, one.text),
      next: [...logOfRejection(statuses, one), ...youngest],
    })),
});
