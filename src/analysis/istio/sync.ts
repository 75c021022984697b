// What all istiods together say of a pod: each of them knows only the proxies connected to it.

import { hasAnswered, type PodOutcome, type PodRef } from '#core/fleet.ts';
import type { PodSync, ProxySync } from '#model/sync.ts';

/** Over all istiods. Only when every one of them has answered does it mean something that none knows the pod. */
export function mergeSync(pod: PodRef, istiods: readonly PodOutcome<readonly ProxySync[]>[]): PodSync {
  const known = istiods.filter(hasAnswered).flatMap(({ pod: istiod, ok }) => {
    const own = ok.filter((one) => one.pod === pod.name && one.namespace === pod.namespace);
    return own.map((proxy) => ({ istiod: istiod.name, proxy, sent: lastSent(proxy) }));
  });
  // A proxy that has connected anew, or to another istiod, may be known twice for a while: the newer connection counts.
  const [newest] = known.sort((a, b) => b.sent - a.sent);
  if (newest) {
    return {
      state: 'connected',
      istiods: [...new Set(known.map(({ istiod }) => istiod))],
      istioVersion: newest.proxy.istioVersion,
      types: newest.proxy.types,
    };
  }
  if (istiods.length === 0) return { state: 'unknown', why: 'no istiod was found; is --istio-namespace right?' };
  // Of one that has not started, no proxy can be connected to it.
  const failed = istiods.flatMap((outcome) =>
    'failed' in outcome && outcome.pod.phase !== 'Pending' ? [outcome.failed.message] : [],
  );
  const [first] = failed;
  if (first === undefined) return { state: 'not-connected' };
  return {
    state: 'unknown',
    why: istiods.length === 1 ? first : `${failed.length} of ${istiods.length} istiods did not answer: ${first}`,
  };
}

/** Milliseconds. istiod writes the time with as many digits as it has, and with the offset of its own zone. */
const lastSent = ({ types }: ProxySync): number =>
  Math.max(0, ...Object.values(types).flatMap(({ sentAt = '' }) => Date.parse(sentAt) || []));
