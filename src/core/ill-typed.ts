// Objects whose spec cannot be read: fields of other types than the CustomResourceDefinition of today has, or without what
// it requires; older definitions let those in. Each is left out, with its name, and the others of its list count.

import { isDnsName } from './dns-name.ts';
import { kinds, type Resource } from './kinds.ts';
import type { Known } from './known.ts';
import type { KubeObject } from './kube-object.ts';
import { onceEach } from './once-each.ts';
import type { Source } from './source.ts';

/** The same source, which notes each such object once, however often it is listed. */
export function namingIllTyped(source: Source, note: (line: string) => void): Source {
  const name = onceEach(note);
  return {
    ...source,
    list: async (resource, options) => {
      const objects = await source.list(resource, options);
      for (const one of objects)
        if (one.illTyped !== undefined) name(`left out: ${nameIn(resource, one)}: ${one.illTyped}`);
      return objects;
    },
  };
}

/** As the API server gave it. */
export const asItCame = ({ illTyped, unread, ...object }: KubeObject): KubeObject => ({ ...object, ...unread });

/** `Gateway svc1/main`, of each that cannot be read. */
export const illTypedIn = <R extends Resource>(
  objects: Readonly<Partial<Record<R, Known<readonly KubeObject[]>>>>,
  among: readonly R[],
): string[] =>
  among.flatMap((resource) => {
    const listed = objects[resource];
    const all = listed && 'known' in listed ? listed.known : [];
    return all.filter(({ illTyped }) => illTyped !== undefined).map((one) => nameIn(resource, one));
  });

function nameIn(resource: Resource, { metadata: { namespace = '', name } }: KubeObject): string {
  return `${kinds[resource].kind} ${[namespace, name].filter(isDnsName).join('/')}`;
}
