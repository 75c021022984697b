// VirtualServices as istiod goes by them: names in full, delegates put into their roots, the oldest first. Source: istio
// pilot/pkg/model/virtualservice_controller.go mergeVirtualServices, virtualservice.go ResolveVirtualServiceShortnames,
// push_context.go initVirtualServices, VirtualServicesForGateway.

import { delegateKey, isDelegate } from '#analysis/istio/delegates.ts';
import { exportsOf, isVisibleIn } from '#analysis/istio/export-to.ts';
import { compareAge } from '#analysis/istio/gateway-merge.ts';
import { fullHost } from '#analysis/istio/host-names.ts';
import {
  type Destination,
  type HttpRoute,
  specOf,
  type TcpRoute,
  type TlsRoute,
} from '#analysis/istio/virtual-service.ts';
import { gatewayKey, gatewaysOf, keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { ObjectRef } from '#model/resource.ts';
import { delegated } from './delegation.ts';
import type { Services } from './destinations.ts';

export interface MergedVirtualService {
  readonly ref: ObjectRef;
  readonly hosts: readonly string[];
  /** NAMESPACE/NAME. */
  readonly gateways: readonly string[];
  readonly http: readonly HttpRoute[];
  readonly tls: readonly TlsRoute[];
  readonly tcp: readonly TcpRoute[];
}

/** Those that a gateway in `namespace` is told of, in the order in which istiod takes their routes. */
export function mergeVirtualServices(
  objects: readonly KubeObject[],
  namespace: string,
  services: Services,
): MergedVirtualService[] {
  const delegates = new Map(objects.filter(isDelegate).map((one) => [keyOf(refOf('VirtualService', one)), one]));
  const roots = objects.filter((one) => !isDelegate(one)).toSorted(compareAge);
  // What is for this namespace only goes before what is for all.
  const ranks = Map.groupBy(roots, (root) => rankOf(root, namespace));
  return [0, 1, 2]
    .flatMap((rank) => ranks.get(rank) ?? [])
    .map((root) => mergeVirtualService(root, delegates, services));
}

/** 0: its own namespace alone; 1: this one among others; 2: everybody; undefined: not this namespace. */
function rankOf(root: KubeObject, namespace: string): number | undefined {
  const exports = exportsOf(root);
  if (exports.has('*')) return 2;
  if (exports.has('~') || !exports.has(namespace)) return undefined;
  return root.metadata.namespace === namespace ? 0 : 1;
}

function mergeVirtualService(
  root: KubeObject,
  delegates: ReadonlyMap<string, KubeObject>,
  services: Services,
): MergedVirtualService {
  const ref = refOf('VirtualService', root);
  const { hosts = [], tls = [], tcp = [] } = specOf(root);
  const full = <T extends TcpRoute>(routes: readonly T[]): T[] =>
    routes.map((one) => withFullNames(one, ref.namespace, services));
  return {
    ref,
    hosts: hosts.map((host) => fullHost(host, ref.namespace, services.domain)),
    gateways: gatewaysOf(root),
    http: routesIn(root, services).flatMap((http) => {
      const key = delegateKey(http, root);
      if (key === undefined) return [http];
      const delegate = delegates.get(key);
      return delegate && isVisibleIn(ref.namespace, delegate) ? delegated(http, routesIn(delegate, services)) : [];
    }),
    tls: full(tls),
    tcp: full(tcp),
  };
}

function routesIn(object: KubeObject, services: Services): HttpRoute[] {
  const namespace = object.metadata.namespace ?? '';
  const full = <T extends { readonly host: string }>(destination: T): T => ({
    ...destination,
    host: fullHost(destination.host, namespace, services.domain),
  });
  return (specOf(object).http ?? []).map((http) => ({
    ...withFullNames(http, namespace, services),
    ...(http.mirror ? { mirror: full(http.mirror) } : {}),
    ...(http.mirrors
      ? { mirrors: http.mirrors.map((one) => (one.destination ? { ...one, destination: full(one.destination) } : one)) }
      : {}),
  }));
}

interface Named {
  readonly match?: readonly { readonly gateways?: readonly string[] }[];
  readonly route?: readonly { readonly destination: Destination }[];
}

/** The gateways of its matches, and its destinations. */
const withFullNames = <T extends Named>(route: T, namespace: string, { domain }: Services): T => ({
  ...route,
  ...(route.match ? { match: route.match.map((one) => withFullGateways(one, namespace)) } : {}),
  ...(route.route
    ? {
        route: route.route.map((one) => ({
          ...one,
          destination: { ...one.destination, host: fullHost(one.destination.host, namespace, domain) },
        })),
      }
    : {}),
});

const withFullGateways = <T extends { readonly gateways?: readonly string[] }>(match: T, namespace: string): T =>
  match.gateways ? { ...match, gateways: match.gateways.map((name) => gatewayKey(name, namespace)) } : match;
