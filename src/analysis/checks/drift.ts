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
  find: ({ comparisons, configurations = [], unlikeAssigned = [] }) =>
    differing(comparisons).map((one) => ({
      ...one,
      hosts: differingHosts(configurations, unlikeAssigned),
      clusters: differingDestinations(configurations, unlikeAssigned),
      next: [step`kubectl istio-ingress diff ${one.pods.length === 1 ? { pod: one.pods[0] } : {}}`],
    })),
});
