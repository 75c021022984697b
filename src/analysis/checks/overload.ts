import { defineCheck } from '#analysis/check/check.ts';
import { perPods, podList } from '#analysis/fleet/per-pods.ts';
import { step } from '#core/shell.ts';

/** The second counts where an action, or a point at which load is shed, takes a share of what comes. */
const atWork = /^overload\.(.+)\.(?:active|scale_percent)$/;

export default defineCheck({
  id: 'KII060',
  section: 'load',
  severity: 'error',
  name: 'overload',
  title: 'no pod sheds load',
  reason:
    "Envoy's overload manager is at work: it refuses requests or connections, or resets streams, to keep memory or file descriptors.",
  remedy:
    'More pods or more memory; first see which clients and hosts the load comes from. ' +
    "Istio's own bootstrap has no overload action; one that has needs `overload` in the gateways' proxyStatsMatcher too, or nobody can see it at work.",
  needs: ['pods'],
  perPod: true,
  find: ({ pods }) =>
    perPods(
      pods.flatMap(({ pod, stats }) =>
        [...stats].flatMap(([name, value]) => {
          const [, action] = atWork.exec(name) ?? [];
          return action !== undefined && value > 0 ? [[action, pod.name] as const] : [];
        }),
      ),
      (action, names) => ({
        text: `overload action ${action} is active on ${podList(names)}`,
        pods: names,
        next: [step`kubectl istio-ingress admin ${'stats?filter=^overload'} --pod ${names[0] ?? ''}`],
      }),
    ),
});
