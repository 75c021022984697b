// What all istiods together say of a pod: each of them knows only the proxies connected to it.

import { hasAnswered, type PodOutcome, type PodRef } from '#core/fleet.ts';
import type { PodSync, ProxySync } from '#model/sync.ts';

/** Over all istiods. Only when every one of them has answered does it mean something that none knows the pod. */
export function mergeSync(pod: PodRef, istiods: readonly PodOutcome<readonly ProxySync[]>[]): PodSync {
  const known = istiods.filter(hasAnswered).flatMap(({ pod: istiod, ok }) => {
    const proxy = ok.find((one) => one.pod === pod.name && one.namespace === pod.namespace);
    return proxy ? [{ istiod: istiod.name, proxy }] : [];
  });
  // A proxy that has moved from one istiod to another may be known to both for a while: the newer connection counts.
  const [newest] = known.sort((a, b) => (lastSent(a.proxy) < lastSent(b.proxy) ? 1 : -1));
  if (newest) {
    return {
      state: 'connected',
      istiods: known.map(({ istiod }) => istiod),
      istioVersion: newest.proxy.istioVersion,
      types: newest.proxy.types,
    };
  }
  if (istiods.length === 0) return { state: 'unknown', why: 'no istiod was found; is --istio-namespace right?' };
  const failed = istiods.flatMap((outcome) => ('failed' in outcome ? [outcome.failed.message] : []));
  const [first] = failed;
  if (first === undefined) return { state: 'not-connected' };
  return {
    state: 'unknown',
    why: istiods.length === 1 ? first : `${failed.length} of ${istiods.length} istiods did not answer: ${first}`,
  };
}

const lastSent = ({ types }: ProxySync): string =>
  Object.values(types)
    .flatMap(({ sentAt }) => sentAt ?? [])
    .sort()
    .at(-1) ?? '';
