import { defineCheck } from '#analysis/check/check.ts';
import { exportToOf, isVisibleIn } from '#analysis/istio/export-to.ts';
import { selects } from '#analysis/istio/gateway-merge.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import type { VirtualServiceSpec } from '#analysis/istio/virtual-service.ts';
import { gatewayKey, gatewaysOf, keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';

const specOf = ({ spec }: KubeObject): VirtualServiceSpec => (spec ?? {}) as VirtualServiceSpec;

/** What is wrong with a VirtualService that istiod accepts, and whom else it concerns. */
interface Unused {
  readonly why: string;
  readonly others: readonly ObjectRef[];
}

export default defineCheck({
  id: 'KII046',
  section: 'gateways',
  severity: 'warning',
  name: 'virtual-service-unused',
  title: 'every VirtualService of these Gateways is in their pods',
  reason:
    'It is valid, istiod leaves it out, and no error is shown anywhere: its hosts get 404, or the routes of others.',
  remedy:
    'Correct exportTo, the gateways of its matches, or what delegates to it. Of what is kept for later, take the Gateway out.',
  needs: ['gateway', 'gateways', 'virtualservices'],
  find: ({ gateway: { pods, namespace }, gateways, virtualservices }) => {
    const labels = pods[0]?.labels;
    if (labels === undefined) return [];
    const own = new Set(gateways.filter((one) => selects(one, labels)).map((one) => keyOf(refOf('Gateway', one))));
    return virtualservices.flatMap((one) => {
      const ref = refOf('VirtualService', one);
      const found =
        (specOf(one).hosts ?? []).length === 0
          ? unusedDelegate(one, virtualservices)
          : [...hidden(one, own, namespace), ...forOthers(one, own), ...lostDelegates(one, virtualservices)];
      return found.map(({ why, others }) => ({
        text: `${describeObject(ref)}: ${why}`,
        concerns: [ref, ...others],
        next: [ref, ...others].map(showObject),
      }));
    });
  },
});

function hidden(one: KubeObject, own: ReadonlySet<string>, namespace: string): Unused[] {
  if (isVisibleIn(namespace, one) || !gatewaysOf(one).some((name) => own.has(name))) return [];
  return [
    { why: `exportTo [${exportToOf(one).join(', ')}] hides it from ${namespace}, where the gateway is`, others: [] },
  ];
}

/** With names of gateways in a match, these alone count. */
function forOthers(one: KubeObject, own: ReadonlySet<string>): Unused[] {
  const bound = gatewaysOf(one).filter((name) => own.has(name));
  const { http = [], tls = [], tcp = [] } = specOf(one);
  const namespace = one.metadata.namespace ?? '';
  const named = [...http, ...tls, ...tcp].map(({ match = [] }) =>
    match.map(({ gateways = [] }) => gateways.map((name) => (name === 'mesh' ? name : gatewayKey(name, namespace)))),
  );
  const isForNone = named.every(
    (match) =>
      match.length > 0 &&
      match.every((gateways) => gateways.length > 0 && !gateways.some((name) => bound.includes(name))),
  );
  if (bound.length === 0 || named.length === 0 || !isForNone) return [];
  const others = [...new Set(named.flat(2))].sort().join(', ');
  return [{ why: `it is bound to Gateway ${bound.join(', ')}, and all of its matches are for ${others}`, others: [] }];
}

interface Delegation {
  readonly namespace: string;
  readonly name: string;
}

const delegationsOf = (root: KubeObject): Delegation[] =>
  (specOf(root).http ?? []).flatMap(({ delegate }) =>
    delegate ? [{ namespace: delegate.namespace ?? root.metadata.namespace ?? '', name: delegate.name ?? '' }] : [],
  );

function unusedDelegate(one: KubeObject, all: readonly KubeObject[]): Unused[] {
  const key = keyOf(refOf('', one));
  const roots = all.filter((root) => delegationsOf(root).some((to) => keyOf(to) === key));
  return roots.length > 0 ? [] : [{ why: 'it has no hosts, and no VirtualService delegates to it', others: [] }];
}

/** The routes of a root whose delegate istiod does not find are left out. */
function lostDelegates(root: KubeObject, all: readonly KubeObject[]): Unused[] {
  const own = root.metadata.namespace ?? '';
  return delegationsOf(root).flatMap((to): Unused[] => {
    const there = all.find((one) => keyOf(refOf('', one)) === keyOf(to));
    if (!there) return [{ why: `it delegates to VirtualService ${keyOf(to)}, which is not there`, others: [] }];
    const others = [refOf('VirtualService', there)];
    const name = describeObject(others[0] as ObjectRef);
    if ((specOf(there).hosts ?? []).length > 0)
      return [{ why: `it delegates to ${name}, which has hosts of its own and so is no delegate`, others }];
    return isVisibleIn(own, there)
      ? []
      : [
          {
            why: `it delegates to ${name}, whose exportTo [${exportToOf(there).join(', ')}] hides it from ${own}`,
            others,
          },
        ];
  });
}
