// What the API server writes into a Service that says nothing of it. Source: kubernetes pkg/apis/core/v1/defaults.go
// SetDefaults_Service, pkg/registry/core/service/strategy.go patchAllocatedValues.

import type { KubeObject } from '#core/kube-object.ts';

interface ServiceSpec {
  readonly type?: string;
  readonly sessionAffinity?: string;
  readonly externalIPs?: readonly string[];
  readonly ports?: readonly ServicePort[];
}

interface ServicePort {
  readonly port: number;
  readonly protocol?: string;
  readonly nodePort?: number;
}

const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort'] as const;

/** `old`: the Service that is there, which keeps its addresses and node ports. */
export function withServiceFields(service: KubeObject, old: KubeObject | undefined): KubeObject {
  const spec = (service['spec'] ?? {}) as ServiceSpec;
  const there = (old?.['spec'] ?? {}) as ServiceSpec & Readonly<Record<string, unknown>>;
  const kept = Object.fromEntries(allocated.flatMap((name) => (name in there ? [[name, there[name]] as const] : [])));
  const ports = (spec.ports ?? []).map((port) => portOf(port, there.ports ?? []));
  return { ...service, spec: { ...kept, ...defaultsOf(spec), ...spec, ...(spec.ports ? { ports } : {}) } };
}

function portOf(given: ServicePort, there: readonly ServicePort[]): ServicePort {
  const port = { protocol: 'TCP', targetPort: given.port, ...given };
  const old = there.find((one) => one.port === port.port && (one.protocol ?? 'TCP') === port.protocol);
  return old?.nodePort === undefined ? port : { nodePort: old.nodePort, ...port };
}

function defaultsOf({
  type = 'ClusterIP',
  sessionAffinity = 'None',
  externalIPs = [],
}: ServiceSpec): Readonly<Record<string, unknown>> {
  const isOpen = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0);
  return {
    type,
    sessionAffinity,
    ...(sessionAffinity === 'ClientIP' ? { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } } : {}),
    ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
    ...(isOpen ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
  };
}
