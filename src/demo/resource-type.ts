// The resources that the demo's API server knows, as kube-apiserver 1.37, Istio 1.31 and cert-manager 1.21 declare them.

export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, as it stands in paths; the name of the list in fleet.json. */
  readonly resource: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
  /** Declared by a CustomResourceDefinition: such objects keep kind and apiVersion in lists. */
  readonly isCustom: boolean;
}

const builtIn = (group: string, resource: string, kind: string, isNamespaced = true): ResourceType => ({
  group,
  version: 'v1',
  resource,
  kind,
  isNamespaced,
  isCustom: false,
});

const custom = (group: string, resource: string, kind: string): ResourceType => ({ ...builtIn(group, resource, kind), isCustom: true });

export const resourceTypes: readonly ResourceType[] = [
  builtIn('', 'nodes', 'Node', false),
  builtIn('', 'pods', 'Pod'),
  builtIn('', 'secrets', 'Secret'),
  builtIn('', 'services', 'Service'),
  builtIn('apps', 'daemonsets', 'DaemonSet'),
  builtIn('apps', 'deployments', 'Deployment'),
  builtIn('apps', 'replicasets', 'ReplicaSet'),
  builtIn('discovery.k8s.io', 'endpointslices', 'EndpointSlice'),
  custom('cert-manager.io', 'certificates', 'Certificate'),
  custom('networking.istio.io', 'destinationrules', 'DestinationRule'),
  custom('networking.istio.io', 'gateways', 'Gateway'),
  custom('networking.istio.io', 'virtualservices', 'VirtualService'),
];

export const apiVersionOf = ({ group, version }: Pick<ResourceType, 'group' | 'version'>): string => (group === '' ? version : `${group}/${version}`);
