// The objects that a preview is given: files, directories or stdin, of what kubectl apply takes.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type InstallSpec, installSpec } from '#analysis/chart/install-file.ts';
import { isDnsName } from '#core/dns-name.ts';
import type { ToolError } from '#core/error.ts';
import { field } from '#core/json.ts';
import { apiVersionOf, kinds, type Resource, resources } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { object, optional, type Schema, text, wrongField } from '#core/schema.ts';
import { specSchemas } from '#core/spec-schemas.ts';
import { readYamlDocuments, type YamlDocument } from '#files/kube-yaml.ts';
import { nameOfPath, readGivenFile, unreadable } from './given-file.ts';
import type { GivenInstall } from './install.ts';

export interface GivenObject {
  readonly resource: Resource;
  readonly object: KubeObject;
  /** `ingress.yaml:14`. */
  readonly place: string;
}

export interface GivenObjects {
  readonly objects: readonly GivenObject[];
  /** `Deployment apps/web`: kinds that no gateway goes by. */
  readonly others: readonly string[];
  readonly installs: readonly GivenInstall[];
}

export interface Input {
  /** Files, directories, `-`. */
  readonly paths: readonly string[];
  readonly stdin: NodeJS.ReadableStream;
  /** Of objects that name none. */
  readonly namespace: string;
}

/** Throws ToolError `usage` with file, line and field for what cannot be read. */
export async function readGivenObjects({ paths, stdin, namespace }: Input, signal: AbortSignal): Promise<GivenObjects> {
  const objects: GivenObject[] = [];
  const others: string[] = [];
  const installs: GivenInstall[] = [];
  for (const path of paths.flatMap(filesOf)) {
    const bytes = await readGivenFile(path, stdin, signal);
    const name = nameOfPath(path);
    for (const document of readYamlDocuments(bytes)) {
      for (const one of objectsIn(document, name, namespace))
        if (typeof one === 'string') others.push(one);
        else if ('resource' in one) objects.push(one);
        else installs.push(one);
    }
  }
  return { objects, others, installs };
}

/** Of a directory those that kubectl apply -f takes. */
function filesOf(path: string): string[] {
  if (path === '-') return [path];
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, (error as Error).message, error);
  }
}

/** The objects of a document, of a List each of its items; a text for what is left out. */
function objectsIn(document: YamlDocument, name: string, namespace: string): (GivenObject | GivenInstall | string)[] {
  const { mistake, value } = document;
  if (mistake) throw unreadable(`${name}:${mistake.line}`, mistake.message);
  if (value === undefined) return [];
  const { kind, items } = value as { readonly kind?: string; readonly items?: unknown };
  const isList = /List$/.test(kind ?? '') && items !== undefined && items !== null;
  if (isList && !Array.isArray(items))
    throw unreadable(`${name}:${document.lineOf(['items'])}`, wrongField('items', items, 'a list'));
  const found = isList
    ? (items as unknown[]).map((item, index) => ({ item, at: ['items', index] }))
    : [{ item: value, at: [] }];
  return found.map(({ item, at }) => {
    const place = { document, name, at, namespace };
    return isInstall(item) ? readInstall(item, place) : readObject(item, place);
  });
}

interface Place {
  readonly document: YamlDocument;
  readonly name: string;
  readonly at: readonly (string | number)[];
  readonly namespace: string;
}

/** It needs no name. */
const isInstall = (item: unknown): item is KubeObject => {
  const { apiVersion, kind } = (item ?? {}) as Partial<KubeObject>;
  return kind === 'IstioOperator' && typeof apiVersion === 'string' && apiVersion.startsWith('install.istio.io/');
};

function readInstall({ kind, spec: given }: KubeObject, { document, name, at }: Place): GivenInstall {
  const spec = (given ?? {}) as InstallSpec;
  const placeOf = (path: readonly (string | number)[]): string => `${name}:${document.lineOf([...at, ...path])}`;
  const wrong = installSpec(spec, '.spec');
  if (wrong !== undefined) throw unreadable(placeOf(pathIn(wrong)), `${kind}: ${wrong}`);
  return { spec, placeOf };
}

function readObject(item: unknown, { document, name: file, at, namespace }: Place): GivenObject | string {
  const fail = (why: string, path: readonly (string | number)[] = []): ToolError =>
    unreadable(`${file}:${document.lineOf([...at, ...path])}`, why);
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    throw fail('it is not a Kubernetes object: it has no kind');
  const { apiVersion, kind, metadata } = item as Partial<KubeObject>;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string')
    throw fail(`it is not a Kubernetes object: ${typeof kind === 'string' ? 'apiVersion' : 'kind'} is missing`);
  if (!/^\w{1,63}$/.test(kind)) throw fail('its kind is no name', ['kind']);
  if (!metadata?.name) throw fail(whyNameless(kind, metadata), ['metadata']);
  const resource = resourceOf(kind, apiVersion);
  const name = resource === undefined ? text : dnsName;
  const wrongName = object({ name, namespace: optional(name) })(metadata, '.metadata');
  if (wrongName !== undefined) throw fail(`${kind}: ${wrongName}`, pathIn(wrongName));
  const own = metadata.namespace ?? namespace;
  if (resource === undefined) return `${kind} ${own}/${metadata.name}`;
  const given: KubeObject = { ...(item as KubeObject), metadata: { ...metadata, namespace: own } };
  const wrong = specSchemas[resource]?.(given['spec'], '.spec');
  if (wrong !== undefined) throw fail(`${kind} ${own}/${metadata.name}: ${wrong}`, pathIn(wrong));
  return { resource, object: given, place: `${file}:${document.lineOf(at)}` };
}

const whyNameless = (kind: string, metadata: unknown): string =>
  field(metadata, 'generateName') === undefined
    ? `${kind} has no metadata.name`
    : `${kind} has a generateName, which kubectl apply does not take: it needs a name`;

const dnsName: Schema<string> = (value, path) =>
  typeof value === 'string' && isDnsName(value) ? undefined : wrongField(path, value, 'a name that DNS allows');

function resourceOf(kind: string, apiVersion: string): Resource | undefined {
  return resources.find(
    (resource) =>
      specSchemas[resource] !== undefined &&
      kinds[resource].kind === kind &&
      kinds[resource].versions.some((version) => apiVersionOf(kinds[resource].group, version) === apiVersion),
  );
}

/** Of a message that begins with `spec.http[0].match is …`. */
export const pathIn = (message: string): (string | number)[] =>
  [...(message.split(' ')[0] ?? '').matchAll(/([\w-]+)|\[(?:(\d+)|"([^"]*)")\]/g)].map(
    ([, name, index, key]) => name ?? key ?? Number(index),
  );
