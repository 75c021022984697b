// The routes of a VirtualService that delegates: Envoy's metadata names the root VirtualService for all of them, and only
// the route's name can tell whose it is. Source: istio pilot/pkg/model/virtualservice.go mergeHTTPRoute,
// pilot/pkg/networking/core/route/route.go TranslateRoute.

import type { KubeObject } from '#core/kube-object.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import type { ObjectRef } from '#model/resource.ts';
import type { Route } from '#model/route.ts';
import { type HttpRoute, joinedName, routeName, specOf } from './virtual-service.ts';
import { keyOf, refOf } from './virtual-service-binding.ts';

type DelegateOf = (route: Pick<Route, 'from' | 'name'>) => ObjectRef | undefined;

/** The delegate that a route comes from; undefined also where routes of others have the same name. */
export function delegatesAmong(virtualServices: readonly KubeObject[]): DelegateOf {
  const byKey = new Map(virtualServices.map((one) => [keyOf(refOf('VirtualService', one)), one]));
  const roots = virtualServices.filter((one) => httpOf(one).some(({ delegate }) => delegate !== undefined));
  const owners = new Map(roots.map((root) => [keyOf(refOf('VirtualService', root)), ownersIn(root, byKey)]));
  return ({ from, name }) => {
    if (from?.kind !== 'VirtualService') return undefined;
    const [only, ...others] = owners.get(keyOf(from))?.get(name) ?? [];
    return others.length > 0 || only === undefined ? undefined : refOfDelegate(only, byKey);
  };
}

/** The same route, with the delegate that it comes from. */
export function delegateNamer(virtualServices: readonly KubeObject[]): (route: Route) => Route {
  const delegateOf = delegatesAmong(virtualServices);
  // Of one route of several outcomes there stays one object.
  return memoizeByIdentity(
    (route: Route) => route,
    (route) => {
      const delegate = delegateOf(route);
      return delegate === undefined ? route : { ...route, delegate };
    },
  );
}

/** NAMESPACE/NAME of the VirtualService that a route of the root delegates to; undefined: it has a destination itself. */
export function delegateKey({ delegate }: Pick<HttpRoute, 'delegate'>, root: KubeObject): string | undefined {
  if (!delegate) return undefined;
  const { namespace = root.metadata.namespace ?? '', name = '' } = delegate;
  return keyOf({ namespace, name });
}

/** Of all routes. */
export const delegateKeys = (root: KubeObject): string[] =>
  httpOf(root).flatMap((http) => delegateKey(http, root) ?? []);

/** It is bound by its roots alone. */
export const isDelegate = (virtualService: KubeObject): boolean => (specOf(virtualService).hosts ?? []).length === 0;

/** Whether any of them delegates. */
export const delegates = (virtualServices: readonly KubeObject[]): boolean =>
  virtualServices.some((one) => httpOf(one).some(({ delegate }) => delegate !== undefined));

const refOfDelegate = (key: string, byKey: ReadonlyMap<string, KubeObject>): ObjectRef | undefined => {
  const object = byKey.get(key);
  return object && refOf('VirtualService', object);
};

const httpOf = (virtualService: KubeObject): readonly HttpRoute[] => specOf(virtualService).http ?? [];

/** By name of a route: whose it may be, `''` for the root itself. */
function ownersIn(root: KubeObject, byKey: ReadonlyMap<string, KubeObject>): Map<string, Set<string>> {
  const owners = new Map<string, Set<string>>();
  const add = (owner: string, names: readonly string[]): void => {
    for (const name of names) owners.set(name, (owners.get(name) ?? new Set()).add(owner));
  };
  for (const http of httpOf(root)) {
    const key = delegateKey(http, root);
    if (key === undefined) {
      add('', routeNames(http.name ?? '', matchNames(http)));
      continue;
    }
    const delegate = byKey.get(key);
    if (delegate)
      add(
        key,
        httpOf(delegate).flatMap((own) => mergedNames(http, own)),
      );
  }
  return owners;
}

const matchNames = ({ match = [] }: HttpRoute): string[] => match.map(({ name = '' }) => name);

/** Which matches are put together depends on what they ask for: all that may be. */
function mergedNames(root: HttpRoute, own: HttpRoute): string[] {
  const [outer, inner] = [matchNames(root), matchNames(own)];
  const both = outer.flatMap((first) => inner.map((second) => joinedName(first, second)));
  return routeNames(joinedName(root.name ?? '', own.name ?? ''), both.length > 0 ? both : [...outer, ...inner]);
}

const routeNames = (name: string, matches: readonly string[]): string[] =>
  matches.length === 0 ? [name] : matches.map((match) => routeName({ name }, { name: match }));
