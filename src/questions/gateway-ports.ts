// Which listener stands behind the port that a client, a Gateway or a URL names: by the gateway's Services, and by its
// own pods where a Service names their ports.

import {
  containerPortsOf,
  entryFor,
  hasNamedTargets,
  otherWays,
  servicePortsFor,
  whyNotInFront,
} from '#analysis/request/entry.ts';
import type { ToolError } from '#core/error.ts';
import { triedTo } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import type { Entry } from '#model/explanation.ts';
import type { Listener } from '#model/listener.ts';

export interface GatewayPorts {
  entryFor(port: number, transport?: Listener['transport']): Entry;
  /** Why clients do not get to that listener, whatever the pods have; undefined where they do, or it is not known. */
  whyNotInFront(listenerPort: number): string | undefined;
  /** What clients meet who come to the same port by another Service. */
  otherWays(entry: Entry): readonly string[];
  /** Why the Services or the pod could not be read; then the ports of Istio's own charts are assumed. */
  readonly failed: ToolError | undefined;
  /** The same as a line for people, with what is assumed. */
  readonly note: string | undefined;
}

/** What Istio's charts call the container's port 8443. */
const usualNames: ReadonlyMap<string, number> = new Map([['https', 8443]]);

/** Rejects for Ctrl-C and defects only. */
export async function gatewayPorts(source: Source): Promise<GatewayPorts> {
  const { namespace, pods } = await source.gateway();
  const services = await triedTo(source.list('services', { namespace }));
  if ('failed' in services)
    return {
      ...fromPorts(
        [],
        services.failed,
        "cannot read the gateway's Services: this tool assumes that port 443 is listener port 8443, and 80 is 8080",
      ),
      whyNotInFront: () => undefined,
    };
  const ports = await portsBehind(source, services.ok);
  return { ...ports, whyNotInFront: (listenerPort) => whyNotInFront(listenerPort, services.ok, pods[0]) };
}

type Ports = Omit<GatewayPorts, 'whyNotInFront'>;

/** The same with these Services of the gateway's namespace. */
export async function portsBehind(source: Source, services: readonly KubeObject[]): Promise<Ports> {
  const { pods } = await source.gateway();
  const [pod] = pods;
  const labels = pod?.labels ?? {};
  if (!pod || !hasNamedTargets(services)) return fromPorts(servicePortsFor(services, labels, usualNames));
  const object = await triedTo(source.read('pods', pod.namespace, pod.name));
  if ('ok' in object)
    return fromPorts(servicePortsFor(services, labels, object.ok ? containerPortsOf(object.ok) : usualNames));
  return fromPorts(
    servicePortsFor(services, labels, usualNames),
    object.failed,
    "cannot read the named ports of the gateway's pods: this tool assumes that https is 8443",
  );
}

function fromPorts(ports: ReturnType<typeof servicePortsFor>, failed?: ToolError, assumed?: string): Ports {
  return {
    entryFor: (port, transport) => entryFor(port, ports, transport),
    otherWays: (entry) => otherWays(entry, ports),
    failed,
    note: failed && `${assumed}: ${failed.message}`,
  };
}
