// EndpointSlices of the namespaces that an answer needs.

import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { listIn } from './list-in.ts';

/** More namespaces than these are read by one list of all. */
const mostLists = 8;

/** Throws ToolError (forbidden…) where they may not be read. */
export async function listSlices(source: Source, namespaces: ReadonlySet<string>): Promise<readonly KubeObject[]> {
  if (namespaces.size > mostLists) return source.list('endpointslices');
  return listIn(source, 'endpointslices', namespaces);
}
