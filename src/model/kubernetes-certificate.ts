// What Kubernetes has behind a certificate that Envoy holds: the Secret that istiod reads, and the cert-manager
// Certificate that fills it.

import { type Certificate, coversHost, type Secret } from './certificate.ts';
import type { SecretRef } from './secret-name.ts';

export interface SecretContent {
  /** Leaf first. */
  readonly chain: readonly Certificate[];
  /** Why the chain cannot be read. */
  readonly unreadable: string | undefined;
  /** Its certificates were taken out of an anonymous snapshot. */
  readonly isWithheld?: true;
  /** Why Envoy cannot use the key with the chain; undefined where it fits, or cannot be compared. */
  readonly keyProblem: string | undefined;
  /** `ca.crt`. */
  readonly authorities: readonly Certificate[];
  /** The last write, RFC 3339. */
  readonly changedAt: string | undefined;
  /** Of the cert-manager Certificate that wrote it. */
  readonly certificateName: string | undefined;
}

export interface CertManagerCertificate {
  readonly namespace: string;
  readonly name: string;
  readonly secretName: string;
  /** What it asks for. */
  readonly dnsNames: readonly string[];
  readonly commonName: string | undefined;
  readonly isReady: boolean;
  /** Of the condition Ready: `Expired`, `DoesNotExist`, `Issuing`… */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** When it became ready, or stopped being so: RFC 3339. */
  readonly since: string | undefined;
  readonly notAfter: string | undefined;
  readonly renewalTime: string | undefined;
  /** Since when an issuance has been going on, RFC 3339; empty where that is not said. */
  readonly issuingSince?: string;
  /** The last attempt to issue it, which failed; it is tried again. */
  readonly failure?: IssuanceFailure;
  /** It has been changed, and cert-manager has not said since whether it is ready. */
  readonly isOutdated?: true;
  /** It is not applied yet. */
  readonly isGiven?: true;
}

export interface IssuanceFailure {
  /** RFC 3339. */
  readonly at: string | undefined;
  /** One after the other. */
  readonly attempts: number;
  /** `Failed`, `Denied`… and what the issuer said; undefined while it is tried again. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

export interface SecretBehind extends SecretRef {
  /** Undefined where there is no such Secret. */
  readonly content: SecretContent | undefined;
}

export interface KubernetesCertificate extends SecretBehind {
  readonly issuedBy: CertManagerCertificate | undefined;
  /** Names of other Certificates that fill the same Secret. */
  readonly rivals?: readonly string[];
}

/** Why Envoy does not have a Secret that could be used: of an update with several, it takes none behind a bad one. */
export const notTaken = 'istiod has not delivered it, or Envoy has rejected the update that it came with';

/** How what a pod holds stands to its Secret. */
export type Comparison = 'same' | 'differs' | 'absent' | 'unreadable' | 'not-loaded' | 'withheld';

export function compareWithSecret(
  { envoySecret }: { readonly envoySecret: Secret | undefined },
  { content }: SecretBehind,
): Comparison {
  if (!content) return 'absent';
  if (content.isWithheld) return 'withheld';
  if (content.chain.length === 0 || content.unreadable !== undefined) return 'unreadable';
  if (!envoySecret || envoySecret.state === 'warming') return 'not-loaded';
  const fingerprints = (chain: readonly Certificate[]): string => chain.map(({ fingerprint }) => fingerprint).join();
  return fingerprints(envoySecret.chain) === fingerprints(content.chain) ? 'same' : 'differs';
}

/** Whether cert-manager writes what it issues into that Secret. */
export const fills = ({ namespace, secretName }: CertManagerCertificate, secret: SecretRef): boolean =>
  namespace === secret.namespace && secretName === secret.name;

/** Some issuers make a name of the common name, others do not. */
export const asksFor = ({ dnsNames, commonName }: CertManagerCertificate, host: string): boolean =>
  [...dnsNames, commonName ?? ''].some((pattern) => coversHost(pattern, host));
