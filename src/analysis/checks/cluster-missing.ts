import { defineCheck } from '#analysis/check/check.ts';
import {
  byWhom,
  clusterText,
  concernedBy,
  destinationsIn,
  leadingTo,
  leadsOfPods,
  ofMirrors,
  showLeads,
} from '#analysis/check/routed-findings.ts';
import { perPods } from '#analysis/fleet/per-pods.ts';
import { whyNoCluster } from '#analysis/istio/destination.ts';

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
  uses: ['gateway', 'services', 'destinationrules'],
  perPod: true,
  find: ({ pods, configurations, ...objects }) => {
    const known = destinationsIn(objects);
    const routed = leadsOfPods(configurations);
    const missing = pods.flatMap(({ pod, clusters }) => {
      const inUse = new Set(clusters);
      return [...(routed.get(pod.name)?.keys() ?? [])]
        .filter((name) => !inUse.has(name))
        .map((name) => [name, pod.name] as const);
    });
    return perPods(missing, (name, names) => {
      const why = known && whyNoCluster(name, leadingTo(name, configurations), known);
      const { says, ...severity } = ofMirrors(name, configurations);
      return {
        ...severity,
        text: `${clusterText(name)} is not there${byWhom(name, configurations)}${why ? `: ${why.text}` : ''}${says}`,
        pods: names,
        concerns: concernedBy(name, configurations),
        next: why?.next ?? showLeads(name, configurations),
      };
    });
  },
});
