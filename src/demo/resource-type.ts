// The resources that the demo's API server knows, as kube-apiserver 1.37, Istio 1.31 and cert-manager 1.21 declare
// them.

export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, as it stands in paths; the name of the list in fleet.json. */
  readonly resource: string;
  readonly kind: string;
  /** As kubectl lets users type it; empty where there is none. */
  readonly shortName: string;
  readonly isNamespaced: boolean;
  /** Declared by a CustomResourceDefinition: such objects keep kind and apiVersion in lists. */
  readonly isCustom: boolean;
}

const builtIn = (group: string, resource: string, kind: string, shortName = '', isNamespaced = true): ResourceType => ({
  group,
  version: 'v1',
  resource,
  kind,
  shortName,
  isNamespaced,
  isCustom: false,
});

const custom = (group: string, resource: string, kind: string, shortName: string): ResourceType => ({
  ...builtIn(group, resource, kind, shortName),
  isCustom: true,
});

/** All that the server serves; `fleet.json` may lack lists of it, which are empty. */
export const resourceTypes: readonly ResourceType[] = [
  builtIn('', 'namespaces', 'Namespace', 'ns', false),
  builtIn('', 'nodes', 'Node', 'no', false),
  builtIn('', 'pods', 'Pod', 'po'),
  builtIn('', 'secrets', 'Secret'),
  builtIn('', 'services', 'Service', 'svc'),
  builtIn('apps', 'daemonsets', 'DaemonSet', 'ds'),
  builtIn('apps', 'deployments', 'Deployment', 'deploy'),
  builtIn('apps', 'replicasets', 'ReplicaSet', 'rs'),
  builtIn('discovery.k8s.io', 'endpointslices', 'EndpointSlice'),
  custom('cert-manager.io', 'certificates', 'Certificate', 'cert'),
  custom('networking.istio.io', 'destinationrules', 'DestinationRule', 'dr'),
  custom('networking.istio.io', 'gateways', 'Gateway', 'gw'),
  custom('networking.istio.io', 'virtualservices', 'VirtualService', 'vs'),
];

/** `v1`, `apps/v1`. */
export const apiVersionOf = ({ group, version }: Pick<ResourceType, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;
