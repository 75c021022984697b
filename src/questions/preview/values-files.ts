// Files of values, each with the places of what stands in it.

import type { ValuePath } from '#analysis/chart/findings.ts';
import { isMap, type Values } from '#analysis/chart/values.ts';
import { readYamlDocuments, type YamlDocument } from '#files/kube-yaml.ts';
import { nameOfPath, readGivenFile, unreadable } from './given-file.ts';

export interface ValuesFile {
  readonly name: string;
  readonly document: YamlDocument;
  readonly values: Values;
}

/** Throws ToolError `usage` with file and line. */
export async function readValues(path: string, stdin: NodeJS.ReadableStream, signal: AbortSignal): Promise<ValuesFile> {
  const name = nameOfPath(path);
  const [document, second] = readYamlDocuments(await readGivenFile(path, stdin, signal));
  if (document === undefined) throw unreadable(name, 'it is empty');
  if (document.mistake) throw unreadable(`${name}:${document.mistake.line}`, document.mistake.message);
  if (second?.value !== undefined)
    throw unreadable(`${name}:${second.line}`, 'helm reads only the first document of a values file');
  const values = document.value ?? {};
  if (!isMap(values)) throw unreadable(`${name}:${document.line}`, 'it is no file of values: keys have to stand here');
  return { name, document, values };
}

export type PlaceOf = (path: ValuePath) => string;

/** Of the last file that has the value, else of what is nearest above it. */
export const placesIn =
  (files: readonly ValuesFile[]): PlaceOf =>
  (path) => {
    const file = files.findLast(({ values }) => has(values, path));
    if (file) return `${file.name}:${file.document.lineOf(path)}`;
    const last = files.at(-1);
    return path.length === 0 ? `${last?.name ?? 'values'}:1` : placesIn(files)(path.slice(0, -1));
  };

function has(values: unknown, path: ValuePath): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return true;
  const isThere = typeof values === 'object' && values !== null && Object.hasOwn(values, key);
  return isThere && has((values as Readonly<Record<string | number, unknown>>)[key], rest);
}
