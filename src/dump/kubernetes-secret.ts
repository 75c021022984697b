// Kubernetes Secrets and cert-manager Certificates → model. Of a Secret only the certificates are kept: whether the key
// belongs to them is all that is known of it (key-problem.ts). Source: kubernetes.io/docs/concepts/configuration/secret
// (kubernetes.io/tls), istio pilot/pkg/credentials/kube/secrets.go (tls.crt, ca.crt; cert, cacert), cert-manager
// apis/certmanager/v1/types_certificate.go.

import { field } from '#core/json.ts';
import { changedAt, type KubeObject } from '#core/kube-object.ts';
import { type CertificateBundle, readBase64Certificates, readBase64Chain } from '#dump/x509/certificate.ts';
import type { Certificate } from '#model/certificate.ts';
import type { CertManagerCertificate, IssuanceFailure, SecretContent } from '#model/kubernetes-certificate.ts';
import { keyProblem } from './key-problem.ts';

/** As istiod looks: the first pair of which both have a value. */
const pairs = [
  ['cert', 'key'],
  ['tls.crt', 'tls.key'],
] as const;
const caFields = ['cacert', 'ca.crt'];

export function readKubernetesSecret(secret: KubeObject): SecretContent {
  const { metadata } = secret;
  const pair = pairOf(secret);
  const chain = pair && bundleIn(secret, pair[0], readBase64Chain);
  return {
    chain: chain?.chain ?? [],
    unreadable: chain ? chain.unreadable : whyNoChain(secret),
    ...(chain?.isWithheld ? { isWithheld: true } : {}),
    keyProblem: pair && keyProblemOf(secret, pair[1], chain?.chain ?? []),
    authorities: authoritiesOf(secret)?.chain ?? [],
    ...whence(metadata),
  };
}

/** Of a Secret from which istiod takes the CA of clients, or of a service. */
export function readKubernetesAuthorities(secret: KubeObject): SecretContent {
  const bundle = authoritiesOf(secret);
  return {
    chain: bundle?.chain ?? [],
    ...(bundle?.isWithheld ? { isWithheld: true } : {}),
    unreadable: bundle ? bundle.unreadable : `it has neither ${caFields.join(' nor ')}`,
    keyProblem: undefined,
    authorities: bundle?.chain ?? [],
    ...whence(secret.metadata),
  };
}

const whence = (metadata: KubeObject['metadata']): Pick<SecretContent, 'changedAt' | 'certificateName'> => ({
  changedAt: changedAt(metadata),
  certificateName: metadata.annotations?.['cert-manager.io/certificate-name'],
});

/** A key may have been taken out, and its field with it from a Secret that the API server takes with both alone. */
const pairOf = ({ data, type }: KubeObject): (typeof pairs)[number] | undefined =>
  pairs.find(
    ([chain, key]) =>
      base64Of(field(data, chain)) !== undefined &&
      (typeof field(data, key) === 'string' || (type === 'kubernetes.io/tls' && key === 'tls.key')),
  );

function authoritiesOf(secret: KubeObject): CertificateBundle | undefined {
  const name = caFields.find((one) => base64Of(field(secret.data, one)) !== undefined);
  return name === undefined ? undefined : bundleIn(secret, name, readBase64Certificates);
}

function bundleIn(
  { data }: KubeObject,
  name: string,
  read: (base64: string) => CertificateBundle,
): CertificateBundle | undefined {
  const base64 = base64Of(field(data, name));
  if (base64 === undefined) return undefined;
  const bundle = read(base64);
  return bundle.chain.length === 0 && privateKeyBlock.test(Buffer.from(base64, 'base64').toString('latin1'))
    ? { ...bundle, unreadable: `its ${name} holds a private key and no certificate` }
    : bundle;
}

function keyProblemOf({ data }: KubeObject, name: string, chain: readonly Certificate[]): string | undefined {
  const base64 = base64Of(field(data, name));
  return base64 === undefined ? undefined : keyProblem(Buffer.from(base64, 'base64'), chain);
}

const privateKeyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

const base64Of = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Why there is no chain: the Secret may have certificates in fields that istiod does not read for a server. */
function whyNoChain(secret: KubeObject): string {
  const { data } = secret;
  const alone = pairs.find(([chain]) => base64Of(field(data, chain)) !== undefined);
  if (alone)
    return (
      bundleIn(secret, alone[0], readBase64Chain)?.unreadable ??
      `it has ${alone[0]} and no ${alone[1]}, and istiod takes neither without the other`
    );
  const others = Object.keys(data ?? {}).filter((name) => {
    const base64 = base64Of(field(data, name));
    return base64 !== undefined && readBase64Certificates(base64).chain.length > 0;
  });
  const lacks = 'it has no tls.crt';
  return others.length === 0
    ? lacks
    : `${lacks}; it has certificates in ${others.sort().join(', ')}, from where istiod takes none for a server`;
}

export function readCertManagerCertificate({ metadata, spec, status }: KubeObject): CertManagerCertificate {
  const [ready, issuing] = ['Ready', 'Issuing'].map((type) => conditionOf(status, type));
  const [of, seen] = [metadata['generation'], field(ready, 'observedGeneration')];
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
    ...(field(issuing, 'status') === 'True' ? { issuingSince: text(issuing, 'lastTransitionTime') ?? '' } : {}),
    ...failureOf(status, issuing),
    ...(typeof of === 'number' && typeof seen === 'number' && seen < of ? { isOutdated: true } : {}),
  };
}

function conditionOf(status: unknown, type: string): unknown {
  const conditions = field(status, 'conditions');
  return Array.isArray(conditions) ? conditions.find((one) => field(one, 'type') === type) : undefined;
}

/** Issuing is False after an attempt that failed, with its reason, and True again for the next one. */
function failureOf(status: unknown, issuing: unknown): { readonly failure?: IssuanceFailure } {
  const attempts = field(status, 'failedIssuanceAttempts');
  const at = text(status, 'lastFailureTime');
  const hasFailed = field(issuing, 'status') === 'False';
  if (!hasFailed && at === undefined) return {};
  const failure = {
    at: at ?? text(issuing, 'lastTransitionTime'),
    attempts: typeof attempts === 'number' ? attempts : 1,
  };
  const said = hasFailed ? issuing : undefined;
  return { failure: { ...failure, reason: text(said, 'reason'), message: text(said, 'message') } };
}

function texts(value: unknown, name: string): string[] {
  const found = field(value, name);
  return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : [];
}

function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
