import { defineCheck } from '#analysis/check/check.ts';
import { differingDestinations, differingHosts } from '#analysis/check/differing-hosts.ts';
import { differing } from '#analysis/fleet/pod-problems.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII020',
  section: 'configuration',
  severity: 'error',
  name: 'drift',
  title: 'all pods serve the same listeners, routes, clusters, endpoints and certificates',
  reason:
    'Users get another answer depending on the pod that they reach, which looks like a fault that comes and goes.',
  remedy: 'See in what they differ, then why the pod is behind: not connected, stale or rejected.',
  needs: ['comparisons'],
  uses: ['configurations', 'unlikeAssigned'],
  perPod: true,
  find: ({ comparisons, configurations = [], unlikeAssigned = [] }) => {
    const problems = differing(comparisons);
    const odd = new Set(problems.flatMap(({ pods }) => pods));
    return problems.map((one) => {
      const compared = configurations.filter(
        ({ pods }) => pods.some((pod) => one.pods.includes(pod)) || !pods.some((pod) => odd.has(pod)),
      );
      return {
        ...one,
        hosts: differingHosts(compared, unlikeAssigned),
        clusters: differingDestinations(compared, unlikeAssigned),
        next: [step`kubectl istio-ingress diff ${one.pods.length === 1 ? { pod: one.pods[0] } : {}}`],
      };
    });
  },
});
