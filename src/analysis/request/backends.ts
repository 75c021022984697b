// Which pod and node stand behind an endpoint's address, by the Service's EndpointSlices.
// Source: kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1.

import { bareHost } from '#core/host.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { serviceOfCluster } from '#model/cluster-name.ts';
import type { Backend, EndpointRow } from '#model/endpoint-row.ts';

interface SliceEndpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
  readonly nodeName?: string;
  readonly zone?: string;
  readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
}

const serviceLabel = 'kubernetes.io/service-name';
const key = (namespace: string, name: string): string => `${namespace}/${name}`;

/** Looks endpoints up in `slices`, which are all those of `namespaces`; undefined for what is in no such namespace. */
export function backendsIn(
  slices: readonly KubeObject[],
  namespaces: ReadonlySet<string>,
): (row: EndpointRow) => Backend | undefined {
  const byService = Map.groupBy(slices, ({ metadata }) =>
    key(metadata.namespace ?? '', metadata.labels?.[serviceLabel] ?? ''),
  );
  return ({ cluster, endpoint }) => {
    const service = serviceOfCluster(cluster);
    if (!endpoint || !service || !namespaces.has(service.namespace)) return undefined;
    const own = byService.get(key(service.namespace, service.name));
    // A Service without selector and slices has its endpoints from elsewhere (a ServiceEntry, another cluster).
    return own && (own.flatMap((slice) => backendIn(slice, bareHost(endpoint.address)))[0] ?? notListed);
  };
}

const notListed: Backend = { isListed: false, pod: undefined, node: undefined, zone: undefined, isReady: undefined };

function backendIn(slice: KubeObject, host: string): Backend[] {
  const endpoints = (slice['endpoints'] ?? []) as readonly SliceEndpoint[];
  return endpoints
    .filter(({ addresses = [] }) => addresses.includes(host))
    .map((endpoint) => readBackend(endpoint, slice.metadata.namespace ?? ''));
}

/** An unknown readiness is to be taken for true. */
function readBackend({ conditions, nodeName, zone, targetRef }: SliceEndpoint, namespace: string): Backend {
  const pod =
    targetRef?.kind === 'Pod' && targetRef.name !== undefined
      ? key(targetRef.namespace ?? namespace, targetRef.name)
      : undefined;
  return { isListed: true, pod, node: nodeName, zone, isReady: conditions?.ready ?? true };
}
