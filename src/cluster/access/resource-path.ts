// The API server's paths of one kind. Source: kubernetes.io/docs/reference/using-api/api-concepts, resource URIs.

import type { PodRef } from '#core/fleet.ts';
import { kinds, type Resource, versionPath } from '#core/kinds.ts';

interface Place {
  readonly resource: Resource;
  readonly version: string;
  /** Undefined: all namespaces, or none. */
  readonly namespace: string | undefined;
  /** Undefined: the list. */
  readonly name?: string;
}

export function resourcePath({ resource, version, namespace, name }: Place): string {
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const path = `${versionPath(kinds[resource].group, version)}${scope}/${resource}`;
  return name === undefined ? path : `${path}/${encodeURIComponent(name)}`;
}

/** The list of a namespace's pods; pods have had one version since Kubernetes 1.0. */
export const podsPath = (namespace: string): string =>
  resourcePath({ resource: 'pods', version: kinds.pods.versions[0], namespace });

export const podPath = ({ namespace, name }: PodRef): string => `${podsPath(namespace)}/${encodeURIComponent(name)}`;
