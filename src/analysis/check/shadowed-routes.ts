// Routes that no request can take, because an earlier one of the same virtual host takes all of theirs, or because no path
// is like that. Said only where it is certain: regular expressions shadow nothing but their equals and one path, and what
// this tool does not know nothing but its equals.

import { regexBeginning } from '#analysis/request/regex-beginning.ts';
import { takesAllOf } from '#analysis/request/takes-all.ts';
import { canonicalJson } from '#core/canonical-json.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import type { PathMatch } from '#model/match.ts';
import type { Route, VirtualHost } from '#model/route.ts';

export interface Shadowed {
  readonly route: Route;
  readonly by: Route;
}

export interface Unmet {
  readonly route: Route;
  /** A clause. */
  readonly why: string;
}

/** A regular expression may take more than a path that is none. */
export const unmetRoutes = ({ routes, hasMatcherTree }: Pick<VirtualHost, 'routes' | 'hasMatcherTree'>): Unmet[] =>
  hasMatcherTree
    ? []
    : routes.flatMap((route) => {
        const why = whyNoPath(beginningOf(route.match.path));
        return why === undefined ? [] : [{ route, why }];
      });

function beginningOf(path: PathMatch): string {
  if (path.kind === 'regex') return regexBeginning(path.value);
  return 'caseSensitive' in path ? path.value : '';
}

/** Source: envoy source/common/http/path_utility.cc removeQueryAndFragment; RFC 9112 §3.2, `*` is for OPTIONS. */
function whyNoPath(beginning: string): string | undefined {
  if (/[?#]/.test(beginning)) return 'paths are compared without what begins with ? or #, so none is like that';
  return /^[^/*]/.test(beginning) ? 'every path begins with /' : undefined;
}

export function shadowedRoutes({ routes, hasMatcherTree }: Pick<VirtualHost, 'routes' | 'hasMatcherTree'>): Shadowed[] {
  if (hasMatcherTree) return [];
  return routes.flatMap((route, index) => {
    const by = routes.slice(0, index).find((earlier) => takesAllOf(earlier.match, route.match));
    return by && !isTwin(route, index, routes) ? [{ route, by }] : [];
  });
}

/**
 * istiod makes the routes of a VirtualService once for each server that has the host: two Gateways on one port, or a server
 * for all hosts beside one for this. Nobody has written the second ones. What stands twice in the object itself comes
 * oftener than its other routes.
 */
function isTwin(route: Route, index: number, routes: readonly Route[]): boolean {
  if (route.from === undefined) return false;
  const own = contentOf(route);
  const earlier = routes.slice(0, index).filter((one) => contentOf(one) === own).length;
  const ofObject = routes.filter((one) => isSameObject(one, route));
  const times = [...Map.groupBy(ofObject, contentOf).values()].map(({ length }) => length);
  return earlier > 0 && earlier < Math.min(...times);
}

const isSameObject = ({ from: a }: Route, { from: b }: Route): boolean =>
  a?.kind === b?.kind && a?.name === b?.name && a?.namespace === b?.namespace;

const contentOf = memoizeByIdentity(
  (route: Route) => route,
  ({ position: _, ...route }: Route) => canonicalJson(route),
);
