// The resources that the API server knows: the kinds that this tool reads, as kube-apiserver 1.37, Istio 1.31 and
// cert-manager 1.21 declare them.

import { type Kind, kinds, type Resource } from '#core/kinds.ts';
import { newerEvents } from './newer-events.ts';

/** What this tool does not read, and other clients ask for. */
type Unread =
  | 'configmaps'
  | 'customresourcedefinitions'
  | 'mutatingwebhookconfigurations'
  | 'statefulsets'
  | 'validatingwebhookconfigurations';

export interface ResourceType extends Omit<Kind, 'right' | 'isSaved'> {
  /** Plural, as it stands in paths. */
  readonly resource: Resource | Unread;
  /** What this API calls a field of the objects, which another API has too. */
  readonly fieldName?: (name: string) => string;
}

const ofKind = ([resource, kind]: [string, Kind]): ResourceType => ({ ...kind, resource: resource as Resource });

const unread = (resource: Unread, kind: string, group: string, shortName = '', isNamespaced = false): ResourceType => ({
  resource,
  kind,
  group,
  versions: ['v1'],
  shortName,
  isNamespaced,
  isCustom: false,
});

/** Of these a snapshot has nothing; istioctl analyze waits for lists of them, k9s and stern ask for StatefulSets. */
export const unreadTypes: readonly ResourceType[] = [
  unread('configmaps', 'ConfigMap', '', 'cm', true),
  unread('statefulsets', 'StatefulSet', 'apps', 'sts', true),
  unread('customresourcedefinitions', 'CustomResourceDefinition', 'apiextensions.k8s.io', 'crd'),
  unread('mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', 'admissionregistration.k8s.io'),
  unread('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', 'admissionregistration.k8s.io'),
];

/** All that this tool reads. */
export const resourceTypes: readonly ResourceType[] = [...Object.entries(kinds).map(ofKind), newerEvents];

export const podType = resourceTypes.find(({ resource }) => resource === 'pods') as ResourceType;
