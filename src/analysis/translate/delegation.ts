// The routes of a delegate, put into the route of the root that delegates to it. Source: istio
// pilot/pkg/model/virtualservice.go MergeHTTPRoutes, mergeHTTPMatchRequests, hasConflict.

import { type HttpMatch, type HttpRoute, joinedName, type StringCondition } from '#analysis/istio/virtual-service.ts';

/** A delegate's route whose conditions do not go with the root's is left out. */
export function delegated(root: HttpRoute, routes: readonly HttpRoute[]): HttpRoute[] {
  return routes.flatMap((own) => {
    const match = mergeMatches(root.match ?? [], own.match ?? []);
    return match === undefined ? [] : [mergeRoute(root, own, match)];
  });
}

/** What the delegate says itself counts; the rest is the root's. */
function mergeRoute({ delegate: _, ...root }: HttpRoute, own: HttpRoute, match: readonly HttpMatch[]): HttpRoute {
  const { route: _route, redirect: _redirect, ...inherited } = root;
  return { ...inherited, ...own, name: joinedName(root.name, own.name), match };
}

/** Undefined where a match of the delegate goes with none of the root. */
function mergeMatches(root: readonly HttpMatch[], own: readonly HttpMatch[]): readonly HttpMatch[] | undefined {
  if (root.length === 0) return own;
  if (own.length === 0) return root;
  const merged = own.map((leaf) =>
    root.filter((outer) => !isConflict(outer, leaf)).map((outer) => mergeMatch(outer, leaf)),
  );
  return merged.some((some) => some.length === 0) ? undefined : merged.flat();
}

function mergeMatch(root: HttpMatch, own: HttpMatch): HttpMatch {
  return {
    ...root,
    ...own,
    name: joinedName(root.name, own.name),
    port: own.port || root.port || 0,
    headers: { ...root.headers, ...own.headers },
    withoutHeaders: { ...root.withoutHeaders, ...own.withoutHeaders },
    queryParams: { ...root.queryParams, ...own.queryParams },
    sourceLabels: { ...root.sourceLabels, ...own.sourceLabels },
    sourceNamespace: own.sourceNamespace || root.sourceNamespace || '',
    gateways: own.gateways?.length ? own.gateways : (root.gateways ?? []),
    ignoreUriCase: own.ignoreUriCase ?? false,
  };
}

function isConflict(root: HttpMatch, leaf: HttpMatch): boolean {
  return (
    (['uri', 'scheme', 'method', 'authority'] as const).some((field) => conflicts(root[field], leaf[field])) ||
    (['headers', 'withoutHeaders', 'queryParams'] as const).some((field) =>
      Object.entries(leaf[field] ?? {}).some(([name, condition]) => conflicts(root[field]?.[name], condition)),
    ) ||
    (root.ignoreUriCase ?? false) !== (leaf.ignoreUriCase ?? false) ||
    Boolean(root.port && leaf.port && root.port !== leaf.port) ||
    Boolean(root.sourceNamespace && root.sourceNamespace !== leaf.sourceNamespace) ||
    isOtherSource(root, leaf)
  );
}

function isOtherSource(root: HttpMatch, leaf: HttpMatch): boolean {
  const labels = Object.entries(leaf.sourceLabels ?? {});
  if (labels.some(([key, value]) => (root.sourceLabels?.[key] ?? value) !== value)) return true;
  const [outer, inner] = [root.gateways ?? [], leaf.gateways ?? []];
  if (outer.length === 0 || inner.length === 0) return false;
  return outer.length < inner.length || inner.some((name) => !outer.includes(name));
}

/** Whether the delegate's condition is not part of the root's, as istiod sees it: two regular expressions never are. */
function conflicts(root: StringCondition | undefined, leaf: StringCondition | undefined): boolean {
  if (!root || !leaf) return false;
  const isAny = (one: StringCondition): boolean => Boolean(one.regex || one.prefix || one.exact);
  if ((root.regex && isAny(leaf)) || (leaf.regex && isAny(root))) return true;
  if (root.exact) return leaf.exact !== root.exact;
  const inner = leaf.prefix || leaf.exact;
  return root.prefix && inner ? !inner.startsWith(root.prefix) : true;
}
