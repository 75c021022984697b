import { defineCheck } from '#analysis/check/check.ts';
import {
  byWhom,
  clusterText,
  concernedBy,
  destinationsIn,
  leadsOfPods,
  ofMirrors,
} from '#analysis/check/routed-findings.ts';
import { perPods } from '#analysis/fleet/per-pods.ts';
import { whyNoEndpoint } from '#analysis/istio/destination.ts';
import { type Step, step } from '#core/shell.ts';
import { listsEndpoints, whyUnresolved } from '#model/cluster.ts';

export default defineCheck({
  id: 'KII052',
  section: 'routes',
  severity: 'error',
  name: 'no-endpoint',
  title: 'every service that is routed to has endpoints',
  reason:
    'Requests get 503 with flag UH: no pod of the service is ready, its selector finds none, or DNS does not know its name.',
  remedy: "Look at the service's pods. Where kubectl sees endpoints and Envoy does not, the gateway pod is behind.",
  needs: ['pods', 'configurations'],
  uses: ['gateway', 'services', 'destinationrules', 'servicePods'],
  perPod: true,
  find: ({ pods, configurations, ...objects }) => {
    const known = destinationsIn(objects);
    const routed = leadsOfPods(configurations);
    const empty = pods.flatMap(({ pod, unusable }) =>
      unusable
        .filter(({ cluster, endpoints }) => endpoints === 0 && routed.get(pod.name)?.has(cluster))
        .map(({ cluster }) => [cluster, pod.name] as const),
    );
    const clusters = new Map(configurations.flatMap((one) => one.clusters.map((cluster) => [cluster.name, cluster])));
    const isListed = (name: string): boolean => listsEndpoints(clusters.get(name) ?? { type: 'EDS' });
    return perPods(
      empty.filter(([name]) => isListed(name)),
      (name, names) => {
        const why = known && whyNoEndpoint(name, known);
        const cluster = clusters.get(name);
        const because = why?.text ?? (cluster && whyUnresolved(cluster));
        const { says, ...severity } = ofMirrors(name, configurations);
        return {
          ...severity,
          text: `${clusterText(name)} has no endpoints${byWhom(name, configurations)}${because === undefined ? '' : `: ${because}`}${says}`,
          pods: names,
          concerns: concernedBy(name, configurations),
          next: [...(why?.next ?? []), step`kubectl istio-ingress endpoints --name ${name}`, ...slicesOf(name)],
        };
      },
    );
  },
});

function slicesOf(cluster: string): Step[] {
  const [, service, namespace] = /\|([^|.]+)\.([^.]+)\.svc\./.exec(cluster) ?? [];
  return service === undefined
    ? []
    : [step`kubectl -n ${namespace ?? ''} get endpointslices -l kubernetes.io/service-name=${service}`];
}
