// The API server's discovery documents, which kubectl reads first. The older, unaggregated form, which every kubectl
// reads. Source: kubernetes/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go, APIGroupList and
// APIResourceList.

import { apiVersionOf, versionPath } from '#core/kinds.ts';
import type { ResourceType } from './resource-type.ts';

/** The document at `/api`, `/apis`, `/api/v1` or `/apis/GROUP/VERSION`; undefined for every other path. */
export function discovery(types: readonly ResourceType[], pathname: string): object | undefined {
  if (pathname === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (pathname === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups(types) };
  const served = types.filter((type) => pathsOf(type).includes(pathname));
  return served.length === 0
    ? undefined
    : {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: pathname.replace(/^\/apis?\//, ''),
        resources: served.flatMap(resources),
      };
}

const pathsOf = ({ group, versions }: ResourceType): string[] => versions.map((version) => versionPath(group, version));

function groups(types: readonly ResourceType[]): object[] {
  const named = new Map(types.filter(({ group }) => group !== '').map((type) => [type.group, type]));
  return [...named.values()].map(({ group, versions }) => {
    const all = versions.map((version) => ({ groupVersion: apiVersionOf(group, version), version }));
    return { name: group, versions: all, preferredVersion: all[0] };
  });
}

/** Of `kubectl get all`. */
const inAll: ReadonlySet<string> = new Set(['pods', 'services', 'daemonsets', 'deployments', 'replicasets']);

function resources({ resource, kind, shortName = '', isNamespaced }: ResourceType): object[] {
  const shortNames = shortName === '' ? [] : [shortName];
  const itself = {
    name: resource,
    singularName: kind.toLowerCase(),
    namespaced: isNamespaced,
    kind,
    verbs: ['get', 'list', 'watch'],
    shortNames,
    ...(inAll.has(resource) && { categories: ['all'] }),
  };
  const stream = (name: string, of: string): object => ({
    name: `pods/${name}`,
    singularName: '',
    namespaced: true,
    kind: of,
    verbs: ['create', 'get'],
  });
  return resource === 'pods'
    ? [itself, stream('exec', 'PodExecOptions'), stream('log', 'Pod'), stream('portforward', 'PodPortForwardOptions')]
    : [itself];
}
