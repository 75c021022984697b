// Which namespaces see an object. Source: networking/v1 `export_to`; istio pilot/pkg/model/push_context.go.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';

/** `export_to` as it is written; empty where it is not given, which is `*` unless the mesh says otherwise. */
export function exportToOf({ spec }: KubeObject): string[] {
  const names = field(spec, 'exportTo');
  return Array.isArray(names) ? names.map(String) : [];
}

/** Namespaces, `*` for all, `~` for none. What is not given counts as all: the mesh's own default is not known here. */
export function exportsOf(object: KubeObject): ReadonlySet<string> {
  const names = exportToOf(object);
  const own = object.metadata.namespace ?? '';
  return new Set(names.length === 0 ? ['*'] : names.map((name) => (name === '.' ? own : name)));
}

/** `exportTo [.] hides it from istio-system`, of an object that is not visible there. */
export const hiddenFrom = (namespace: string, object: KubeObject): string =>
  `exportTo [${exportToOf(object).join(', ')}] hides it from ${namespace}`;

export function isVisibleIn(namespace: string, object: KubeObject): boolean {
  const exports = exportsOf(object);
  return exports.has('*') || (exports.has(namespace) && !exports.has('~'));
}
