import { defineCheck } from '#analysis/check/check.ts';
import { byWhom, clusterText, concernedBy } from '#analysis/check/routed-findings.ts';
import { perPods } from '#analysis/fleet/per-pods.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII051',
  section: 'routes',
  severity: 'error',
  name: 'cluster-missing',
  title: 'every route leads to a service that is there',
  reason: 'Requests get 503 with flag NC: the Service, its port or the subset does not exist.',
  remedy:
    "Compare the destination of the VirtualService with the Service's name, namespace and port, and with the subsets of the DestinationRule.",
  needs: ['pods', 'configurations'],
  perPod: true,
  find: ({ pods, configurations }) => {
    const routed = new Map(configurations.flatMap((one) => one.pods.map((pod) => [pod, one.routed.leads] as const)));
    const missing = pods.flatMap(({ pod, clusters }) => {
      const known = new Set(clusters);
      return [...(routed.get(pod.name)?.keys() ?? [])]
        .filter((name) => !known.has(name))
        .map((name) => [name, pod.name] as const);
    });
    return perPods(missing, (name, names) => ({
      text: `${clusterText(name)} is not there${byWhom(name, configurations)}`,
      pods: names,
      concerns: concernedBy(name, configurations),
      next: [step`kubectl istio-ingress clusters --name ${name}`],
    }));
  },
});
