import { defineCheck } from '#analysis/check/check.ts';
import { delegateKeys, isDelegate } from '#analysis/istio/delegates.ts';
import { hiddenFrom, isVisibleIn } from '#analysis/istio/export-to.ts';
import { selects } from '#analysis/istio/gateway-merge.ts';
import { whyNoRoute } from '#analysis/istio/routes-for-servers.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { gatewaysOf, keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
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
    'Correct exportTo, the gateways and ports of its matches, the kind of its routes (http, tls, tcp), or what delegates to it. Of what is kept for later, take the Gateway out.',
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
    const selecting = gateways.filter((one) => selects(one, labels));
    const own = new Map(selecting.map((one) => [keyOf(refOf('Gateway', one)), one]));
    const explained = virtualservices.flatMap((one) => {
      const ref = refOf('VirtualService', one);
      return unusedIn(one, virtualservices, own, { labels, namespace }).map(({ text, objects }) => ({
        text: `${describeObject(ref)}: ${text}`,
        concerns: [ref, ...objects],
        next: [ref, ...objects].map(showObject),
      }));
    });
    const keys = new Set(explained.flatMap(({ concerns }) => concerns.map(keyOf)));
    return [...explained, ...unexplained.filter(({ concerns: [ref] }) => ref && !keys.has(keyOf(ref)))];
  },
});

/** `own`: by key, the Gateways of the pods, which have these labels and are in `namespace`. */
function unusedIn(
  one: KubeObject,
  all: readonly KubeObject[],
  own: ReadonlyMap<string, KubeObject>,
  { labels, namespace }: { readonly labels: Readonly<Record<string, string>>; readonly namespace: string },
): readonly Unreached[] {
  if (isDelegate(one)) return whyNoDelegate(one, all);
  const bound = gatewaysOf(one).flatMap((name) => own.get(name) ?? []);
  if (bound.length === 0) return [];
  return [...hidden(one, namespace), ...whyNoRoute(one, bound, labels), ...lostDelegates(one, all)];
}

const hidden = (one: KubeObject, namespace: string): Unreached[] =>
  isVisibleIn(namespace, one) ? [] : [{ text: `${hiddenFrom(namespace, one)}, where the gateway is`, objects: [] }];

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
