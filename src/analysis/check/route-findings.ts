// Findings about single routes: where they are looked for, how they are named, and each once for all pods that have it.

import { describeObject } from '#model/resource.ts';
import type { Route, VirtualHost } from '#model/route.ts';
import type { FoundProblem } from './check.ts';
import type { Configuration } from './facts.ts';

export const virtualHostsOnPods = (
  configurations: readonly Configuration[],
): { readonly host: VirtualHost; readonly pods: readonly string[] }[] =>
  configurations.flatMap(({ routes, pods }) =>
    routes.flatMap(({ virtualHosts }) => virtualHosts.map((host) => ({ host, pods }))),
  );

/** `prefix /api`. */
export const describePath = ({ match: { path } }: Route): string =>
  'value' in path ? `${path.kind} ${path.value}` : path.kind;

/** `route 2 (prefix /api, api) of VirtualService svc1/svc1-main`. */
export function describeRoute(route: Route): string {
  const { position, from, name } = route;
  const named = name === '' || name === 'default' ? '' : `, ${name}`;
  return `route ${position} (${describePath(route)}${named}) of ${from ? describeObject(from) : 'istiod'}`;
}

type OnPods = FoundProblem & { readonly pods: readonly string[] };

export const eachOnce = (problems: readonly OnPods[]): OnPods[] =>
  [...Map.groupBy(problems, ({ text }) => text).values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, pods: [...new Set([first, ...others].flatMap(({ pods }) => pods))] }] : [],
  );
