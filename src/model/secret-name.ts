// From a name in SDS to the Kubernetes Secret behind it. Source: istio pilot/pkg/credentials/resource.go,
// pkg/model/credential.go.

export interface SecretName {
  /** Undefined: the gateway's own. */
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface SecretRef {
  readonly namespace: string;
  readonly name: string;
}

/** `own`: the gateway's namespace. */
export function secretBehind(sdsName: string, own: string): SecretRef | undefined {
  const { namespace = own, name } = readSecretName(sdsName) ?? {};
  return name === undefined ? undefined : { namespace, name };
}

/**
 * `kubernetes://[NAMESPACE/]NAME`, `kubernetes-gateway://NAMESPACE/NAME`; undefined for files, workload certificates
 * and ConfigMaps.
 */
export function readSecretName(sdsName: string): SecretName | undefined {
  const [, , path] = /^(kubernetes|kubernetes-gateway):\/\/(.+)$/.exec(sdsName) ?? [];
  if (path === undefined) return undefined;
  const [first = '', second] = path.split('/');
  // A CA of client certificates is in a Secret of its own, or in the certificate's: the name does not tell which.
  return second === undefined ? { namespace: undefined, name: first } : { namespace: first, name: second };
}
