// From the port of a URL to the listener behind it: a port of the gateway's Service, a NodePort, or the listener's own.

import type { Pod } from '#core/fleet.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { andList } from '#core/phrase.ts';
import type { Entry } from '#model/explanation.ts';
import type { Listener } from '#model/listener.ts';

interface ServicePort {
  readonly service: string;
  readonly port: number;
  readonly nodePort: number | undefined;
  readonly targetPort: number;
  readonly transport: Listener['transport'];
}

/** Named ports of a pod's containers, for Services that point at them by name. */
export function containerPortsOf(pod: KubeObject): ReadonlyMap<string, number> {
  const { containers = [] } = (pod['spec'] ?? {}) as PodSpec;
  return new Map(
    containers.flatMap(({ ports = [] }) =>
      ports.flatMap(({ name, containerPort }) => (name === undefined ? [] : [[name, containerPort] as const])),
    ),
  );
}

interface PodSpec {
  readonly containers?: readonly {
    readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  }[];
}

export const hasNamedTargets = (services: readonly KubeObject[]): boolean =>
  services.some((service) => (specOf(service).ports ?? []).some(({ targetPort }) => typeof targetPort === 'string'));

/** Services whose selector picks a pod with these labels; named target ports are looked up in `containerPorts`. */
export function servicePortsFor(
  services: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
  containerPorts: ReadonlyMap<string, number>,
): ServicePort[] {
  return services
    .filter((service) => isInFront(service, labels))
    .flatMap((service) => portsOf(service, containerPorts));
}

interface ServiceSpec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly port: number;
    readonly nodePort?: number;
    readonly targetPort?: number | string;
    readonly protocol?: string;
  }[];
}

const specOf = (service: KubeObject): ServiceSpec => (service.spec ?? {}) as ServiceSpec;

/** Whether its selector picks pods with these labels. */
export function isInFront(service: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const selector = Object.entries(specOf(service).selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
}

function portsOf(service: KubeObject, containerPorts: ReadonlyMap<string, number>): ServicePort[] {
  return (specOf(service).ports ?? []).flatMap(({ port, nodePort, targetPort = port, protocol }) => {
    const target = typeof targetPort === 'number' ? targetPort : containerPorts.get(targetPort);
    const transport = protocol === 'UDP' ? protocol : undefined;
    return target === undefined
      ? []
      : [{ service: service.metadata.name, port, nodePort, targetPort: target, transport }];
  });
}

/** What istio's own charts write; used where Services may not be read. */
const usual: ReadonlyMap<number, number> = new Map([
  [80, 8080],
  [443, 8443],
]);

/** The port of a URL leads there where nothing is known of Services. */
export const isUsualPort = (port: number, listenerPort: number): boolean => usual.get(port) === listenerPort;

/** A port of TCP and UDP may lead to two; one of the other transport tells more than none. */
export function entryFor(port: number, all: readonly ServicePort[], transport?: Listener['transport']): Entry {
  const servicePorts = all.toSorted((a, b) => Number(a.transport !== transport) - Number(b.transport !== transport));
  const byPort = servicePorts.find((one) => one.port === port);
  if (byPort) return { port, listenerPort: byPort.targetPort, by: 'service port', service: byPort.service };
  const byNode = servicePorts.find((one) => one.nodePort === port);
  if (byNode) return { port, listenerPort: byNode.targetPort, by: 'node port', service: byNode.service };
  const guess = servicePorts.length === 0 ? usual.get(port) : undefined;
  if (guess !== undefined) return { port, listenerPort: guess, by: 'usual port', service: undefined };
  return { port, listenerPort: port, by: 'listener port', service: undefined };
}

/** Other Services that lead the same port to other listeners: who comes by them meets those. */
export function otherWays({ port, listenerPort, by }: Entry, all: readonly ServicePort[]): string[] {
  if (by !== 'service port') return [];
  const [own] = all.filter((one) => one.port === port && one.targetPort === listenerPort);
  return all
    .filter((one) => one.port === port && one.transport === own?.transport && one.targetPort !== listenerPort)
    .map(
      ({ service, targetPort }) =>
        `Service ${service} leads its port ${port} to listener port ${targetPort}: for clients that come by it, explain the URL with port ${targetPort}`,
    );
}

/**
 * Why clients do not get to a listener although the pods may have it: no Service in front of them leads there, and they
 * declare no such port. Undefined where one does, and where there may be another way.
 */
export function whyNotInFront(
  listenerPort: number,
  services: readonly KubeObject[],
  pod: Pick<Pod, 'labels' | 'declaredPorts'> | undefined,
): string | undefined {
  const front = services.filter((one) => pod && isInFront(one, pod.labels)).flatMap((one) => specOf(one).ports ?? []);
  const isDeclared = pod?.declaredPorts?.includes(listenerPort) ?? true;
  const leads = front.some(({ port, nodePort, targetPort }) => [port, nodePort, targetPort].includes(listenerPort));
  if (front.length === 0 || isDeclared || leads) return undefined;
  const ports = [...new Set(front.map(({ port }) => port))].sort((a, b) => a - b);
  return `no Service of the gateway has port ${listenerPort} (they have ${andList(ports.map(String))}), and its pods declare no such port: clients get there by the addresses of the pods alone`;
}

/**
 * For the ports that Gateways name, by the Services of this namespace. istio's charts call the container's port
 * `https`.
 */
export function listenerPorts(
  services: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
  namespace: string,
): (port: number) => number {
  const entries = entriesFor(services, labels, namespace);
  return (port) => entries(port).listenerPort;
}

/** The same with how it was found. */
function entriesFor(
  services: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
  namespace: string,
): (port: number) => Entry {
  const own = services.filter(({ metadata }) => metadata.namespace === namespace);
  const ports = servicePortsFor(own, labels, new Map([['https', 8443]]));
  return (port) => entryFor(port, ports);
}
