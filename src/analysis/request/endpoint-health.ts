// Which endpoints Envoy balances over: by health, priority and panic. Source: envoy
// source/extensions/load_balancing_policies/common/load_balancer_impl.cc recalculatePerPriorityState,
// recalculatePerPriorityPanic.

import type { Endpoint } from '#model/cluster.ts';
import type { PriorityLoad } from '#model/explanation.ts';

const isUsable = ({ health }: Endpoint): boolean => health === 'HEALTHY' || health === 'DEGRADED';

/**
 * A priority with 72 % of its endpoints healthy takes all the load that it would with all of them: Envoy's
 * overprovisioning factor.
 */
const overprovisioning = 1.4;

/** Percent of the endpoints, cut down as Envoy does. */
function healthOf(endpoints: readonly Endpoint[]): number {
  return Math.min(100, Math.floor((overprovisioning * 100 * endpoints.filter(isUsable).length) / endpoints.length));
}

const byPriority = (endpoints: readonly Endpoint[]): [number, Endpoint[]][] =>
  [...Map.groupBy(endpoints, ({ priority }) => priority)].sort(([a], [b]) => a - b);

/**
 * The lowest priority takes what its health allows, the next one the rest. Where all together are not enough, each
 * takes more.
 */
export function priorityLoads(endpoints: readonly Endpoint[]): PriorityLoad[] {
  const healths = byPriority(endpoints).map(([priority, of]) => ({ priority, health: healthOf(of) }));
  const total = Math.min(
    100,
    healths.reduce((sum, { health }) => sum + health, 0),
  );
  let left = 100;
  return healths.map(({ priority, health }) => {
    const percent = total === 0 ? 0 : Math.min(left, Math.round((health * 100) / total));
    left -= percent;
    return { priority, percent };
  });
}

/**
 * Fewer usable endpoints of a priority, in percent, than the threshold, and not enough health in all of them: Envoy
 * ignores health there. A threshold of 0 switches that off.
 */
export function isInPanic(endpoints: readonly Endpoint[], panicThreshold: number): boolean {
  const groups = byPriority(endpoints);
  if (groups.reduce((sum, [, of]) => sum + healthOf(of), 0) >= 100) return false;
  return groups.some(([, of]) => (100 * of.filter(isUsable).length) / of.length < panicThreshold);
}

export function usableEndpoints(endpoints: readonly Endpoint[], panicThreshold: number): readonly Endpoint[] {
  return isInPanic(endpoints, panicThreshold) ? endpoints : endpoints.filter(isUsable);
}
