// The values of namespaces at Wikimedia as the cert-manager Certificates that admin_ng makes of them.

import {
  type NamespaceValues,
  namespaceCertificates,
  namespaceValues,
} from '#analysis/chart/namespace-certificates.ts';
import { mergedValues } from '#analysis/chart/values.ts';
import { pathIn } from '#core/schema.ts';
import { unreadable } from './given-file.ts';
import type { GivenObject } from './objects.ts';
import { placesIn, readValues, type ValuesFile } from './values-files.ts';

export interface NamespaceValuesInput {
  /** In the order in which helmfile is given them; `-` is stdin. */
  readonly paths: readonly string[];
  /** Of helmfile: `eqiad`. */
  readonly environment: string;
  readonly stdin: NodeJS.ReadableStream;
}

/** Throws ToolError `usage` with file, line and key. */
export async function readNamespaceValues(
  { paths, environment, stdin }: NamespaceValuesInput,
  signal: AbortSignal,
): Promise<GivenObject[]> {
  const files: ValuesFile[] = [];
  for (const path of paths) files.push(await readValues(path, stdin, signal));
  const placeOf = placesIn(files);
  const values = mergedValues(
    {},
    files.map((file) => file.values),
  );
  const wrong = namespaceValues(values, '');
  if (wrong !== undefined) throw unreadable(placeOf(pathIn(wrong)), wrong);
  const { namespaces } = values as NamespaceValues;
  if (namespaces === undefined || namespaces === null)
    throw unreadable(placeOf([]), 'it has no namespaces: what is wanted are values of admin_ng');
  return namespaceCertificates({ namespaces }, environment).map(({ namespace, object }) => ({
    resource: 'certificates',
    object,
    place: placeOf(['namespaces', namespace]),
  }));
}
