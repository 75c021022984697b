// Kubernetes objects, as files of a snapshot.

import { asItCame } from '#core/ill-typed.ts';
import { kinds, type Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { answerOrFailure, indented, type Saving } from '#questions/dump/save-answers.ts';
import type { Failure } from '#source/saved-format.ts';
import { snapshotObject } from './snapshot-object.ts';

interface SavedList {
  readonly objects: readonly KubeObject[];
  /** Why they are not there, or only those of `namespaces`. */
  readonly failure: Failure | undefined;
  /** Undefined: of all namespaces. */
  readonly namespaces: readonly string[] | undefined;
}

/** `own`: the namespaces of the gateway and of istiod, where those of all may not be read. */
export async function saveList(
  source: Source,
  resource: Resource,
  own: readonly string[],
  { write }: Pick<Saving, 'write'>,
): Promise<SavedList> {
  const listed = await listObjects(source, resource, own);
  const isThere = listed.namespaces === undefined ? listed.failure === undefined : listed.namespaces.length > 0;
  if (!isThere) return listed;
  const objects = listed.objects.map((object) => snapshotObject(resource, asItCame(object)));
  await write(`objects/${resource}.json`, indented(await withoutSecrets(objects, 'kubernetes')));
  return listed;
}

async function listObjects(source: Source, resource: Resource, own: readonly string[]): Promise<SavedList> {
  const all = isOwnOnly.has(resource) ? onlyOwn(resource) : await answerOrFailure(source.list(resource));
  if (!('code' in all)) return { objects: all, failure: undefined, namespaces: undefined };
  const mayTry = isOwnOnly.has(resource) || (all.code === 'forbidden' && kinds[resource].isNamespaced);
  if (!mayTry) return { objects: [], failure: all, namespaces: undefined };
  const lists = await Promise.all(
    own.map(async (namespace) => [namespace, await answerOrFailure(source.list(resource, { namespace }))] as const),
  );
  const read = lists.flatMap(([namespace, list]) => ('code' in list ? [] : [{ namespace, list }]));
  const refused = lists.flatMap(([, list]) => ('code' in list ? [list] : []));
  return {
    objects: read.flatMap(({ list }) => list),
    failure: isOwnOnly.has(resource) ? (refused[0] ?? all) : all,
    namespaces: read.map(({ namespace }) => namespace),
  };
}

/** Of the gateway and istiod: those of a whole cluster are many, and tell nothing about it. */
const isOwnOnly: ReadonlySet<Resource> = new Set(['events', 'daemonsets', 'deployments']);

const onlyOwn = (resource: Resource): Failure => ({
  code: 'unsupported',
  message: `cannot list all ${resource}: the snapshot has those of the gateway's and istiod's namespaces`,
});
