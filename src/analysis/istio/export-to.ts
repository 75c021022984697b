// Which namespaces see an object. Source: networking/v1 `export_to`; istio pilot/pkg/model/push_context.go.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';

/** `export_to` as it is written; empty where it is not given, which is `*` unless the mesh says otherwise. */
export function exportToOf({ spec }: KubeObject): string[] {
  const names = field(spec, 'exportTo');
  return Array.isArray(names) ? names.map(String) : [];
}

/** What is not given counts as seen by all: the mesh's own default is not known here. */
export function isVisibleIn(namespace: string, object: KubeObject): boolean {
  const names = exportToOf(object);
  const own = object.metadata.namespace ?? '';
  return names.length === 0 || names.some((name) => name === '*' || (name === '.' ? own : name) === namespace);
}
