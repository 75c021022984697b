import { defineCheck } from '#analysis/check/check.ts';
import { delegateKeys, isDelegate } from '#analysis/istio/delegates.ts';
import { hiddenFrom, isVisibleIn } from '#analysis/istio/export-to.ts';
import { selects } from '#analysis/istio/gateway-merge.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { specOf } from '#analysis/istio/virtual-service.ts';
import { gatewayKey, gatewaysOf, keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import { type Unreached, whyNoDelegate } from '#analysis/istio/virtual-service-reach.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { someOf } from '#core/phrase.ts';
import { step } from '#core/shell.ts';
import { describeObject } from '#model/resource.ts';

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
  uses: ['rejectedContents', 'unserved'],
  find: ({ gateway: { pods, namespace }, gateways, virtualservices, unserved = [] }) => {
    const labels = pods[0]?.labels;
    if (labels === undefined) return [];
    const unexplained = unserved.map(({ hosts, ...ref }) => ({
      text: `${describeObject(ref)}: no pod has a route of it, although a Gateway takes ${someOf(hosts, 3)}, and nothing in the objects says why`,
      concerns: [ref],
      hosts,
      next: [showObject(ref), step`kubectl istio-ingress routes --host ${hosts[0] ?? ''}`],
    }));
    const own = new Set(gateways.filter((one) => selects(one, labels)).map((one) => keyOf(refOf('Gateway', one))));
    const explained = virtualservices.flatMap((one) => {
      const ref = refOf('VirtualService', one);
      return unusedIn(one, virtualservices, own, namespace).map(({ text, objects }) => ({
        text: `${describeObject(ref)}: ${text}`,
        concerns: [ref, ...objects],
        next: [ref, ...objects].map(showObject),
      }));
    });
    const keys = new Set(explained.flatMap(({ concerns }) => concerns.map(keyOf)));
    return [...explained, ...unexplained.filter(({ concerns: [ref] }) => ref && !keys.has(keyOf(ref)))];
  },
});

/** `own`: keys of the Gateways of the pods, which are in `namespace`. */
function unusedIn(
  one: KubeObject,
  all: readonly KubeObject[],
  own: ReadonlySet<string>,
  namespace: string,
): readonly Unreached[] {
  if (isDelegate(one)) return whyNoDelegate(one, all);
  const bound = gatewaysOf(one).filter((name) => own.has(name));
  return bound.length === 0 ? [] : [...hidden(one, namespace), ...forOthers(one, bound), ...lostDelegates(one, all)];
}

const hidden = (one: KubeObject, namespace: string): Unreached[] =>
  isVisibleIn(namespace, one) ? [] : [{ text: `${hiddenFrom(namespace, one)}, where the gateway is`, objects: [] }];

/** With names of gateways in a match, these alone count. */
function forOthers(one: KubeObject, bound: readonly string[]): Unreached[] {
  const { http = [], tls = [], tcp = [] } = specOf(one);
  const namespace = one.metadata.namespace ?? '';
  const named = [...http, ...tls, ...tcp].map(({ match = [] }) =>
    match.map(({ gateways = [] }) => gateways.map((name) => gatewayKey(name, namespace))),
  );
  const isForNone = named.every(
    (match) =>
      match.length > 0 &&
      match.every((gateways) => gateways.length > 0 && !gateways.some((name) => bound.includes(name))),
  );
  if (named.length === 0 || !isForNone) return [];
  const others = [...new Set(named.flat(2))].sort().join(', ');
  return [
    { text: `it is bound to Gateway ${bound.join(', ')}, and all of its matches are for ${others}`, objects: [] },
  ];
}

/** The routes of a root whose delegate istiod does not find are left out. */
function lostDelegates(root: KubeObject, all: readonly KubeObject[]): Unreached[] {
  const own = root.metadata.namespace ?? '';
  return delegateKeys(root).flatMap((key): Unreached[] => {
    const there = all.find((one) => keyOf(refOf('VirtualService', one)) === key);
    if (!there) return [{ text: `it delegates to VirtualService ${key}, which is not there`, objects: [] }];
    const ref = refOf('VirtualService', there);
    const to = `it delegates to ${describeObject(ref)}`;
    if (!isDelegate(there))
      return [{ text: `${to}, which has hosts of its own and so is no delegate`, objects: [ref] }];
    return isVisibleIn(own, there) ? [] : [{ text: `${to}, whose ${hiddenFrom(own, there)}`, objects: [ref] }];
  });
}
