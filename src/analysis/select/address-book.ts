// Which pod has an address, and of which ReplicaSet it is: an upstream in words.

import { bareHost } from '#core/host.ts';
import type { KubeObject } from '#core/kube-object.ts';

interface PodObject extends KubeObject {
  readonly spec?: { readonly hostNetwork?: boolean };
  readonly status?: { readonly podIP?: string; readonly phase?: string };
}

interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** `10.64.0.7:4000` → `svc2/svc2-main-5d4f-x7k2p`, with its owner where that is not in the name already. */
export function addressBook(pods: readonly KubeObject[]): (address: string | undefined) => string | undefined {
  const byAddress = new Map<string, string>();
  for (const pod of pods as readonly PodObject[]) {
    const { podIP, phase } = pod.status ?? {};
    // Pods in the host's network share its address, and finished ones have given theirs back.
    if (podIP === undefined || pod.spec?.hostNetwork || phase === 'Succeeded' || phase === 'Failed') continue;
    byAddress.set(podIP, describe(pod));
  }
  // An upstream's IPv6 address stands in brackets, and `status.podIP` has none.
  return (address) => (address === undefined ? undefined : byAddress.get(bareHost(address)));
}

function describe({ metadata }: KubeObject): string {
  const [owner] = (metadata['ownerReferences'] ?? []) as readonly Owner[];
  const name = `${metadata.namespace}/${metadata.name}`;
  return owner === undefined ? `pod ${name}` : `pod ${name} of ${owner.kind} ${owner.name}`;
}
