// Objects of the API server, and which kinds of them are read.

/** A Kubernetes object as the API server gives it; readers take what they need from it leniently. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

export const resources = {
  pods: '/api/v1/pods',
  nodes: '/api/v1/nodes',
  services: '/api/v1/services',
  secrets: '/api/v1/secrets',
  endpointslices: '/apis/discovery.k8s.io/v1/endpointslices',
  daemonsets: '/apis/apps/v1/daemonsets',
  deployments: '/apis/apps/v1/deployments',
  replicasets: '/apis/apps/v1/replicasets',
  gateways: '/apis/networking.istio.io/v1/gateways',
  virtualservices: '/apis/networking.istio.io/v1/virtualservices',
  destinationrules: '/apis/networking.istio.io/v1/destinationrules',
  certificates: '/apis/cert-manager.io/v1/certificates',
} as const;

export type Resource = keyof typeof resources;

export interface ListOptions {
  /** All namespaces where it is not given. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}
