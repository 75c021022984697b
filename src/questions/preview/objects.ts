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
import { jsonParts } from '#files/json-stream.ts';
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
  readonly others: readonly LeftOut[];
  /** They are among the others, and bring clusters. */
  readonly serviceEntries: readonly KubeObject[];
  readonly installs: readonly GivenInstall[];
  /** What the API server would refuse of them. */
  readonly findings: readonly FindingChange[];
}

/** What is not looked at. */
export interface LeftOut {
  /** `Deployment apps/web`. */
  readonly name: string;
  readonly why: string;
  readonly object: KubeObject;
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
  const others: LeftOut[] = [];
  const serviceEntries: KubeObject[] = [];
  const installs: GivenInstall[] = [];
  const findings: FindingChange[] = [];
  for (const item of await itemsOf({ paths, stdin, namespace }, signal)) {
    const one = isInstall(item.value) ? readInstall(item.value, item) : await readObject(item);
    if ('other' in one) {
      others.push({ name: one.other, why: whyLeftOut(one.object), object: one.object });
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
  /** `ingress.yaml`. */
  readonly file: string;
  /** `ingress.yaml:14`, of a field of it. */
  placeOf(path: FieldPath): string;
}

async function itemsOf({ paths, stdin, namespace }: Input, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  for (const path of paths.flatMap(filesOf)) {
    const bytes = await readGivenFile(path, stdin, signal);
    const hint = bytes.includes('{{') ? fromHelm : undefined;
    for (const { bytes: part, linesBefore } of jsonParts(bytes))
      for (const document of readYamlDocuments(part))
        for (const item of itemsIn(document, { file: nameOfPath(path), namespace, hint, linesBefore }))
          items.push(item);
  }
  return items;
}

interface Whence extends Pick<Item, 'file' | 'namespace'> {
  /** For what is no YAML. */
  readonly hint: string | undefined;
  readonly linesBefore: number;
}

function* itemsIn(document: YamlDocument, { file, namespace, hint, linesBefore }: Whence): Generator<Item> {
  const { mistake, value } = document;
  if (mistake) throw unreadable(`${file}:${linesBefore + mistake.line}`, mistake.message, undefined, hint);
  const placeOf: Item['placeOf'] = (path) => `${file}:${linesBefore + document.lineOf(path)}`;
  const lists: Item[] = value === undefined ? [] : [{ value, namespace, file, placeOf }];
  for (let list = lists.pop(); list !== undefined; list = lists.pop()) {
    const items = itemsOfList(list);
    if (items === undefined) yield list;
    else for (const item of items.reverse()) lists.push(item);
  }
}

/** Those without a kind have the list's. Source: apimachinery pkg/apis/meta/v1/unstructured/helpers.go decodeToList. */
function itemsOfList(list: Item): Item[] | undefined {
  const { apiVersion, kind, items } = Object(list.value) as {
    readonly apiVersion?: unknown;
    readonly kind?: unknown;
    readonly items?: unknown;
  };
  const itemKind = typeof kind === 'string' ? /^(.*)List$/.exec(kind)?.[1] : undefined;
  if (itemKind === undefined || items === undefined || items === null) return undefined;
  if (!Array.isArray(items)) throw unreadable(list.placeOf(['items']), wrongField('items', items, 'a list'));
  const isBare = (item: unknown): boolean => itemKind !== '' && field(item, 'kind') === undefined;
  return items.map((item, index) => ({
    ...list,
    value: isBare(item) ? { apiVersion, kind: itemKind, ...Object(item) } : item,
    placeOf: (path) => list.placeOf(['items', index, ...path]),
  }));
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

const fromHelm =
  'objects of a chart are what helm makes of it: helm template RELEASE CHART | kubectl istio-ingress preview -';
const fromKustomize =
  'objects are what kustomize makes of it: kubectl kustomize DIRECTORY | kubectl istio-ingress preview -';

/** For what is no object itself. */
function hintFor({ file, value }: Item): string | undefined {
  const isKustomization = field(value, 'kind') === 'Kustomization' || /(?:^|\/)kustomization\.ya?ml$/.test(file);
  if (isKustomization) return fromKustomize;
  return /(?:^|\/)(?:Chart|values)\.ya?ml$/.test(file) ? fromHelm : undefined;
}

async function readObject(given: Item): Promise<GivenObject | OtherObject> {
  const { value: item, namespace, placeOf } = given;
  const fail = (why: string, path: FieldPath = []): ToolError =>
    unreadable(placeOf(path), why, undefined, hintFor(given));
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
  const named: KubeObject = { ...(item as KubeObject), metadata: { ...metadata, namespace: own } };
  if (resource === undefined) return { other: `${kind} ${own}/${metadata.name}`, object: named };
  const wrong = specSchemas[resource]?.(named['spec'], '.spec');
  if (wrong !== undefined) {
    const unknown = (await unknownFields(resource, named)).map(({ text: why }) => `; ${why}`);
    throw fail(`${kind} ${own}/${metadata.name}: ${wrong}${unknown.slice(0, 3).join('')}`, pathIn(wrong));
  }
  return { resource, object: named, place: placeOf([]) };
}

/** Groups of Istio and the Gateway API, by which gateways do go. */
const steering = /(?:^|\.)(?:istio\.io|gateway\.networking\.(?:x-)?k8s\.io)$/;

/** For other proxies. Source: istio pilot/pkg/model/push_context.go doGetSidecarScope. */
const isForSidecars = (kind: string): boolean => kind === 'Sidecar' || kind === 'WorkloadGroup';

const isOtherVersion = ({ apiVersion = '', kind }: KubeObject): boolean =>
  resources.some(
    (one) => specSchemas[one] && kinds[one].kind === kind && apiVersion.startsWith(`${kinds[one].group}/`),
  );

const isMesh = ({ kind, data }: KubeObject): boolean => kind === 'ConfigMap' && field(data, 'mesh') !== undefined;

function whyLeftOut(object: KubeObject): string {
  const { apiVersion = '', kind = '' } = object;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  if (isOtherVersion(object)) return `preview does not know version ${version} of it`;
  const isOfIngress = group === 'networking.k8s.io' && /^Ingress(?:Class)?$/.test(kind);
  const isSteering = steering.test(group) && !isForSidecars(kind);
  return isSteering || isOfIngress || isMesh(object)
    ? 'it can change what gateways do, and preview does not tell how'
    : 'preview does not look at this kind';
}

/** Kinds that answer requests, or change any part of a gateway's configuration. */
const nearKinds: ReadonlySet<string> = new Set([
  'AuthorizationPolicy',
  'EnvoyFilter',
  'RequestAuthentication',
  'WasmPlugin',
]);

/** Whether what is left out changes what a gateway of this namespace serves: the answer lacks that. */
export function isMissed({ object }: LeftOut, namespace: string): boolean {
  const { apiVersion = '', kind = '', metadata } = object;
  const isNear = [namespace, 'istio-system'].includes(metadata.namespace ?? '');
  return isOtherVersion(object) || isMesh(object) || (isNear && nearKinds.has(kind) && /istio\.io\//.test(apiVersion));
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
