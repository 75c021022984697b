// The pods behind a service, by its EndpointSlices, and what they present in a TLS handshake through their own
// port-forward.

import { mapBounded } from '#core/concurrency.ts';
import { field } from '#core/json.ts';
import { failureOf } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { readHandshakeChain } from '#dump/x509/certificate.ts';
import { whyUntrusted } from '#dump/x509/verify.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';
import type { UpstreamCertificate } from '#model/upstream-certificate.ts';
import type { PodTls, ServicePod, TriedService } from '#model/upstream-check.ts';

interface ServicePods {
  readonly pods: readonly ServicePod[];
  /** Why there is none. */
  readonly why: string | undefined;
}

/** Pods of one service are alike: these are enough. */
const mostPods = 5;

/**
 * Shakes hands with pods of a service as the gateway would. `authorities`: PEM. Never rejects: a pod that fails, or a
 * list that may not be read, is part of the answer.
 */
export async function tryService(
  source: Source,
  row: UpstreamCertificate,
  authorities: readonly string[],
  now: Date,
): Promise<TriedService> {
  const { pods, why } = await podsOfService(source, row.cluster);
  const serverName = serverNameOf(row);
  const tried = await mapBounded(pods.slice(0, mostPods), mostPods, async (pod) => ({
    pod,
    tls: await tryPod(source, pod, serverName, authorities, now),
  }));
  return { tried, why };
}

/**
 * The cluster's SNI; else the request's host, where the gateway sends that or no TLS at all. Then any name shows
 * whether the pod speaks TLS.
 */
function serverNameOf({ tls, hosts }: UpstreamCertificate): string | undefined {
  const host = hosts.find((one) => !one.startsWith('*'));
  if (!('sni' in tls)) return host;
  return tls.sni ?? (tls.autoSni ? host : undefined);
}

/** Of a cluster `outbound|PORT|SUBSET|SERVICE.NAMESPACE.svc…`. Never rejects for what may not be read. */
async function podsOfService(source: Source, cluster: string): Promise<ServicePods> {
  const parsed = parseClusterName(cluster);
  const service = parsed && serviceOfFqdn(parsed.fqdn);
  if (!parsed || !service) return { pods: [], why: 'it is no service of this cluster' };
  try {
    const labelSelector = `kubernetes.io/service-name=${service.name}`;
    const slices = await source.list('endpointslices', { namespace: service.namespace, labelSelector });
    const portName = slices.some((slice) => portsOf(slice).length > 1)
      ? await nameOfPort(source, service.namespace, service.name, parsed.port)
      : undefined;
    const pods = slices.flatMap((slice) => podsIn(slice, portName));
    return { pods, why: pods.length === 0 ? 'its EndpointSlices name no pods' : undefined };
  } catch (error) {
    return { pods: [], why: failureOf(error).message };
  }
}

const list = (value: unknown, name: string): readonly unknown[] => {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
};

const portsOf = (slice: KubeObject): readonly unknown[] => list(slice, 'ports');

/** Slices know ports by name only. */
async function nameOfPort(source: Source, namespace: string, name: string, port: number): Promise<unknown> {
  const service = await source.read('services', namespace, name);
  return field(
    list(service?.spec, 'ports').find((one) => field(one, 'port') === port),
    'name',
  );
}

function podsIn(slice: KubeObject, portName: unknown): ServicePod[] {
  const ports = portsOf(slice);
  const port = field(
    ports.length === 1 ? ports[0] : ports.find((one) => (field(one, 'name') ?? '') === (portName ?? '')),
    'port',
  );
  if (typeof port !== 'number') return [];
  return list(slice, 'endpoints').flatMap((endpoint) => {
    const target = field(endpoint, 'targetRef');
    const name = field(target, 'name');
    if (field(target, 'kind') !== 'Pod' || typeof name !== 'string') return [];
    return [{ namespace: String(field(target, 'namespace') ?? slice.metadata.namespace), name, port }];
  });
}

async function tryPod(
  source: Source,
  pod: ServicePod,
  serverName: string | undefined,
  authorities: readonly string[],
  now: Date,
): Promise<PodTls> {
  try {
    const shaken = await source.handshake(pod, pod.port, { serverName, alpn: ['h2', 'http/1.1'] });
    if (shaken.outcome === 'closed') return shaken;
    const chain = readHandshakeChain(shaken.chain);
    return {
      outcome: 'certificate',
      chain,
      untrusted: whyUntrusted(shaken.chain, authorities, now),
      protocol: shaken.protocol,
    };
  } catch (error) {
    return { outcome: 'failed', why: failureOf(error).message };
  }
}
