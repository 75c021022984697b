// Kubernetes Secrets and cert-manager Certificates → model. Of a Secret only the certificates are kept: whether the key
// belongs to them is all that is known of it (key-problem.ts). Source: kubernetes.io/docs/concepts/configuration/secret
// (kubernetes.io/tls), istio pilot/pkg/credentials/kube/secrets.go (tls.crt, ca.crt; cert, cacert), cert-manager
// apis/certmanager/v1/types_certificate.go.

import { field } from '#core/json.ts';
import { changedAt, type KubeObject } from '#core/kube-object.ts';
import { type CertificateBundle, readBase64Certificates } from '#dump/x509/certificate.ts';
import type { Certificate } from '#model/certificate.ts';
import type { CertManagerCertificate, SecretContent } from '#model/kubernetes-certificate.ts';
import { keyProblem } from './key-problem.ts';

const chainFields = ['tls.crt', 'cert'];
const keyFields = ['tls.key', 'key'];
const caFields = ['ca.crt', 'cacert'];

export function readKubernetesSecret(secret: KubeObject): SecretContent {
  const { metadata } = secret;
  const chain = bundleIn(secret, chainFields);
  const ca = bundleIn(secret, caFields);
  return {
    chain: chain?.chain ?? [],
    unreadable: chain ? chain.unreadable : whyNoChain(secret),
    keyProblem: keyProblemOf(secret, chain?.chain ?? []),
    authorities: ca?.chain ?? [],
    changedAt: changedAt(metadata),
    certificateName: metadata.annotations?.['cert-manager.io/certificate-name'],
  };
}

function bundleIn({ data }: KubeObject, names: readonly string[]): CertificateBundle | undefined {
  for (const name of names) {
    const base64 = base64Of(field(data, name));
    if (base64 === undefined) continue;
    const bundle = readBase64Certificates(base64);
    return bundle.chain.length === 0 && privateKeyBlock.test(Buffer.from(base64, 'base64').toString('latin1'))
      ? { ...bundle, unreadable: `its ${name} holds a private key and no certificate` }
      : bundle;
  }
  return undefined;
}

/** The field that istiod takes the key from goes with that of the chain. */
function keyProblemOf({ data }: KubeObject, chain: readonly Certificate[]): string | undefined {
  const name = chainFields.findIndex((of) => base64Of(field(data, of)) !== undefined);
  const base64 = base64Of(field(data, keyFields[name] ?? ''));
  return base64 === undefined ? undefined : keyProblem(Buffer.from(base64, 'base64'), chain);
}

const privateKeyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

const base64Of = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Why there is no chain: the Secret may have certificates in fields that istiod does not read for a server. */
function whyNoChain({ data }: KubeObject): string {
  const others = Object.keys(data ?? {}).filter((name) => {
    const base64 = base64Of(field(data, name));
    return base64 !== undefined && readBase64Certificates(base64).chain.length > 0;
  });
  const lacks = `it has no ${chainFields[0]}`;
  return others.length === 0
    ? lacks
    : `${lacks}; it has certificates in ${others.sort().join(', ')}, from where istiod takes none for a server`;
}

export function readCertManagerCertificate({ metadata, spec, status }: KubeObject): CertManagerCertificate {
  const conditions = field(status, 'conditions');
  const ready = Array.isArray(conditions) ? conditions.find((one) => field(one, 'type') === 'Ready') : undefined;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    secretName: text(spec, 'secretName') ?? '',
    dnsNames: texts(spec, 'dnsNames'),
    commonName: text(spec, 'commonName'),
    isReady: field(ready, 'status') === 'True',
    reason: text(ready, 'reason'),
    message: text(ready, 'message'),
    since: text(ready, 'lastTransitionTime'),
    notAfter: text(status, 'notAfter'),
    renewalTime: text(status, 'renewalTime'),
  };
}

function texts(value: unknown, name: string): string[] {
  const found = field(value, name);
  return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : [];
}

function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
