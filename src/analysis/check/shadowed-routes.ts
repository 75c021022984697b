// Routes that no request can take, because an earlier one of the same virtual host takes all of theirs. Said only where
// it is certain: regular expressions and what this tool does not know shadow nothing but their equals.

import { takesAllOf } from '#analysis/request/takes-all.ts';
import type { Route, VirtualHost } from '#model/route.ts';

export interface Shadowed {
  readonly route: Route;
  readonly by: Route;
}

export function shadowedRoutes({ routes, hasMatcherTree }: Pick<VirtualHost, 'routes' | 'hasMatcherTree'>): Shadowed[] {
  if (hasMatcherTree) return [];
  return routes.flatMap((route, index) => {
    const by = routes.slice(0, index).find((earlier) => takesAllOf(earlier.match, route.match));
    return by ? [{ route, by }] : [];
  });
}
