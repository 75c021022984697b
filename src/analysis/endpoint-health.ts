// Which endpoints Envoy balances over. Source: envoy source/common/upstream/load_balancer_impl.cc (panic mode).

import type { Endpoint } from '#model/cluster.ts';

const isUsable = ({ health }: Endpoint): boolean => health === 'HEALTHY' || health === 'DEGRADED';

/** Fewer usable endpoints, in percent, than the threshold: Envoy ignores health. 0 switches that off. */
export function isInPanic(endpoints: readonly Endpoint[], panicThreshold: number): boolean {
  return endpoints.length > 0 && (100 * endpoints.filter(isUsable).length) / endpoints.length < panicThreshold;
}

export function usableEndpoints(endpoints: readonly Endpoint[], panicThreshold: number): readonly Endpoint[] {
  return isInPanic(endpoints, panicThreshold) ? endpoints : endpoints.filter(isUsable);
}
