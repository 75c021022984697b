// Which listener stands behind the port that a client, a Gateway or a URL names: by the gateway's Services, and by its
// own pods where a Service names their ports.

import { containerPortsOf, entryFor, hasNamedTargets, servicePortsFor } from '#analysis/request/entry.ts';
import type { ToolError } from '#core/error.ts';
import { failureOf } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import type { Entry } from '#model/explanation.ts';

export interface GatewayPorts {
  entryFor(port: number): Entry;
  /** Why the Services or the pod could not be read; the ports of Istio's own charts are taken then. */
  readonly failed: ToolError | undefined;
  /** The same as a line for people, with what is assumed. */
  readonly note: string | undefined;
}

/** What Istio's charts call the container's port 8443. */
const usualNames: ReadonlyMap<string, number> = new Map([['https', 8443]]);

/** Rejects for Ctrl-C and defects only. */
export async function gatewayPorts(source: Source): Promise<GatewayPorts> {
  const { namespace, pods } = await source.gateway();
  try {
    const services = await source.list('services', { namespace });
    const named = hasNamedTargets(services) ? await namedPorts(source, pods[0]) : usualNames;
    const ports = servicePortsFor(services, pods[0]?.labels ?? {}, named);
    return { entryFor: (port) => entryFor(port, ports), failed: undefined, note: undefined };
  } catch (thrown) {
    const failed = failureOf(thrown);
    return {
      entryFor: (port) => entryFor(port, []),
      failed,
      note: `cannot read the gateway's Services, so 443 is taken for 8443 and 80 for 8080: ${failed.message}`,
    };
  }
}

async function namedPorts(
  source: Source,
  pod: { readonly namespace: string; readonly name: string } | undefined,
): Promise<ReadonlyMap<string, number>> {
  const object: KubeObject | undefined = pod && (await source.read('pods', pod.namespace, pod.name));
  return object ? containerPortsOf(object) : usualNames;
}
