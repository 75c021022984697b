import { defineCheck } from '#analysis/check/check.ts';
import { shadowedRoutes } from '#analysis/check/shadowed-routes.ts';
import { step } from '#core/shell.ts';
import type { Route } from '#model/route.ts';

const describe = ({ position, from, name, match: { path } }: Route): string => {
  const whose = from ? `${from.kind} ${from.namespace}/${from.name}` : 'istiod';
  return `route ${position} (${'value' in path ? `${path.kind} ${path.value}` : path.kind}${name === '' || name === 'default' ? '' : `, ${name}`}) of ${whose}`;
};

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
  find: ({ configurations }) => {
    const all = configurations.flatMap(({ routes, pods }) =>
      routes.flatMap(({ virtualHosts }) =>
        virtualHosts.flatMap((host) =>
          shadowedRoutes(host).map(({ route, by }) => ({
            text: `${host.domains[0]}: ${describe(route)} is never taken: ${describe(by)} takes all of its requests`,
            concerns: [route.from, by.from].flatMap((ref) => ref ?? []),
            next: [step`kubectl istio-ingress routes --host ${host.domains[0] ?? ''}`],
            pods,
          })),
        ),
      ),
    );
    return [...Map.groupBy(all, ({ text }) => text).values()].flatMap(([first, ...others]) =>
      first
        ? [
            {
              ...first,
              pods: [...first.pods, ...others.flatMap(({ pods }) => pods)].filter(
                (pod, i, names) => names.indexOf(pod) === i,
              ),
            },
          ]
        : [],
    );
  },
});
