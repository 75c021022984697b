// Rows that kubectl prints as they are: cells are made by the server. By the server's clock too, so ages are those of
// then.

import type { KubeObject } from '#core/kube-object.ts';
import { partialOf } from './accept.ts';
import { type Cell, type Column, columnsOf } from './columns.ts';
import type { ResourceType } from './resource-type.ts';

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: object;
  readonly columnDefinitions: readonly object[];
  readonly rows: readonly object[];
}

export interface TableOptions {
  readonly metadata: object;
  /** `None`, `Object`, or else the metadata of each row's object. */
  readonly includeObject: string | null;
  readonly now: Date;
  /** An object as the API that was asked has it. */
  readonly typed: (object: KubeObject) => KubeObject;
}

export function tableOf(
  type: ResourceType,
  objects: readonly KubeObject[],
  { metadata, includeObject, now, typed }: TableOptions,
): Table {
  const columns = columnsOf(type.resource);
  const included = (object: KubeObject): object =>
    includeObject === 'None' ? {} : { object: includeObject === 'Object' ? typed(object) : partialOf(object) };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(definition),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cellOf(cell, object, now)),
      ...included(object),
    })),
  };
}

const definition = ({ name, type = 'string', isWide = false }: Column): object => ({
  name,
  type,
  format: name === 'Name' ? 'name' : '',
  description: '',
  priority: isWide ? 1 : 0,
});

/** An object may be a stranger's: a field of another type than it should have is told as unknown. */
function cellOf(cell: Cell, object: KubeObject, now: Date): string | number {
  try {
    return cell(object, now);
  } catch {
    return '<unknown>';
  }
}
