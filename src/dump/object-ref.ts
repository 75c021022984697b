// The Kubernetes object that istiod notes in the metadata of what it made from it:
// `/apis/networking.istio.io/v1/namespaces/NS/virtual-service/NAME`; v1alpha3 up to Istio 1.23, any kind in kebab case.
// Source: pilot/pkg/networking/util/util.go BuildConfigInfoMetadata.

import { hostOfDomain } from '#core/host.ts';
import { field, type JsonObject } from '#core/json.ts';
import { memoize } from '#core/memoize.ts';
import { isOfIngress, type ObjectRef, readIngressName, readInternalName } from '#model/resource.ts';

interface OfRoute {
  /** The route's own name. */
  readonly routeName?: string | undefined;
  /** The domains of its virtual host. */
  readonly domains?: readonly string[];
}

/** Of a route or cluster; undefined where istiod noted nothing. */
export function readObjectRef(
  resource: JsonObject,
  { routeName = '', domains = [] }: OfRoute = {},
): ObjectRef | undefined {
  const ref = readConfigPath(resource);
  if (ref?.kind === 'VirtualService' && isOfIngress(ref.name)) return ofIngress(ref, domains);
  const internal = ref && readInternalName(ref.name);
  return internal ? ofGatewayApi(ref, internal, routeName) : ref;
}

/**
 * Rules of several Ingresses for one host are one VirtualService in istiod's memory, called after the oldest of them:
 * nothing in a dump tells which of them a route is of.
 */
function ofIngress(ref: ObjectRef, domains: readonly string[]): ObjectRef {
  const name = readIngressName(ref.name, domains.map(hostOfDomain));
  if (name === undefined) return { ...ref, kind: 'Ingress, by istiod called' };
  return { kind: 'Ingress', namespace: ref.namespace, name, part: '(the oldest of this host)' };
}

type Internal = NonNullable<ReturnType<typeof readInternalName>>;

/**
 * An object that exists only in istiod's memory stands for one of the Gateway API. HTTPRoutes and GRPCRoutes have the
 * same names there: nothing in a dump tells which of them it is. Source: istio pilot/pkg/config/kube/gateway
 * convertHTTPRoute, convertGRPCRoute.
 */
function ofGatewayApi(ref: ObjectRef, internal: Internal, routeName: string): ObjectRef {
  if (ref.kind !== 'VirtualService')
    return { kind: `${ref.kind} by Gateway API policies of`, namespace: ref.namespace, name: internal.name };
  const rule = readRuleName(routeName);
  // One route: `NAME~0`; several for one host and listener are put together: `NAMESPACE~GATEWAY`.
  const [, route] = internal.part === undefined ? (/^(.+)[~-]\d+$/.exec(internal.name) ?? []) : [];
  if (rule && (route === undefined || (route === rule.name && ref.namespace === rule.namespace))) return rule;
  if (route === undefined) return { ...ref, kind: 'Gateway API route, by istiod called' };
  return {
    kind: 'Gateway API route',
    namespace: ref.namespace,
    name: route,
    ...(routeName === '' ? {} : { part: `rule ${routeName}` }),
  };
}

/**
 * `NAMESPACE.NAME.RULE` of a rule that has no name; a namespace has no dots. Source: istio
 * pilot/pkg/config/kube/gateway/conversion.go convertHTTPRoute.
 */
function readRuleName(routeName: string): ObjectRef | undefined {
  const [, namespace, name, rule] = /^([a-z0-9-]+)\.(.+)\.(\d+)$/.exec(routeName) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return { kind: 'Gateway API route', namespace, name, part: `rule ${rule}` };
}

function readConfigPath(resource: JsonObject): ObjectRef | undefined {
  const istio = field(field(field(resource.fields, 'metadata'), 'filter_metadata'), 'istio');
  const path = field(istio, 'config');
  const parts = typeof path === 'string' ? /\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) : null;
  if (!parts) return undefined;
  const [, namespace = '', kind = '', name = ''] = parts;
  return { kind: kindOf(kind), namespace, name };
}

const words: Readonly<Record<string, string>> = { http: 'HTTP', grpc: 'GRPC', tls: 'TLS', tcp: 'TCP', udp: 'UDP' };

const kindOf = memoize((kebab) =>
  kebab
    .split('-')
    .map((word) => words[word] ?? word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(''),
);
