// What the API server says that it has: kubectl asks before it reads anything. The older, unaggregated form, which
// every kubectl reads. Source: kubernetes/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go, APIGroupList and
// APIResourceList.

import { apiVersionOf, type ResourceType, resourceTypes } from './resource-type.ts';

/** The document at `/api`, `/apis`, `/api/v1` or `/apis/GROUP/VERSION`; undefined for every other path. */
export function discovery(pathname: string): object | undefined {
  if (pathname === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (pathname === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups() };
  const types = resourceTypes.filter((type) => pathOf(type) === pathname);
  const [first] = types;
  return (
    first && {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: apiVersionOf(first),
      resources: types.flatMap(resources),
    }
  );
}

const pathOf = (type: ResourceType): string => `${type.group === '' ? '/api' : '/apis'}/${apiVersionOf(type)}`;

function groups(): object[] {
  const named = new Map(resourceTypes.filter(({ group }) => group !== '').map((type) => [type.group, type]));
  return [...named.values()].map((type) => {
    const version = { groupVersion: apiVersionOf(type), version: type.version };
    return { name: type.group, versions: [version], preferredVersion: version };
  });
}

function resources({ resource, kind, shortName, isNamespaced }: ResourceType): object[] {
  const shortNames = shortName === '' ? [] : [shortName];
  const itself = {
    name: resource,
    singularName: kind.toLowerCase(),
    namespaced: isNamespaced,
    kind,
    verbs: ['get', 'list'],
    shortNames,
  };
  const stream = (name: string, of: string): object => ({
    name: `pods/${name}`,
    singularName: '',
    namespaced: true,
    kind: of,
    verbs: ['create', 'get'],
  });
  return resource === 'pods'
    ? [itself, stream('exec', 'PodExecOptions'), stream('portforward', 'PodPortForwardOptions')]
    : [itself];
}
