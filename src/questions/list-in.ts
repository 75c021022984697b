// Objects of some namespaces.

import type { Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';

/** Throws ToolError (forbidden…) where those of one may not be read. */
export async function listIn(
  source: Source,
  resource: Resource,
  namespaces: Iterable<string>,
): Promise<readonly KubeObject[]> {
  return (await Promise.all([...namespaces].map((namespace) => source.list(resource, { namespace })))).flat();
}
