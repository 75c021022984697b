// Hosts of Gateways, VirtualServices and DestinationRules, in lower case: `*`, `*.b.c`, `a.b.c`. Source: istio
// pkg/config/host/{name,names}.go: a wildcard stands for what it ends with.

/** Whether `pattern` takes all that `host` stands for. */
export function takesHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*')) return host === pattern;
  if (!host.startsWith('*')) return host.endsWith(pattern.slice(1));
  return host.length >= pattern.length && host.slice(1).endsWith(pattern.slice(1));
}

/** Whether either is part of the other. */
export const hostsMeet = (a: string, b: string): boolean => takesHost(a, b) || takesHost(b, a);

/** Of `NAMESPACE/HOST` and `HOST` those that VirtualServices of this namespace may use, without the namespace. */
export const hostsForNamespace = (hosts: readonly string[], namespace: string): string[] =>
  hosts.flatMap((host) => {
    const [wanted, name] = host.includes('/') ? host.split('/') : ['*', host];
    return name !== undefined && (wanted === '*' || wanted === namespace) ? [name] : [];
  });

/**
 * Short names belong to the namespace of the object in which they stand. `domain`: `cluster.local`. Source: istio
 * pilot/pkg/model/config.go ResolveShortnameToFQDN.
 */
export function fullHost(host: string, namespace: string, domain: string): string {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$|:/.test(host);
  return host === '*' || host.includes('.') || isAddress ? host : `${host}.${namespace}.svc.${domain}`;
}
