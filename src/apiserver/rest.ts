// The REST side of the API server: lists, watches, single objects and access reviews. Nothing can be changed.
// Source: kubernetes.io/docs/reference/using-api/api-concepts; paging as etcd3/store.go has it.

import type { ServerResponse } from 'node:http';
import { apiVersionOf } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { BadSelector } from '#core/label-selector.ts';
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

export interface ApiRequest {
  readonly method: string;
  readonly path: ApiPath;
  readonly query: URLSearchParams;
  readonly body: string;
  /** For a watch, which has no end. */
  readonly response: ServerResponse;
}

/** What every object of an answer is. */
interface Asked {
  readonly type: ResourceType;
  /** As the path names it. */
  readonly apiVersion: string;
}

/** The answer to a request that names a resource and is no stream; undefined where a watch has begun. */
export async function answerRest(
  cluster: ServedCluster,
  request: ApiRequest,
  faults: Pick<Faults, 'take'>,
): Promise<ApiAnswer | undefined> {
  const { method, path, query } = request;
  if (path.group === 'authorization.k8s.io' || path.group === 'authentication.k8s.io')
    return review(cluster.user, request, faults);
  const type = typeOf(cluster, path);
  if (!type) return isServed(cluster, path) ? unknownResource : unknownPath;
  if (isStream(path)) return badRequest('Upgrade request required');
  if (method !== 'GET') return methodNotAllowed(cluster.words?.noChange);
  if (path.subresource !== undefined) return unknownResource;
  const asked = { type, apiVersion: apiVersionOf(path.group, path.version) };
  if (path.name !== undefined) {
    const object = await cluster.read(type, path.namespace, path.name);
    return object ? jsonAnswer(200, typed(asked, object)) : notFound(type, path.name);
  }
  const sees = selection(path.namespace, query, type);
  if ('wrong' in sees) return badRequest(sees.wrong);
  if (['true', '1'].includes(query.get('watch') ?? '')) {
    const watches = await cluster.watches(type);
    watches.watch(request.response, { sees, shape: (object) => typed(asked, object), query });
    return undefined;
  }
  const { objects, warning } = await cluster.list(type, path.namespace);
  return withWarning(list(asked, objects, sees, query), warning);
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

const isStream = ({ resource, subresource }: ApiPath): boolean =>
  resource === 'pods' && (subresource === 'portforward' || subresource === 'exec');

const typed = ({ type, apiVersion }: Asked, object: KubeObject): KubeObject => ({
  kind: type.kind,
  ...object,
  apiVersion,
});

/** `labelSelector` and `fieldSelector`, and the namespace of the path. */
function selection(namespace: string | undefined, query: URLSearchParams, { resource }: ResourceType) {
  const selectors = [
    labelSelector(query.get('labelSelector') ?? ''),
    fieldSelector(query.get('fieldSelector') ?? '', resource),
  ];
  const bad = selectors.find((selector): selector is BadSelector => typeof selector !== 'function');
  const isIn = ({ metadata }: KubeObject): boolean => namespace === undefined || metadata.namespace === namespace;
  return bad ?? ((object: KubeObject) => isIn(object) && (selectors as Match[]).every((matches) => matches(object)));
}

/** The page of the list that `query` asks for: `limit`, `continue`. */
function list(asked: Asked, objects: readonly KubeObject[], sees: Match, query: URLSearchParams): ApiAnswer {
  const { type, apiVersion } = asked;
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
  return jsonAnswer(200, {
    kind: `${type.kind}List`,
    apiVersion,
    metadata: { resourceVersion: newestVersion(objects), ...more, ...count },
    items: type.isCustom ? items.map((object) => typed(asked, object)) : items.map(withoutType),
  });
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
