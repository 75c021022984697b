import { defineCheck } from '#analysis/check/check.ts';
import { byWhom, clusterText, concernedBy, leadsOfPods, ofMirrors } from '#analysis/check/routed-findings.ts';
import { perPods } from '#analysis/fleet/per-pods.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII053',
  section: 'routes',
  severity: 'error',
  name: 'no-healthy-endpoint',
  title: 'every service that is routed to has a healthy endpoint',
  reason:
    'Envoy finds every endpoint unhealthy. It then sends requests to all of them (panic), or to none: 503 with flag UH.',
  remedy: 'Ejected by outlier detection: look at what the service answers. EDS: its pods are not ready.',
  needs: ['pods', 'configurations'],
  perPod: true,
  find: ({ pods, configurations }) => {
    const routed = leadsOfPods(configurations);
    const bad = pods.flatMap(({ pod, unusable }) =>
      unusable
        .filter(({ cluster, endpoints }) => endpoints > 0 && routed.get(pod.name)?.has(cluster))
        .map(
          ({ cluster, endpoints, reasons }) =>
            [JSON.stringify([cluster, describe(endpoints, reasons)]), pod.name] as const,
        ),
    );
    return perPods(bad, (key, names) => {
      const [name = '', what] = JSON.parse(key) as readonly string[];
      const { says, ...severity } = ofMirrors(name, configurations);
      return {
        ...severity,
        text: `${clusterText(name)}: ${what}${byWhom(name, configurations)}${says}`,
        pods: names,
        concerns: concernedBy(name, configurations),
        next: [step`kubectl istio-ingress endpoints --name ${name}`],
      };
    });
  },
});

const describe = (endpoints: number, reasons: readonly string[]): string =>
  `${endpoints === 1 ? 'its only endpoint is' : `all ${endpoints} endpoints are`} unhealthy: ${reasons.join(', ')}`;
