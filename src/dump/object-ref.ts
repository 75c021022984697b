// The Kubernetes object that istiod notes in the metadata of what it made from it:
// `/apis/networking.istio.io/v1/namespaces/NS/virtual-service/NAME`; v1alpha3 up to Istio 1.23, any kind in kebab case.
// Source: pilot/pkg/networking/util/util.go BuildConfigInfoMetadata.

import { field, type JsonObject } from '#core/json.ts';
import type { ObjectRef } from '#model/resource.ts';

/** Of a route, filter chain or cluster; undefined where istiod noted nothing. */
export function readObjectRef(resource: JsonObject): ObjectRef | undefined {
  const istio = field(field(field(resource.fields, 'metadata'), 'filter_metadata'), 'istio');
  const path = field(istio, 'config');
  const parts = typeof path === 'string' ? /\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) : null;
  if (!parts) return undefined;
  const [, namespace = '', kind = '', name = ''] = parts;
  return { kind: kindOf(kind), namespace, name };
}

const words: Readonly<Record<string, string>> = { http: 'HTTP', grpc: 'GRPC', tls: 'TLS', tcp: 'TCP', udp: 'UDP' };

const kindOf = (kebab: string): string =>
  kebab
    .split('-')
    .map((word) => words[word] ?? word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
