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

interface ServiceSpec {
  readonly selector?: Readonly<Record<string, string>>;
}

/** `istio=ingressgateway` of all Services; undefined where nothing is known of them. */
function selectedPairs(services: readonly KubeObject[] = []): ReadonlySet<string> | undefined {
  const pairs = services.flatMap(({ spec }) =>
    Object.entries((spec as ServiceSpec | undefined)?.selector ?? {}).map((pair) => pair.join('=')),
  );
  return pairs.length === 0 ? undefined : new Set(pairs);
}

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
  uses: ['services'],
  find: ({ gateway: { pods, namespace }, gateways, services }) => {
    const labels = pods[0]?.labels ?? {};
    if (pods.length === 0) return [];
    const pairs = selectedPairs(services);
    /** A gateway has a Service as a rule, which selects its pods by one of these labels. */
    const isForOthers = (gateway: KubeObject): boolean =>
      pairs === undefined || Object.entries(specOf(gateway).selector ?? {}).some((pair) => pairs.has(pair.join('=')));
    return gateways
      .filter((one) => !selects(one, labels))
      .map((one) => {
        const ref = refOf('Gateway', one);
        const { wanted, have } = selectorDifference(one, labels);
        const isClose = isForIngress(one, labels);
        const isForNone = !isClose && !isForOthers(one);
        const says = isForNone
          ? ', and no Service of the cluster selects pods by such a label: is it misspelt?'
          : ': it is not for this gateway';
        return {
          severity: isClose || isForNone ? ('warning' as const) : ('info' as const),
          text: `Gateway ${ref.namespace}/${ref.name} selects ${wanted}; these pods have ${have}${isClose ? '' : says}`,
          concerns: [ref],
          ...(isClose || isForNone ? { hosts: hostsOf(one) } : {}),
          next: [showObject(ref), step`kubectl -n ${namespace} get pod ${pods[0]?.name ?? ''} --show-labels`],
        };
      });
  },
});
