// Kubernetes objects as they are saved: listed and selected as the API server would.

import { ToolError } from '#core/error.ts';
import type { Resource } from '#core/kinds.ts';
import type { KubeObject, ListOptions } from '#core/kube-object.ts';
import { objectsSchema } from '#core/kube-schema.ts';
import { labelSelector as labelMatcher } from '#core/label-selector.ts';
import { checked } from '#core/schema.ts';
import { notSaved } from './saved-admin.ts';
import type { SavedFiles } from './saved-files.ts';
import { type SavedIndex, savedFailure, savedResources } from './saved-format.ts';

/**
 * Throws what kept the resource from being read when it was saved, or `unsupported`. Of Secrets, those that commands
 * have read.
 */
export async function listSaved(
  files: SavedFiles,
  index: SavedIndex,
  resource: Resource,
  { namespace, labelSelector, fieldSelector }: ListOptions,
): Promise<KubeObject[]> {
  const failure = index.failedResources[resource];
  const readIn = index.snapshot?.namespaces[resource] ?? [];
  if (failure && !(namespace !== undefined && readIn.includes(namespace))) throw savedFailure(failure);
  const isThere = savedResources[index.kind].includes(resource) || (resource === 'secrets' && index.snapshot);
  if (!isThere || fieldSelector !== undefined) throw notSaved(resource);
  const isSelected = labelMatcher(labelSelector ?? '');
  if ('wrong' in isSelected) throw new ToolError('usage', isSelected.wrong);
  return (await objectsOf(files, resource)).filter(
    ({ metadata }) =>
      (namespace === undefined || metadata.namespace === namespace) && isSelected(metadata.labels ?? {}),
  );
}

async function objectsOf(files: SavedFiles, resource: Resource): Promise<readonly KubeObject[]> {
  const file = `objects/${resource}.json`;
  return checked(objectsSchema(resource), await files.json(file), file);
}

interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** Undefined where the object did not exist. Throws as `listSaved` does. */
export async function readSaved(
  files: SavedFiles,
  index: SavedIndex,
  resource: Resource,
  { namespace, name }: ObjectName,
): Promise<KubeObject | undefined> {
  const isIt = ({ metadata }: KubeObject): boolean => metadata.namespace === namespace && metadata.name === name;
  if (resource !== 'secrets' || index.snapshot === undefined)
    return (await listSaved(files, index, resource, { namespace })).find(isIt);
  const found = (await objectsOf(files, 'secrets')).find(isIt);
  const asked = `${namespace}/${name}`;
  const { absentSecrets, failedSecret = asked } = index.snapshot;
  if (found || absentSecrets.includes(asked)) return found;
  const failure = index.failedResources.secrets;
  if (failure === undefined) throw notSaved(`Secret ${asked}`);
  // After the first that may not be read no other was asked for.
  throw savedFailure({ ...failure, message: failure.message.replaceAll(failedSecret, asked) });
}
