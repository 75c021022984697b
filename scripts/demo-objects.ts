// Objects that the recorded cluster has not got and real ones have: nodes, cert-manager's Certificates, and a node
// where the DaemonSet's pod finds no room. By hand, in the shape Kubernetes 1.37 and cert-manager 1.21 give them.

import { createHash, X509Certificate } from 'node:crypto';
import type { RecordedObject } from '#demo/recording.ts';

const fullNode = 'node3';

const uid = (name: string): string =>
  createHash('sha256')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5');

export function nodes(count: number, example: RecordedObject): RecordedObject[] {
  const creationTimestamp = example.metadata.creationTimestamp as string;
  return Array.from({ length: count }, (_, i) => `node${i}`).map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: uid(`node/${name}`),
      resourceVersion: String(300 + i),
      creationTimestamp,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/zone': `row-${'abcd'[i % 4]}`,
      },
    },
    spec: {},
    status: {
      allocatable: { cpu: name === fullNode ? '2' : '16', memory: '65536Mi', pods: '110' },
      addresses: [
        { type: 'InternalIP', address: `10.64.255.${i + 1}` },
        { type: 'Hostname', address: name },
      ],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: creationTimestamp }],
      nodeInfo: { kubeletVersion: 'v1.37.2', operatingSystem: 'linux', architecture: 'amd64' },
    },
  }));
}

/** What Istio's chart gives a gateway (manifests/charts/gateway/values.yaml). */
export function withMemoryLimit(pod: RecordedObject): RecordedObject {
  const spec = pod.spec as { readonly containers: readonly object[] };
  const containers = spec.containers.map((one) => ({ ...one, resources: { limits: { memory: '1Gi' } } }));
  return { ...pod, spec: { ...spec, containers } };
}

/**
 * The DaemonSet's controller makes the pod for its node and leaves the rest to the scheduler, which finds no cpu there.
 */
export function pendingPod(example: RecordedObject): RecordedObject {
  const name = 'istio-ingressgateway-x2v7n';
  const { resourceVersion: _, ...metadata } = example.metadata;
  const spec = JSON.parse(
    JSON.stringify(example.spec).replaceAll(/"values":\["node\d+"\]/g, `"values":["${fullNode}"]`),
  );
  delete spec.nodeName;
  const message =
    "0/4 nodes are available: 1 Insufficient cpu, 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.";
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name, uid: uid(`pod/${name}`), resourceVersion: '470' },
    spec,
    status: {
      phase: 'Pending',
      qosClass: 'BestEffort',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message,
          lastTransitionTime: metadata.creationTimestamp,
        },
      ],
    },
  };
}

export function withPendingPod(daemonset: RecordedObject): RecordedObject {
  const status = daemonset.status as Record<string, number>;
  const wanted = (status.desiredNumberScheduled ?? 0) + 1;
  return {
    ...daemonset,
    status: {
      ...status,
      desiredNumberScheduled: wanted,
      currentNumberScheduled: wanted,
      updatedNumberScheduled: wanted,
      numberUnavailable: 1,
    },
  };
}

export function certificates(secrets: readonly RecordedObject[], now: string): RecordedObject[] {
  return secrets.filter((secret) => secret.type === 'kubernetes.io/tls').map((secret) => certificate(secret, now));
}

function certificate(secret: RecordedObject, now: string): RecordedObject {
  const pem = Buffer.from((secret.data as Record<string, string>)['tls.crt'] as string, 'base64').toString();
  const leaf = new X509Certificate(pem);
  const isExpired = leaf.validToDate < new Date(now);
  const time = (date: Date): string => date.toISOString().replace('.000', '');
  const renewal = new Date(leaf.validToDate.getTime() - 10 * 86_400_000);
  const ready = isExpired
    ? { type: 'Ready', status: 'False', reason: 'Expired', message: `Certificate expired on ${time(leaf.validToDate)}` }
    : { type: 'Ready', status: 'True', reason: 'Ready', message: 'Certificate is up to date and has not expired' };
  const name = secret.metadata.name;
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { ...secret.metadata, annotations: {}, labels: {}, uid: uid(`certificate/${name}`), generation: 1 },
    spec: {
      secretName: name,
      dnsNames: (leaf.subjectAltName ?? '').split(', ').map((san) => san.replace('DNS:', '')),
      duration: '2160h0m0s',
      renewBefore: '240h0m0s',
      issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'discovery' },
    },
    status: {
      conditions: [{ ...ready, observedGeneration: 1, lastTransitionTime: secret.metadata.creationTimestamp }],
      notBefore: time(leaf.validFromDate),
      notAfter: time(leaf.validToDate),
      renewalTime: time(renewal),
      revision: 1,
    },
  };
}
