// The objects that a preview is given: files, directories or stdin, of what kubectl apply takes.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type InstallSpec, installSpec } from '#analysis/chart/install-file.ts';
import { isDnsName } from '#core/dns-name.ts';
import { reasonOf, type ToolError } from '#core/error.ts';
import { field } from '#core/json.ts';
import { apiVersionOf, kinds, type Resource, resources } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { object, optional, pathIn, type Schema, text, wrongField } from '#core/schema.ts';
import { specSchemas } from '#core/spec-schemas.ts';
import { readYamlDocuments, type YamlDocument } from '#files/kube-yaml.ts';
import type { FindingChange } from '#model/preview.ts';
import { nameOfPath, readGivenFile, unreadable } from './given-file.ts';
import { refusedFields, unknownFields } from './given-findings.ts';
import type { GivenInstall } from './install.ts';
import type { FieldPath } from './object-fields.ts';

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
  /** They are among the others, and bring clusters. */
  readonly serviceEntries: readonly KubeObject[];
  readonly installs: readonly GivenInstall[];
  /** What the API server would refuse of them. */
  readonly findings: readonly FindingChange[];
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
  const serviceEntries: KubeObject[] = [];
  const installs: GivenInstall[] = [];
  const findings: FindingChange[] = [];
  for (const item of await itemsOf({ paths, stdin, namespace }, signal)) {
    const one = isInstall(item.value) ? readInstall(item.value, item) : await readObject(item);
    if ('other' in one) {
      others.push(one.other);
      if (isServiceEntry(one.object)) serviceEntries.push(one.object);
    } else if ('spec' in one) installs.push(one);
    else {
      objects.push(one);
      findings.push(...(await refusedFields(one.resource, one.object, item.placeOf)));
    }
  }
  return { objects, others, serviceEntries, installs, findings };
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
    throw unreadable(path, reasonOf(error), error);
  }
}

/** An object of a document, or an item of its List. */
interface Item {
  readonly value: unknown;
  readonly namespace: string;
  /** `ingress.yaml:14`, of a field of it. */
  placeOf(path: FieldPath): string;
}

async function itemsOf({ paths, stdin, namespace }: Input, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  for (const path of paths.flatMap(filesOf)) {
    const documents = readYamlDocuments(await readGivenFile(path, stdin, signal));
    for (const document of documents)
      for (const item of itemsIn(document, nameOfPath(path), namespace)) items.push(item);
  }
  return items;
}

function itemsIn(document: YamlDocument, name: string, namespace: string): Item[] {
  const { mistake, value } = document;
  if (mistake) throw unreadable(`${name}:${mistake.line}`, mistake.message);
  if (value === undefined) return [];
  const { kind, items } = value as { readonly kind?: string; readonly items?: unknown };
  const placed = (one: unknown, at: FieldPath): Item => ({
    value: one,
    namespace,
    placeOf: (path) => `${name}:${document.lineOf([...at, ...path])}`,
  });
  const isList = /List$/.test(kind ?? '') && items !== undefined && items !== null;
  if (!isList) return [placed(value, [])];
  if (!Array.isArray(items))
    throw unreadable(`${name}:${document.lineOf(['items'])}`, wrongField('items', items, 'a list'));
  return items.map((item, index) => placed(item, ['items', index]));
}

/** It needs no name. */
const isInstall = (item: unknown): item is KubeObject => {
  const { apiVersion, kind } = (item ?? {}) as Partial<KubeObject>;
  return kind === 'IstioOperator' && typeof apiVersion === 'string' && apiVersion.startsWith('install.istio.io/');
};

function readInstall({ kind, spec: given }: KubeObject, { placeOf }: Item): GivenInstall {
  const spec = (given ?? {}) as InstallSpec;
  const wrong = installSpec(spec, '.spec');
  if (wrong !== undefined) throw unreadable(placeOf(pathIn(wrong)), `${kind}: ${wrong}`);
  return { spec, placeOf };
}

/** No resource of this tool. */
interface OtherObject {
  /** `Deployment apps/web`. */
  readonly other: string;
  readonly object: KubeObject;
}

const isServiceEntry = ({ apiVersion = '', kind }: KubeObject): boolean =>
  kind === 'ServiceEntry' && apiVersion.startsWith('networking.istio.io/');

async function readObject({ value: item, namespace, placeOf }: Item): Promise<GivenObject | OtherObject> {
  const fail = (why: string, path: FieldPath = []): ToolError => unreadable(placeOf(path), why);
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
  const given: KubeObject = { ...(item as KubeObject), metadata: { ...metadata, namespace: own } };
  if (resource === undefined) return { other: `${kind} ${own}/${metadata.name}`, object: given };
  const wrong = specSchemas[resource]?.(given['spec'], '.spec');
  if (wrong !== undefined) {
    const unknown = (await unknownFields(resource, given)).map(({ text: why }) => `; ${why}`);
    throw fail(`${kind} ${own}/${metadata.name}: ${wrong}${unknown.slice(0, 3).join('')}`, pathIn(wrong));
  }
  return { resource, object: given, place: placeOf([]) };
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
