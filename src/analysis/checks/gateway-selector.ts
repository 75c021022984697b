import { defineCheck } from '#analysis/check/check.ts';
import { plainHost, selects, specOf } from '#analysis/istio/gateway-merge.ts';
import { selectorDifference } from '#analysis/istio/gateway-selector.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { step } from '#core/shell.ts';

/** The labels that the charts of Istio give to gateways, and people put into selectors. */
const isForIngress = (gateway: KubeObject, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(specOf(gateway).selector ?? {}).some(([key, value]) => labels[key] === value);

const hostsOf = (gateway: KubeObject): string[] =>
  (specOf(gateway).servers ?? []).flatMap(({ hosts = [] }) => hosts.map(plainHost));

export default defineCheck({
  id: 'KII041',
  section: 'gateways',
  severity: 'warning',
  name: 'gateway-selector',
  title: "every Gateway's selector finds gateway pods",
  reason: 'A Gateway without pods does nothing: its hosts are not served, and no error is shown anywhere.',
  remedy:
    "Compare the selector with the pods' labels. One that is meant for another gateway is said to be so, and is no fault.",
  needs: ['gateway', 'gateways'],
  find: ({ gateway: { pods, namespace }, gateways }) => {
    const labels = pods[0]?.labels ?? {};
    if (pods.length === 0) return [];
    return gateways
      .filter((one) => !selects(one, labels))
      .map((one) => {
        const ref = refOf('Gateway', one);
        const { wanted, have } = selectorDifference(one, labels);
        const isClose = isForIngress(one, labels);
        return {
          severity: isClose ? ('warning' as const) : ('info' as const),
          text: `Gateway ${ref.namespace}/${ref.name} selects ${wanted}; these pods have ${have}${isClose ? '' : ': it is not for this gateway'}`,
          concerns: [ref],
          ...(isClose ? { hosts: hostsOf(one) } : {}),
          next: [showObject(ref), step`kubectl -n ${namespace} get pod ${pods[0]?.name ?? ''} --show-labels`],
        };
      });
  },
});
