// Whether a chain leads to an authority, as Envoy finds out of an upstream. Hosts' names are not looked at. Source:
// RFC 5280 §6.1; Envoy source/common/tls/cert_validator/default_validator.cc (purpose `ssl_server`,
// X509_V_FLAG_PARTIAL_CHAIN: any CA that is trusted ends the chain); BoringSSL and OpenSSL crypto/x509/x509_vfy.c,
// which build the chain in the same way: CAs that are trusted come first, and a CA once chosen is not given back.

import { X509Certificate } from 'node:crypto';
import type { Certificate } from '#model/certificate.ts';
import { type PathFaultKind, pathFaults } from '#model/certificate-path.ts';
import { isAuthority, isSameName, isSelfIssued } from '#model/certificate-use.ts';
import type { Verifier } from '#model/name-constraints.ts';
import { describeCertificate, oneLine } from './certificate.ts';

export interface Untrusted {
  readonly kind: PathFaultKind | 'no-certificate' | 'unknown-issuer' | 'expired' | 'not-yet-valid';
  readonly text: string;
}

/** Why Envoy refuses the chain (DER, leaf first) by these authorities (PEM); undefined where it does not. */
export const whyUntrusted = (
  chain: readonly Uint8Array[],
  authorities: readonly string[],
  now: Date,
): string | undefined => reasonsAgainst(chain, authorities, now, 'boringssl')[0]?.text;

/** All reasons; empty where the chain verifies. */
export function reasonsAgainst(
  chain: readonly Uint8Array[],
  authorities: readonly string[],
  now: Date,
  by: Verifier,
): Untrusted[] {
  const [leaf, ...others] = chain.map((der) => new X509Certificate(der));
  if (!leaf) return [{ kind: 'no-certificate', text: 'it presents no certificate' }];
  const trusted = authorities.map((pem) => new X509Certificate(pem));
  const { path, isTrusted } = buildPath(leaf, others, trusted, now);
  const described = path.map(describeCertificate);
  const late = described.flatMap((one) => datesAgainst(one, now));
  const last = path.at(-1) as X509Certificate;
  if (isTrusted) return [...late, ...pathFaults(described, by)];
  return [
    ...late,
    { kind: 'unknown-issuer', text: `it is signed by ${oneLine(last.issuer)}, which is not among the CAs` },
  ];
}

interface Path {
  readonly path: readonly X509Certificate[];
  readonly isTrusted: boolean;
}

function buildPath(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  now: Date,
): Path {
  const path = [leaf];
  for (;;) {
    const last = path.at(-1) as X509Certificate;
    const isRoot = isSelfSigned(last);
    const authority = isRoot ? undefined : issuerAmong(trusted, path, now);
    if (authority) return { path: [...path, authority], isTrusted: true };
    const next = isRoot ? undefined : issuerAmong(others, path, now);
    if (!next) return endedPath(path, trusted);
    path.push(next);
  }
}

/** Where no issuer is left: a root, or a leaf, that is trusted itself needs none. */
function endedPath(path: readonly X509Certificate[], trusted: readonly X509Certificate[]): Path {
  const [leaf, last] = [path[0] as X509Certificate, path.at(-1) as X509Certificate];
  const isAmong = (wanted: X509Certificate): boolean => trusted.some((one) => isSame(one, wanted));
  if (isSelfSigned(last) && isAmong(last)) return { path, isTrusted: true };
  return isAmong(leaf) ? { path: [leaf], isTrusted: true } : { path, isTrusted: false };
}

const isSelfSigned = (one: X509Certificate): boolean =>
  isSelfIssued(describeCertificate(one).use) && one.checkIssued(one);

const isSame = (a: X509Certificate, b: X509Certificate): boolean => a.fingerprint256 === b.fingerprint256;

/**
 * By names and key identifiers, and by the kind of key. One that may not sign is the issuer all the same, as for
 * OpenSSL: to say so tells more than that the issuer is not known.
 */
function isIssuer(issuer: X509Certificate, of: X509Certificate): boolean {
  if (of.checkIssued(issuer)) return true;
  const [above, below] = [describeCertificate(issuer), describeCertificate(of)];
  if (isAuthority(above.use) || !isSameName(above.use.subject, below.use.issuer)) return false;
  return [undefined, above.subjectKeyId].includes(below.authorityKeyId) || above.subjectKeyId === undefined;
}

/** The first issuer that is valid now, else the one that lasted longest. */
function issuerAmong(
  candidates: readonly X509Certificate[],
  path: readonly X509Certificate[],
  now: Date,
): X509Certificate | undefined {
  const last = path.at(-1) as X509Certificate;
  const issuers = candidates.filter((one) => isIssuer(one, last) && !path.some((other) => isSame(one, other)));
  const valid = issuers.find((one) => now >= one.validFromDate && now <= one.validToDate);
  return valid ?? issuers.toSorted((a, b) => b.validToDate.getTime() - a.validToDate.getTime())[0];
}

function datesAgainst({ subject, notBefore, notAfter }: Certificate, now: Date): Untrusted[] {
  // A date that JavaScript cannot hold is empty and compares with nothing.
  if (!(now.getTime() <= Date.parse(notAfter)))
    return [{ kind: 'expired', text: `${subject} expired on ${notAfter.slice(0, 10)}` }];
  if (now.getTime() >= Date.parse(notBefore)) return [];
  return [{ kind: 'not-yet-valid', text: `${subject} is not valid before ${notBefore.slice(0, 10)}` }];
}
