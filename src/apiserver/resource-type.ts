// The resources that the API server knows: the kinds that this tool reads, as kube-apiserver 1.37, Istio 1.31 and
// cert-manager 1.21 declare them, and namespaces, which kubectl asks for.

import { type Kind, kinds, type Resource } from '#core/kinds.ts';

export interface ResourceType extends Omit<Kind, 'right' | 'isSaved'> {
  /** Plural, as it stands in paths. */
  readonly resource: Resource | 'namespaces';
}

const ofKind = ([resource, kind]: [string, Kind]): ResourceType => ({ ...kind, resource: resource as Resource });

const namespaces: ResourceType = {
  resource: 'namespaces',
  kind: 'Namespace',
  group: '',
  versions: ['v1'],
  shortName: 'ns',
  isNamespaced: false,
  isCustom: false,
};

/** All that may be served. */
export const resourceTypes: readonly ResourceType[] = [namespaces, ...Object.entries(kinds).map(ofKind)];

export const podType = resourceTypes.find(({ resource }) => resource === 'pods') as ResourceType;
