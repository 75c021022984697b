// X.509 certificates and the secrets of Envoy's SDS that hold them. Private keys are never part of the model.
// Source: envoy/extensions/transport_sockets/tls/v3/{secret,common}.proto, RFC 5280.

import { compareText } from '#core/compare.ts';
import { isSameJson } from '#core/json.ts';
import { ownIdentity } from './by-nature.ts';
import type { CertificateUse, DirectoryName } from './certificate-use.ts';
import { type FromEnvoy, isPlainlySameContent, keyOfContent } from './content.ts';
import type { Rejection, ResourceState } from './resource.ts';

export interface Certificate {
  /** RFC 4514 order as openssl prints it: `O = Example, CN = host`. */
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string | undefined;
  /** Upper-case hexadecimal, two digits per byte, no separators. */
  readonly serial: string;
  readonly dnsNames: readonly string[];
  readonly otherNames: readonly string[];
  /** RFC 3339, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly isCa: boolean;
  /** `EC P-256`, `RSA 2048`. */
  readonly publicKey: string;
  readonly signatureAlgorithm: string;
  /** SHA-256 of the DER, upper-case hexadecimal. */
  readonly fingerprint: string;
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: string | undefined;
  /** For verifying; no part of documents. */
  readonly use: CertificateUse;
}

/** Of revoked certificates. */
export interface RevocationList {
  readonly issuer: DirectoryName;
  /** RFC 3339; undefined: it has no end. */
  readonly nextUpdate: string | undefined;
}

/** What Envoy holds under one secret name. */
export interface Secret extends FromEnvoy {
  /** `kubernetes://svc1-tls-certificate`, `default`, `ROOTCA`, `file-root:/etc/…`. */
  readonly name: string;
  readonly state: ResourceState;
  readonly kind: 'certificate' | 'ca' | 'session-tickets' | 'generic' | 'none';
  readonly lastUpdated: string | undefined;
  readonly version: string | undefined;
  readonly rejected: Rejection | undefined;
  /** Leaf first for a certificate, in the bundle's order for CAs; empty while warming. */
  readonly chain: readonly Certificate[];
  /** Why the chain cannot be read (junk, not PEM), or `file` for one that Envoy reads from disk. */
  readonly unreadable: string | undefined;
  /** Of the bundle, what Envoy does not see, and why. */
  readonly passedOver?: string;
  /** It was taken out of an anonymous snapshot: nothing is known of it. */
  readonly isWithheld?: true;
  /** Of a CA: what Envoy looks for revoked certificates in; undefined where it does not look. */
  readonly revocations?: readonly RevocationList[];
  /** Of a chain that Envoy reads from a file. */
  readonly file: string | undefined;
}

/** Whole days until `notAfter`, negative once it has passed. */
export function daysLeft(certificate: Pick<Certificate, 'notAfter'>, now: Date): number {
  return Math.floor((Date.parse(certificate.notAfter) - now.getTime()) / 86_400_000);
}

export type Validity = 'valid' | 'expired' | 'not-yet-valid';

export function validityAt(certificate: Pick<Certificate, 'notBefore' | 'notAfter'>, now: Date): Validity {
  if (now.getTime() > Date.parse(certificate.notAfter)) return 'expired';
  if (now.getTime() < Date.parse(certificate.notBefore)) return 'not-yet-valid';
  return 'valid';
}

/** RFC 6125 §6.4.3: the wildcard stands for one whole label. */
export function coversHost(pattern: string, host: string): boolean {
  const [wanted, name] = [pattern.toLowerCase(), host.toLowerCase()];
  if (!wanted.startsWith('*.')) return wanted === name;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === wanted.slice(1);
}

/** The CAs among certificates, once each. */
export const authoritiesIn = (all: readonly Certificate[]): Certificate[] =>
  [...new Map(all.map((one) => [one.fingerprint, one])).values()].filter(({ isCa }) => isCa);

const soonMs = 14 * 86_400_000;

/**
 * Within 14 days; a certificate that lives for a day only is renewed at two thirds of its life, and late after that.
 */
export function isEndingSoon(certificate: Pick<Certificate, 'notBefore' | 'notAfter'>, now: Date): boolean {
  const end = Date.parse(certificate.notAfter);
  const left = end - now.getTime();
  return left < soonMs && left < (end - Date.parse(certificate.notBefore)) / 3;
}

/** One line of `secrets`: a secret and the hosts whose TLS it ends. */
export interface SecretRow {
  readonly secret: Secret;
  /**
   * Server names of the filter chains that use it, sorted; `*` for a chain that takes every name. Undefined where no
   * pod could say.
   */
  readonly hosts: readonly string[] | undefined;
  /** Why what Envoy holds need not be what it serves. */
  readonly doubts?: readonly string[];
}

/** By name; of one name, those that serve before those that warm. */
export function compareSecretRows(a: SecretRow, b: SecretRow): number {
  return compareText(a.secret.name, b.secret.name) || compareText(a.secret.state, b.secret.state);
}

/** Equal for secrets of equal content that serve the same hosts, whenever and in which version they came. */
export function secretRowKey({ secret, hosts, doubts }: SecretRow): string {
  const { lastUpdated: _, version: __, chain, rejected, ...rest } = secret;
  return JSON.stringify({
    ...rest,
    content: keyOfContent('secret', secret),
    hosts,
    isDoubtful: doubts !== undefined,
    rejected: rejected?.details,
    chain: chain.map(({ fingerprint }) => fingerprint),
  });
}

/** True where the keys of both are plainly equal: what a secret holds comes of its content alone. */
export const isPlainlySameSecretRow = (a: SecretRow, b: SecretRow): boolean =>
  a.secret.name === b.secret.name &&
  a.secret.state === b.secret.state &&
  a.secret.rejected?.details === b.secret.rejected?.details &&
  isPlainlySameContent('secret', a.secret, b.secret) &&
  (a.doubts === undefined) === (b.doubts === undefined) &&
  isSameJson(a.hosts, b.hosts);

/** The pod's own workload certificate: no two pods have the same, and none of them is wrong for that. */
export const isOwnIdentity = (secret: Pick<Secret, 'name'>): boolean => secret.name === ownIdentity;

/** As it is compared: tools write it with colons, in small letters, with zeros in front. */
export const plainSerial = (serial: string): string =>
  serial
    .replaceAll(':', '')
    .toUpperCase()
    .replace(/^0+(?=.)/, '');
