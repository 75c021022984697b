// VirtualServices that istiod should make routes of and of which no pod has one. Nothing that they say is the reason, so
// nobody knows it: istiod leaves them out for a setting of its own, or what they made was rejected long ago.

import { changesRoutes } from '#analysis/istio/envoy-filter-inserts.ts';
import { keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import { changedAt } from '#core/kube-object.ts';
import type { UnservedObject } from '#model/gathered.ts';
import type { RouteConfiguration } from '#model/route.ts';
import { type Asked, certainlyHeeded, pushMs } from './not-taken.ts';
import { hostsOf } from './translate.ts';

/** `served`: all that pods have. Told only where the translation has no doubt, and an update would have come by now. */
export function unservedVirtualServices(
  asked: Asked,
  served: readonly RouteConfiguration[],
  now: Date,
): UnservedObject[] {
  const { virtualServices, envoyFilters, translation, gateways } = asked;
  // What cannot be read, and what EnvoyFilters do to routes, nobody knows.
  if ([...gateways, ...virtualServices].some(({ illTyped }) => illTyped !== undefined)) return [];
  if (envoyFilters === undefined || changesRoutes(envoyFilters)) return [];
  const there = new Set(
    served.flatMap(({ virtualHosts }) =>
      virtualHosts.flatMap(({ routes }) =>
        routes.flatMap(({ from }) => (from?.kind === 'VirtualService' ? [keyOf(from)] : [])),
      ),
    ),
  );
  const isHeeded = certainlyHeeded(served);
  const wanted = [...hostsOf(translation).values()].flatMap(({ host, routes }) =>
    routes.flatMap(({ route: { from }, unsure }) => (from && unsure.length === 0 ? [{ host, key: keyOf(from) }] : [])),
  );
  const hostsOfEach = Map.groupBy(wanted, ({ key }) => key);
  return virtualServices.flatMap((one) => {
    const ref = refOf('VirtualService', one);
    const hosts = [...new Set((hostsOfEach.get(keyOf(ref)) ?? []).map(({ host }) => host))].sort();
    const at = changedAt(one.metadata);
    const isSettled = at !== undefined && Date.parse(at) < now.getTime() - pushMs;
    return hosts.length > 0 && !there.has(keyOf(ref)) && isSettled && isHeeded(one) ? [{ ...ref, hosts }] : [];
  });
}
