// The resources that the demo's API server knows: the kinds that this tool reads, as kube-apiserver 1.37, Istio 1.31 and
// cert-manager 1.21 declare them, and namespaces, which kubectl asks for.

import { type Kind, kinds, type Resource } from '#core/kinds.ts';

export interface ResourceType extends Omit<Kind, 'right' | 'isSaved'> {
  /** Plural, as it stands in paths; the name of the list in fleet.json. */
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

/** All that the server serves; `fleet.json` may lack lists of it, which are empty. */
export const resourceTypes: readonly ResourceType[] = [namespaces, ...Object.entries(kinds).map(ofKind)];
