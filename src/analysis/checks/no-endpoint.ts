import { defineCheck } from '#analysis/check/check.ts';
import { byWhom, clusterText, concernedBy, destinationsIn } from '#analysis/check/routed-findings.ts';
import { perPods } from '#analysis/fleet/per-pods.ts';
import { whyNoEndpoint } from '#analysis/istio/destination.ts';
import { type Step, step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII052',
  section: 'routes',
  severity: 'error',
  name: 'no-endpoint',
  title: 'every service that is routed to has endpoints',
  reason: 'Requests get 503 with flag UH: no pod of the service is ready, or its selector finds none.',
  remedy: "Look at the service's pods. Where kubectl sees endpoints and Envoy does not, the gateway pod is behind.",
  needs: ['pods', 'configurations'],
  uses: ['gateway', 'services', 'destinationrules', 'servicePods'],
  perPod: true,
  find: ({ pods, configurations, ...objects }) => {
    const known = destinationsIn(objects);
    const routed = new Map(configurations.flatMap((one) => one.pods.map((pod) => [pod, one.routed.leads] as const)));
    const empty = pods.flatMap(({ pod, unusable }) =>
      unusable
        .filter(({ cluster, endpoints }) => endpoints === 0 && routed.get(pod.name)?.has(cluster))
        .map(({ cluster }) => [cluster, pod.name] as const),
    );
    return perPods(empty, (name, names) => {
      const why = known && whyNoEndpoint(name, known);
      return {
        text: `${clusterText(name)} has no endpoints${byWhom(name, configurations)}${why ? `: ${why.text}` : ''}`,
        pods: names,
        concerns: concernedBy(name, configurations),
        next: [...(why?.next ?? []), step`kubectl istio-ingress endpoints --name ${name}`, ...slicesOf(name)],
      };
    });
  },
});

function slicesOf(cluster: string): Step[] {
  const [, service, namespace] = /\|([^|.]+)\.([^.]+)\.svc\./.exec(cluster) ?? [];
  return service === undefined
    ? []
    : [step`kubectl -n ${namespace ?? ''} get endpointslices -l kubernetes.io/service-name=${service}`];
}
