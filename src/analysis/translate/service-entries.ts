// The clusters that ServiceEntries bring. Nothing else of them is translated: which endpoints they have, nobody knows here.
// Source: istio pilot/pkg/serviceregistry/serviceentry/conversion.go convertServices.

import { isVisibleIn } from '#analysis/istio/export-to.ts';
import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';

/** Names of clusters without subset, of those that a gateway in `namespace` is told of. */
export const clustersOfEntries = (entries: readonly KubeObject[], namespace: string): string[] =>
  entries
    .filter((entry) => isVisibleIn(namespace, entry))
    .flatMap(({ spec }) =>
      listOf(spec, 'hosts').flatMap((host) =>
        listOf(spec, 'ports').map((port) => `outbound|${String(field(port, 'number'))}||${String(host)}`),
      ),
    );

function listOf(spec: unknown, name: string): readonly unknown[] {
  const value = field(spec, name);
  return Array.isArray(value) ? value : [];
}
