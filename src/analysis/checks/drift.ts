import { defineCheck } from '#analysis/check.ts';
import { perPods, who } from '#analysis/per-pods.ts';

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

export default defineCheck({
  id: 'KII020',
  section: 'configuration',
  severity: 'error',
  name: 'drift',
  title: 'all pods serve the same routes and certificates',
  reason: 'Users get another answer depending on the pod that they reach, which looks like a fault that comes and goes.',
  remedy: 'See in what they differ, then why the pod is behind: not connected, stale or rejected.',
  needs: ['statuses'],
  perPod: true,
  find: ({ statuses }) =>
    perPods(
      statuses.flatMap(({ pod, difference }) => {
        if (!difference) return [];
        const { routes, certificates } = difference;
        const parts = [...(routes > 0 ? [count(routes, 'route')] : []), ...(certificates > 0 ? [count(certificates, 'certificate')] : [])];
        return [[parts.join(' and ') || 'their contents', pod.name] as const];
      }),
      (what, names) => ({
        text: `${who(names, 'serves', 'serve')} something else than most pods: ${what} differ`,
        pods: names,
        next: [`kubectl istio-ingress diff${names.length === 1 ? ` --pod ${names[0]}` : ''}`],
      }),
    ),
});
