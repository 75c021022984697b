// From the destination in a VirtualService to the name of Envoy's cluster. Source: istio
// pilot/pkg/networking/core/route/route.go GetDestinationCluster.

import type { Destination } from '#analysis/istio/virtual-service.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { parseClusterName } from '#model/cluster-name.ts';

/** The Services of the mesh. */
export interface Services {
  /** Its ports; undefined where no Service of the name is known. */
  portsOf(fqdn: string): ServicePorts | undefined;
  /** `cluster.local`. */
  readonly domain: string;
  /** There are no others, of which nothing would be known here. */
  readonly isWhole: boolean;
}

export interface ServicePorts {
  readonly ports: readonly number[];
  /** Of a Service that is only another name. */
  readonly externalName?: string | undefined;
}

/** By the objects where they may be read; what they do not have, by the clusters that a gateway pod holds. */
export function servicesOf(
  objects: readonly KubeObject[],
  clusterNames: Iterable<string>,
  { isWhole }: Pick<Services, 'isWhole'> = { isWhole: false },
): Services {
  const known = new Map<string, ServicePorts>();
  let domain = 'cluster.local';
  for (const name of clusterNames) {
    const cluster = parseClusterName(name);
    if (cluster?.direction !== 'outbound') continue;
    const { ports = [] } = known.get(cluster.fqdn) ?? {};
    if (!ports.includes(cluster.port)) known.set(cluster.fqdn, { ports: [...ports, cluster.port] });
    domain = /^[^.]+\.[^.]+\.svc\.(.+)$/.exec(cluster.fqdn)?.[1] ?? domain;
  }
  for (const object of objects) known.set(fqdnOf(object, domain), portsIn(object));
  return { portsOf: (fqdn) => known.get(fqdn), domain, isWhole };
}

/** Clusters that are left without these Services. */
export function withoutServices(clusterNames: readonly string[], gone: readonly KubeObject[]): string[] {
  const { domain } = servicesOf([], clusterNames);
  const fqdns = new Set(gone.map((service) => fqdnOf(service, domain)));
  return clusterNames.filter((name) => !fqdns.has(parseClusterName(name)?.fqdn ?? ''));
}

export const fqdnOf = ({ metadata }: KubeObject, domain: string): string =>
  `${metadata.name}.${metadata.namespace ?? ''}.svc.${domain}`;

function portsIn(service: KubeObject): ServicePorts {
  const { ports = [], externalName } = (service['spec'] ?? {}) as {
    readonly ports?: readonly { readonly port: number }[];
    readonly externalName?: string;
  };
  return { ports: ports.map(({ port }) => port), externalName };
}

export interface DestinationCluster {
  readonly cluster: string;
  /** Why istiod may take another port or host; undefined where nothing is open. */
  readonly unsure: string | undefined;
}

/** `host` is qualified. `listenPort` is the port of the Gateway's server. */
export function clusterOf(
  { host, subset = '', port }: Destination,
  services: Services,
  listenPort: number,
): DestinationCluster {
  const service = services.portsOf(host);
  const named = (number: number, unsure?: string): DestinationCluster => ({
    cluster: `outbound|${number}|${subset}|${service?.externalName || host}`,
    unsure: service?.externalName ? `${host} is another name of ${service.externalName}` : unsure,
  });
  // One without a number is port 0.
  if (port) return named(port.number ?? 0);
  if (!service)
    return named(
      listenPort,
      services.isWhole ? undefined : `the destination ${host} has no port, and its Service is not known`,
    );
  const [only, ...others] = service.ports;
  return named(only === undefined || others.length > 0 ? listenPort : only);
}
