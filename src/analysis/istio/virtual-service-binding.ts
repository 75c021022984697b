// How VirtualServices and Gateways hang together. Source: networking/v1 virtual_service.proto; istio
// pilot/pkg/model/push_context.go.

import type { KubeObject } from '#core/kube-object.ts';
import type { ObjectRef } from '#model/resource.ts';
import { specOf as gatewaySpec, sanitizedHosts } from './gateway-merge.ts';
import { hostsForNamespace, hostsMeet } from './host-names.ts';
import { specOf } from './virtual-service.ts';

export const refOf = (kind: string, { metadata }: KubeObject): ObjectRef => ({
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

export const keyOf = ({ namespace, name }: Pick<ObjectRef, 'namespace' | 'name'>): string => `${namespace}/${name}`;

/** The Gateways that a VirtualService names, as NAMESPACE/NAME; `mesh` is none. */
export function gatewaysOf(virtualService: KubeObject): string[] {
  const namespace = virtualService.metadata.namespace ?? '';
  return (specOf(virtualService).gateways ?? [])
    .filter((name) => name !== 'mesh')
    .map((name) => gatewayKey(name, namespace));
}

/**
 * NAMESPACE/NAME of a Gateway that an object of `namespace` names, and `mesh` as it is; `NAME.NAMESPACE[.svc…]` is an old
 * spelling. Source: istio pilot/pkg/model/config.go resolveGatewayName.
 */
export function gatewayKey(name: string, namespace: string): string {
  if (name === 'mesh') return name;
  if (name.startsWith('./')) return namespace + name.slice(1);
  if (name.includes('/')) return name;
  const [own = '', other = namespace] = name.split('.');
  return `${other}/${own}`;
}

/**
 * Hosts of the VirtualService that no server of these Gateways takes. istiod tells capitals from small letters here;
 * `fold` may make them equal. Source: istio pkg/config/host/names.go Intersection.
 */
export function unboundHosts(
  virtualService: KubeObject,
  gateways: readonly KubeObject[],
  fold = (host: string): string => host,
): string[] {
  const namespace = virtualService.metadata.namespace ?? '';
  const taken = gateways.flatMap((gateway) =>
    (gatewaySpec(gateway).servers ?? []).flatMap(({ hosts = [] }) =>
      hostsForNamespace(sanitizedHosts(hosts, gateway.metadata.namespace ?? ''), namespace),
    ),
  );
  return (specOf(virtualService).hosts ?? []).filter((host) => !taken.some((one) => hostsMeet(fold(one), fold(host))));
}
