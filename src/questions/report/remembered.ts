// Lists of objects that many questions ask for are read once.

import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';

/** Of a source whose answers do not change. */
export function rememberingLists(source: Source): Source {
  const known = new Map<string, Promise<readonly KubeObject[]>>();
  return {
    ...source,
    list: (resource, options = {}) => {
      const key = JSON.stringify([resource, options]);
      const asked = known.get(key) ?? source.list(resource, options);
      known.set(key, asked);
      return asked;
    },
  };
}
