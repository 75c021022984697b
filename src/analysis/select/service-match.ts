// Services as people name them, against the names of Envoy's clusters.

import { globMatcher } from '#core/glob.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';

/** NAME, NAME.NAMESPACE, NAMESPACE/NAME or the whole FQDN; patterns allowed. */
export function serviceMatcher(wanted: string): (cluster: string) => boolean {
  const matches = globMatcher(wanted);
  return (cluster) => namesOfService(fqdnOf(cluster)).some(matches);
}

const fqdnOf = (cluster: string): string => parseClusterName(cluster)?.fqdn ?? cluster;

function namesOfService(fqdn: string): string[] {
  const service = serviceOfFqdn(fqdn);
  return service
    ? [fqdn, service.name, `${service.name}.${service.namespace}`, `${service.namespace}/${service.name}`]
    : [fqdn];
}

/** What the owner of NAMESPACE or NAMESPACE/NAME owns. */
export interface Ownership {
  has(object: { readonly namespace: string; readonly name: string }): boolean;
  hasServiceOf(cluster: string): boolean;
}

export function ownership(wanted: string): Ownership {
  const [namespace, name] = wanted.split('/');
  const has: Ownership['has'] = (object) =>
    object.namespace === namespace && (name === undefined || object.name === name);
  return {
    has,
    hasServiceOf: (cluster) => {
      const service = serviceOfFqdn(fqdnOf(cluster));
      return service !== undefined && has(service);
    },
  };
}
