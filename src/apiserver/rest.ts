// The REST side of the API server: lists, watches, single objects and access reviews. Nothing can be changed.
// Source: kubernetes.io/docs/reference/using-api/api-concepts; paging as etcd3/store.go has it.

import type { ServerResponse } from 'node:http';
import { apiVersionOf } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { BadSelector } from '#core/label-selector.ts';
import { type Form, formOf, partialOf } from './accept.ts';
import type { ApiPath } from './api-path.ts';
import type { ServedCluster } from './cluster.ts';
import type { Faults } from './fault.ts';
import type { ResourceType } from './resource-type.ts';
import { review } from './review.ts';
import { fieldSelector, labelSelector, type Match } from './selector.ts';
import {
  type ApiAnswer,
  badRequest,
  expired,
  jsonAnswer,
  methodNotAllowed,
  notFound,
  unknownPath,
  unknownResource,
  withWarning,
} from './status.ts';
import { tableOf } from './table.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: ApiPath;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly accept: string | undefined;
  /** For a watch, which has no end. */
  readonly response: ServerResponse;
}

/** What every object of an answer is. */
interface Asked {
  readonly type: ResourceType;
  /** As the path names it. */
  readonly apiVersion: string;
  readonly form: Form;
  readonly query: URLSearchParams;
  readonly now: Date;
}

/** The answer to a request that names a resource and is no stream; undefined where a watch has begun. */
export async function answerRest(
  cluster: ServedCluster,
  request: ApiRequest,
  faults: Pick<Faults, 'take'>,
): Promise<ApiAnswer | undefined> {
  const { method, path, query, accept } = request;
  if (path.group === 'authorization.k8s.io' || path.group === 'authentication.k8s.io')
    return review(cluster, request, faults);
  if (isTokenRequest(path) && method === 'POST') return token;
  const type = typeOf(cluster, path);
  if (!type) return isServed(cluster, path) ? unknownResource : unknownPath;
  if (isStream(path)) return badRequest('Upgrade request required');
  if (method !== 'GET') return methodNotAllowed(cluster.words?.noChange);
  if (path.subresource !== undefined) return unknownResource;
  const apiVersion = apiVersionOf(path.group, path.version);
  const asked = { type, apiVersion, form: formOf(accept), query, now: cluster.now() };
  return path.name === undefined
    ? answerMany(cluster, request, asked)
    : answerOne(cluster, path.namespace, path.name, asked);
}

async function answerOne(
  cluster: ServedCluster,
  namespace: string | undefined,
  name: string,
  asked: Asked,
): Promise<ApiAnswer> {
  const object = await cluster.read(asked.type, namespace, name);
  return object ? jsonAnswer(200, shaped(asked, object)) : notFound(asked.type, name);
}

async function answerMany(
  cluster: ServedCluster,
  { path: { namespace }, query, response }: ApiRequest,
  asked: Asked,
): Promise<ApiAnswer | undefined> {
  const sees = selection(namespace, query, asked.type);
  if ('wrong' in sees) return badRequest(sees.wrong);
  if (['true', '1'].includes(query.get('watch') ?? '')) {
    const watches = await cluster.watches(asked.type);
    watches.watch(response, { sees, shape: (object) => shaped(asked, object), query });
    return undefined;
  }
  const { objects, warning } = await cluster.list(asked.type, namespace);
  return withWarning(list(asked, objects, sees), warning);
}

/** A cluster-wide resource is in no namespace; an object of a namespaced one is in one. */
function typeOf({ types }: ServedCluster, path: ApiPath): ResourceType | undefined {
  return types.find(
    (t) =>
      t.group === path.group &&
      t.versions.includes(path.version) &&
      t.resource === path.resource &&
      (t.isNamespaced ? path.namespace !== undefined || path.name === undefined : path.namespace === undefined),
  );
}

/** Groups from CustomResourceDefinitions are served resource by resource. */
const isServed = ({ types }: ServedCluster, { group, version }: ApiPath): boolean =>
  types.some((t) => !t.isCustom && t.group === group && t.versions.includes(version));

const isTokenRequest = ({ resource, subresource }: ApiPath): boolean =>
  resource === 'serviceaccounts' && subresource === 'token';

/** For istiod's ADS port, which does not look at it. */
const token: ApiAnswer = jsonAnswer(201, {
  kind: 'TokenRequest',
  apiVersion: 'authentication.k8s.io/v1',
  metadata: {},
  spec: { audiences: [], expirationSeconds: 3600 },
  status: { token: 'none', expirationTimestamp: '2100-01-01T00:00:00Z' },
});

const isStream = ({ resource, subresource }: ApiPath): boolean =>
  resource === 'pods' && (subresource === 'portforward' || subresource === 'exec');

function typed({ type: { kind, fieldName }, apiVersion }: Asked, object: KubeObject): KubeObject {
  const fields = fieldName
    ? Object.fromEntries(Object.entries(object).map(([name, value]) => [fieldName(name), value]))
    : object;
  return { kind, ...(fields as KubeObject), apiVersion };
}

/** One object, in the form that is asked for. */
function shaped(asked: Asked, object: KubeObject): object {
  if (asked.form === 'metadata') return partialOf(object);
  if (asked.form === 'object') return typed(asked, object);
  const { resourceVersion } = object.metadata;
  return table(asked, [object], { resourceVersion });
}

function table(asked: Asked, objects: readonly KubeObject[], metadata: object): object {
  const { type, query, now } = asked;
  const includeObject = query.get('includeObject');
  return tableOf(type, objects, { metadata, includeObject, now, typed: (object) => typed(asked, object) });
}

/** `labelSelector` and `fieldSelector`, and the namespace of the path. */
function selection(namespace: string | undefined, query: URLSearchParams, type: ResourceType) {
  const selectors = [
    labelSelector(query.get('labelSelector') ?? ''),
    fieldSelector(query.get('fieldSelector') ?? '', type),
  ];
  const bad = selectors.find((selector): selector is BadSelector => typeof selector !== 'function');
  const isIn = ({ metadata }: KubeObject): boolean => namespace === undefined || metadata.namespace === namespace;
  return bad ?? ((object: KubeObject) => isIn(object) && (selectors as Match[]).every((matches) => matches(object)));
}

/** The page of the list that `query` asks for: `limit`, `continue`. */
function list(asked: Asked, objects: readonly KubeObject[], sees: Match): ApiAnswer {
  const { query } = asked;
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit))
    return badRequest(`strconv.ParseInt: parsing ${JSON.stringify(query.get('limit'))}: invalid syntax`);
  const selected = objects.filter(sees);
  const first = firstOfPage(selected, query.get('continue') ?? '');
  if (typeof first !== 'number') return first;
  const end = limit > 0 ? first + limit : selected.length;
  const items = selected.slice(first, end);
  const left = selected.length - first - items.length;
  const more = left > 0 && { continue: continueAfter(items.at(-1) as KubeObject) };
  // The server does not know how many are left where it has to filter.
  const isFiltered = Boolean(query.get('labelSelector') || query.get('fieldSelector'));
  const count = left > 0 && !isFiltered && { remainingItemCount: left };
  return jsonAnswer(200, listed(asked, items, { resourceVersion: newestVersion(objects), ...more, ...count }));
}

function listed(asked: Asked, items: readonly KubeObject[], metadata: object): object {
  const { type, apiVersion, form } = asked;
  if (form === 'table') return table(asked, items, metadata);
  if (form === 'metadata')
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: items.map(partialOf),
    };
  const whole = items.map((object) => typed(asked, object));
  return { kind: `${type.kind}List`, apiVersion, metadata, items: type.isCustom ? whole : whole.map(withoutType) };
}

/** Of a list without objects too it is none that means "any". */
export const newestVersion = (objects: readonly KubeObject[]): string =>
  String(Math.max(1, ...objects.map(({ metadata }) => Number(metadata['resourceVersion'] ?? 0) || 0)));

const withoutType = ({ kind: _, apiVersion: __, ...rest }: KubeObject): object => rest;

const keyOf = ({ metadata: { namespace = '', name } }: KubeObject): string => `${namespace}/${name}`;

/** The token names the last object of the page before. */
const continueAfter = (object: KubeObject): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', start: keyOf(object) })).toString('base64url');

function firstOfPage(objects: readonly KubeObject[], token: string): number | ApiAnswer {
  if (token === '') return 0;
  const start = startOf(token);
  if (start === undefined) return badRequest('continue key is not valid');
  const last = objects.findIndex((object) => keyOf(object) === start);
  return last === -1 ? expired : last + 1;
}

function startOf(token: string): string | undefined {
  try {
    const { start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { start?: unknown };
    return typeof start === 'string' ? start : undefined;
  } catch {
    return undefined;
  }
}
