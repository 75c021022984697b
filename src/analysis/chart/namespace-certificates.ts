// The cert-manager Certificates that Wikimedia's admin_ng makes for namespaces of a cluster. Source:
// wikimedia/operations-deployment-charts, helmfile.d/admin_ng/helmfile_namespace_certs.yaml.

import type { KubeObject } from '#core/kube-object.ts';
import { boolean, list, mapOf, object, optional, type Schema, text, wrongField } from '#core/schema.ts';

export interface NamespaceValues {
  readonly namespaces?: Readonly<Record<string, NamespaceEntry | undefined>>;
}

interface NamespaceEntry {
  readonly systemNamespace?: boolean;
  readonly deployTLSCertificate?: boolean;
  readonly tlsHostnames?: readonly string[];
  readonly tlsExtraSANs?: readonly string[];
}

/** The template takes the first for the common name. */
const someTexts: Schema<readonly string[]> = (value, path) =>
  list(text)(value, path) ??
  ((value as readonly string[]).length > 0 ? undefined : wrongField(path, value, 'a list with a name in it'));

export const namespaceValues: Schema<NamespaceValues> = object<NamespaceValues>({
  namespaces: optional(
    mapOf(
      optional(
        object<NamespaceEntry>({
          systemNamespace: optional(boolean),
          deployTLSCertificate: optional(boolean),
          tlsHostnames: optional(someTexts),
          tlsExtraSANs: optional(list(text)),
        }),
      ),
    ),
  ),
});

export interface NamespaceCertificate {
  /** Whose it is. */
  readonly namespace: string;
  readonly object: KubeObject;
}

/** `environment`: of helmfile, such as `eqiad` or `staging-eqiad`. */
export const namespaceCertificates = (
  { namespaces = {} }: NamespaceValues,
  environment: string,
): NamespaceCertificate[] =>
  Object.entries(namespaces).flatMap(([namespace, entry]) =>
    hasCertificate(namespace, entry ?? {})
      ? [{ namespace, object: certificateOf(namespace, entry ?? {}, environment) }]
      : [],
  );

function hasCertificate(namespace: string, { systemNamespace, deployTLSCertificate }: NamespaceEntry): boolean {
  const isBuiltIn = namespace.startsWith('kube-') || namespace === 'default';
  return deployTLSCertificate ?? !(systemNamespace ?? isBuiltIn);
}

function certificateOf(namespace: string, entry: NamespaceEntry, environment: string): KubeObject {
  const { tlsHostnames = [namespace], tlsExtraSANs = [] } = entry;
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: namespace, namespace: 'istio-system' },
    spec: {
      commonName: `${tlsHostnames[0]}.${stagingDomain(environment) ?? 'discovery.wmnet'}`,
      secretName: `${namespace}-tls-certificate`,
      dnsNames: [
        ...tlsHostnames.flatMap((name) => domainsOf(name, environment).map((domain) => `${name}.${domain}`)),
        ...tlsExtraSANs,
      ],
      revisionHistoryLimit: 2,
      issuerRef: { name: 'discovery', group: 'cfssl-issuer.wikimedia.org', kind: 'ClusterIssuer' },
    },
  };
}

/** One host of the machine learning clusters has the names of production in staging, too. */
function domainsOf(name: string, environment: string): readonly string[] {
  const staging = stagingDomain(environment);
  const isElsewhere = environment.startsWith('ml-staging-') && name === 'inference-staging';
  return staging === undefined || isElsewhere ? ['discovery.wmnet', 'svc.codfw.wmnet', 'svc.eqiad.wmnet'] : [staging];
}

function stagingDomain(environment: string): string | undefined {
  if (environment.startsWith('staging-')) return 'k8s-staging.discovery.wmnet';
  return environment.startsWith('ml-staging-') ? 'k8s-ml-staging.discovery.wmnet' : undefined;
}
