// Why a VirtualService, or some of its hosts, does not reach a gateway: one rule and one wording for what is served, and
// for what would be.

import type { KubeObject } from '#core/kube-object.ts';
import { andList } from '#core/phrase.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import { delegateKeys } from './delegates.ts';
import { hiddenFrom, isVisibleIn } from './export-to.ts';
import { selects } from './gateway-merge.ts';
import { selectorDifference } from './gateway-selector.ts';
import { whyNoRoute } from './routes-for-servers.ts';
import { gatewaysOf, keyOf, refOf, unboundHosts } from './virtual-service-binding.ts';

/** The gateway, and the Gateways that are there. */
export interface Around {
  readonly gateways: readonly KubeObject[];
  /** Of the gateway's pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where these are, and see what is exported to it. */
  readonly namespace: string;
}

/** `text` goes on after "VirtualService NS/NAME names HOST, and". */
export interface Unreached {
  readonly text: string;
  /** Others than the VirtualService that have to do with it. */
  readonly objects: readonly ObjectRef[];
}

/** Why none of its hosts does; none where some may. */
export function whyUnreached(virtualService: KubeObject, around: Around): Unreached[] {
  const { namespace, labels } = around;
  if (!isVisibleIn(namespace, virtualService))
    return [{ text: `its ${hiddenFrom(namespace, virtualService)}`, objects: [] }];
  if (gatewaysOf(virtualService).length === 0)
    return [{ text: 'it is bound to no Gateway, only to the mesh', objects: [] }];
  const { own, others } = namedBy(virtualService, around);
  if (own.length > 0) return whyNoRoute(virtualService, own, labels);
  return [
    ...absentGateways(virtualService, around),
    ...others.map((one) => {
      const { wanted, have } = selectorDifference(one, labels);
      const ref = refOf('Gateway', one);
      return {
        text: `it is bound to ${describeObject(ref)}, which selects pods with ${wanted}; the pods of this gateway have ${have}`,
        objects: [ref],
      };
    }),
  ];
}

/** Why one without hosts has no routes either. One that cannot be read may delegate to it. */
export function whyNoDelegate(delegate: KubeObject, virtualServices: readonly KubeObject[]): Unreached[] {
  const key = keyOf(refOf('VirtualService', delegate));
  const isUsed = virtualServices.some((root) => root.illTyped !== undefined || delegateKeys(root).includes(key));
  return isUsed ? [] : [{ text: 'it has no hosts, and no VirtualService delegates to it', objects: [] }];
}

/** Gateways that it names in vain, whether it has others or not. */
export function absentGateways(virtualService: KubeObject, { gateways }: Pick<Around, 'gateways'>): Unreached[] {
  const there = new Set(gateways.map((one) => keyOf(refOf('Gateway', one))));
  return gatewaysOf(virtualService)
    .filter((name) => !there.has(name))
    .map((name) => ({ text: `it is bound to Gateway ${name}, which is not there`, objects: [] }));
}

/** Of its hosts those that no server of its Gateways takes. */
export function unreachedHosts(virtualService: KubeObject, around: Around): (Unreached & { readonly host: string })[] {
  const { own } = namedBy(virtualService, around);
  const refs = own.map((one) => refOf('Gateway', one));
  const namespace = virtualService.metadata.namespace ?? '';
  return unboundHosts(virtualService, own).map((host) => ({
    host,
    text: `no server of Gateway ${andList(refs.map(keyOf))} takes ${host} from namespace ${namespace}`,
    objects: refs,
  }));
}

/** The Gateways that it names: those of these pods, and those of others. */
function namedBy(
  virtualService: KubeObject,
  { gateways, labels }: Around,
): { readonly own: readonly KubeObject[]; readonly others: readonly KubeObject[] } {
  const names = gatewaysOf(virtualService);
  const named = gateways.filter((one) => names.includes(keyOf(refOf('Gateway', one))));
  return {
    own: named.filter((one) => selects(one, labels)),
    others: named.filter((one) => !selects(one, labels)),
  };
}
