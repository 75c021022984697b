// Kubernetes Secrets and cert-manager Certificates → model. Of a Secret only the certificates are looked at: this file
// does not name the fields of private keys. Source: kubernetes.io/docs/concepts/configuration/secret
// (kubernetes.io/tls), istio pilot/pkg/credentials/kube/secrets.go (tls.crt, ca.crt; cert, cacert), cert-manager
// apis/certmanager/v1/types_certificate.go.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { readCertificates } from '#dump/x509/certificate.ts';
import type { CertManagerCertificate, SecretContent } from '#model/kubernetes-certificate.ts';

const chainFields = ['tls.crt', 'cert'];
const caFields = ['ca.crt', 'cacert'];

export function readKubernetesSecret(secret: KubeObject): SecretContent {
  const { metadata } = secret;
  const chain = bundleIn(secret, chainFields);
  const ca = bundleIn(secret, caFields);
  return {
    chain: chain?.chain ?? [],
    unreadable: chain ? chain.unreadable : whyNoChain(secret),
    authorities: ca?.chain ?? [],
    changedAt: changedAt(metadata),
    certificateName: metadata.annotations?.['cert-manager.io/certificate-name'],
  };
}

function bundleIn({ data }: KubeObject, names: readonly string[]): ReturnType<typeof readCertificates> | undefined {
  for (const name of names) {
    const bytes = bytesOf(field(data, name));
    if (!bytes) continue;
    const bundle = readCertificates(bytes);
    return bundle.chain.length === 0 && privateKeyBlock.test(bytes.toString('latin1'))
      ? { ...bundle, unreadable: `its ${name} holds a private key and no certificate` }
      : bundle;
  }
  return undefined;
}

const privateKeyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

const bytesOf = (value: unknown): Buffer | undefined =>
  typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64') : undefined;

/** Certificates in fields that istiod does not take a server's from. */
function whyNoChain({ data }: KubeObject): string {
  const others = Object.keys(data ?? {}).filter((name) => {
    const bytes = bytesOf(field(data, name));
    return bytes !== undefined && readCertificates(bytes).chain.length > 0;
  });
  const lacks = `it has no ${chainFields[0]}`;
  return others.length === 0
    ? lacks
    : `${lacks}; it has certificates in ${others.sort().join(', ')}, from where istiod takes none for a server`;
}

/** The last write that any manager of fields made; the creation where none is told. */
function changedAt(metadata: KubeObject['metadata']): string | undefined {
  const managed = Array.isArray(metadata['managedFields']) ? metadata['managedFields'] : [];
  const times = managed.map((one) => field(one, 'time')).filter((time) => typeof time === 'string');
  return times.sort().at(-1) ?? metadata.creationTimestamp;
}

export function readCertManagerCertificate({ metadata, spec, status }: KubeObject): CertManagerCertificate {
  const conditions = field(status, 'conditions');
  const ready = Array.isArray(conditions) ? conditions.find((one) => field(one, 'type') === 'Ready') : undefined;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    secretName: text(spec, 'secretName') ?? '',
    isReady: field(ready, 'status') === 'True',
    reason: text(ready, 'reason'),
    message: text(ready, 'message'),
    since: text(ready, 'lastTransitionTime'),
    notAfter: text(status, 'notAfter'),
    renewalTime: text(status, 'renewalTime'),
  };
}

function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
