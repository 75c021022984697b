// What a request to the API server is about. Source:
// kubernetes/staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.

import type { Operation } from './fault.ts';

/** `/api/v1/…` or `/apis/GROUP/VERSION/…`, then `[namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE]]`. */
export interface ApiPath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly resource: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Undefined where the path names no resource. */
export function parseApiPath(pathname: string): ApiPath | undefined {
  const segments = decoded(pathname.split('/').slice(1));
  if (!segments || segments.includes('')) return undefined;
  const [root, ...rest] = segments;
  const [group, version, ...inside] = root === 'api' ? ['', ...rest] : root === 'apis' ? rest : [];
  if (group === undefined || version === undefined) return undefined;
  // `namespaces/NS` alone is the namespace itself.
  const isNamespaced = inside[0] === 'namespaces' && inside.length > 2;
  const [resource, name, subresource, ...more] = isNamespaced ? inside.slice(2) : inside;
  if (resource === undefined || more.length > 0) return undefined;
  return { group, version, namespace: isNamespaced ? inside[1] : undefined, resource, name, subresource };
}

function decoded(segments: readonly string[]): string[] | undefined {
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const reviews = ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews'];
const streams: Readonly<Record<string, Operation>> = { portforward: 'portforward', exec: 'exec', log: 'log' };

/** The kind of request, for faults that name one. */
export function operationOf(method: string, path: ApiPath | undefined, query: URLSearchParams): Operation {
  if (!path) return 'other';
  if (path.resource === 'pods' && path.subresource !== undefined) return streams[path.subresource] ?? 'other';
  if (method === 'POST') return reviews.includes(path.resource) ? 'review' : 'other';
  if (method !== 'GET' || path.subresource !== undefined) return 'other';
  if (path.name !== undefined) return 'read';
  return ['true', '1'].includes(query.get('watch') ?? '') ? 'watch' : 'list';
}
