import { defineCheck } from '#analysis/check/check.ts';
import { describeRoute, eachOnce, virtualHostsOnPods } from '#analysis/check/route-findings.ts';
import { shadowedRoutes, type Unmet, unmetRoutes } from '#analysis/check/shadowed-routes.ts';
import { step } from '#core/shell.ts';
import type { Route, VirtualHost } from '#model/route.ts';

export default defineCheck({
  id: 'KII050',
  section: 'routes',
  severity: 'warning',
  name: 'shadowed-route',
  title: 'every route can be taken by some request',
  reason: 'Envoy takes the first route that matches. Of several VirtualServices for one host the oldest comes first.',
  remedy: 'Put the more specific route first, or take it out.',
  needs: ['configurations'],
  perPod: true,
  find: ({ configurations }) =>
    eachOnce(
      virtualHostsOnPods(configurations).flatMap(({ host, pods }) =>
        neverTaken(host).map(({ route, why, by }) => ({
          text: `${host.domains[0]}: ${describeRoute(route)} is never taken: ${why}`,
          concerns: [route.from, by?.from].flatMap((ref) => ref ?? []),
          next: [step`kubectl istio-ingress routes --host ${host.domains[0] ?? ''}`],
          pods,
        })),
      ),
    ),
});

type NeverTaken = Unmet & { readonly by?: Route };

function neverTaken(host: VirtualHost): NeverTaken[] {
  const unmet = unmetRoutes(host);
  const shadowed = shadowedRoutes(host)
    .filter(({ route }) => !unmet.some((one) => one.route === route))
    .map(({ route, by }) => ({ route, by, why: `${describeRoute(by)} takes all of its requests` }));
  return [...unmet, ...shadowed];
}
