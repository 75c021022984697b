// The REST side of the demo's API server: lists, single objects, the version and access reviews. Nothing can be
// changed. Source: kubernetes.io/docs/reference/using-api/api-concepts; paging as etcd3/store.go has it.

import { apiVersionOf } from '#core/kinds.ts';
import type { BadSelector } from '#core/label-selector.ts';
import type { ApiPath } from './api-path.ts';
import type { Faults } from './fault.ts';
import type { Fleet } from './fleet.ts';
import type { RecordedObject } from './recording.ts';
import { type ResourceType, resourceTypes } from './resource-type.ts';
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
} from './status.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: ApiPath;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** The answer to a request that names a resource and is no stream. */
export function answerRest(fleet: Fleet, request: ApiRequest, faults: Pick<Faults, 'take'>): ApiAnswer {
  const { method, path, query } = request;
  if (path.group === 'authorization.k8s.io' || path.group === 'authentication.k8s.io') return review(request, faults);
  const type = typeOf(path);
  if (!type) return isServed(path) ? unknownResource : unknownPath;
  if (path.subresource !== undefined) return subresource(type, path.subresource);
  if (method !== 'GET') return methodNotAllowed;
  const apiVersion = apiVersionOf(path.group, path.version);
  const objects = (fleet.objects[type.resource] ?? [])
    .filter((o) => path.namespace === undefined || o.metadata.namespace === path.namespace)
    .map((object) => ({ ...object, apiVersion }));
  if (path.name !== undefined) return read(type, objects, path);
  if (['true', '1'].includes(query.get('watch') ?? '')) return methodNotAllowed;
  return list({ type, apiVersion, resourceVersion: newestVersion(fleet) }, objects, query);
}

/** A cluster-wide resource is in no namespace; an object of a namespaced one is in one. */
function typeOf(path: ApiPath): ResourceType | undefined {
  return resourceTypes.find(
    (t) =>
      t.group === path.group &&
      t.versions.includes(path.version) &&
      t.resource === path.resource &&
      (t.isNamespaced ? path.namespace !== undefined || path.name === undefined : path.namespace === undefined),
  );
}

/** Groups from CustomResourceDefinitions are served resource by resource. */
const isServed = ({ group, version }: ApiPath): boolean =>
  resourceTypes.some((t) => !t.isCustom && t.group === group && t.versions.includes(version));

const subresource = ({ resource }: ResourceType, name: string): ApiAnswer =>
  resource === 'pods' && (name === 'portforward' || name === 'exec')
    ? badRequest('Upgrade request required')
    : unknownResource;

function read(type: ResourceType, objects: readonly RecordedObject[], path: ApiPath): ApiAnswer {
  const name = path.name ?? '';
  const object = objects.find((o) => o.metadata.name === name);
  return object ? jsonAnswer(200, object) : notFound(type, name);
}

const newestVersion = ({ objects }: Fleet): string =>
  String(
    Math.max(...Object.values(objects).flatMap((list) => list.map((o) => Number(o.metadata.resourceVersion ?? 0)))),
  );

interface Listed {
  readonly type: ResourceType;
  /** As the path names it. */
  readonly apiVersion: string;
  readonly resourceVersion: string;
}

/** The page of the list that `query` asks for: `labelSelector`, `fieldSelector`, `limit`, `continue`. */
function list(
  { type, apiVersion, resourceVersion }: Listed,
  objects: readonly RecordedObject[],
  query: URLSearchParams,
): ApiAnswer {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const selectors = [labelSelector(labels), fieldSelector(fields, type.resource)];
  const bad = selectors.find((selector): selector is BadSelector => typeof selector !== 'function');
  if (bad) return badRequest(bad.wrong);
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit))
    return badRequest(`strconv.ParseInt: parsing ${JSON.stringify(query.get('limit'))}: invalid syntax`);
  const selected = objects.filter((object) => (selectors as Match[]).every((matches) => matches(object)));
  const first = firstOfPage(selected, query.get('continue') ?? '');
  if (typeof first !== 'number') return first;
  const end = limit > 0 ? first + limit : selected.length;
  const items = selected.slice(first, end);
  const left = selected.length - first - items.length;
  const more = left > 0 && { continue: continueAfter(items.at(-1) as RecordedObject) };
  // The server does not know how many are left where it has to filter.
  const count = left > 0 && labels === '' && fields === '' && { remainingItemCount: left };
  return jsonAnswer(200, {
    kind: `${type.kind}List`,
    apiVersion,
    metadata: { resourceVersion, ...more, ...count },
    items: type.isCustom ? items : items.map(withoutType),
  });
}

const withoutType = ({ kind: _, apiVersion: __, ...rest }: RecordedObject): object => rest;

const keyOf = ({ metadata: { namespace = '', name } }: RecordedObject): string => `${namespace}/${name}`;

/** The token names the last object of the page before. */
const continueAfter = (object: RecordedObject): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', start: keyOf(object) })).toString('base64url');

function firstOfPage(objects: readonly RecordedObject[], token: string): number | ApiAnswer {
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

const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

/** Whoever has the token is one user, who may do everything but what faults deny. */
function review({ method, path, body }: ApiRequest, faults: Pick<Faults, 'take'>): ApiAnswer {
  const make = reviews[`${path.group}/${path.resource}`];
  if (path.version !== 'v1') return unknownPath;
  if (!make) return unknownResource;
  if (method !== 'POST') return methodNotAllowed;
  try {
    const object = JSON.parse(body) as ReviewObject;
    return jsonAnswer(201, { ...object, status: make(object, faults) });
  } catch {
    return badRequest(
      'the object provided is unrecognized (must be of type SelfSubjectAccessReview or SelfSubjectRulesReview)',
    );
  }
}

interface ReviewObject {
  readonly spec?: {
    readonly resourceAttributes?: { readonly verb?: string; readonly resource?: string; readonly subresource?: string };
  };
}

const reviews: Readonly<Record<string, (object: ReviewObject, faults: Pick<Faults, 'take'>) => object>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': ({ spec = {} }, faults) => {
    const { verb, resource = '', subresource } = spec.resourceAttributes ?? {};
    const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
    return { allowed: faults.take('review', { on: 'review', verb, resource: whole }) === undefined };
  },
  'authorization.k8s.io/selfsubjectrulesreviews': () => ({
    resourceRules: [everything],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  }),
  'authentication.k8s.io/selfsubjectreviews': () => ({
    userInfo: { username: 'demo', groups: ['system:masters', 'system:authenticated'] },
  }),
};
