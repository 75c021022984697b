// Whether a chain leads to an authority, by signatures and dates, as a TLS client finds out. Names are not looked at.
// Source: RFC 5280 §6.1, OpenSSL crypto/x509/x509_vfy.c; Envoy verifies by BoringSSL's, which does the same.

import { X509Certificate } from 'node:crypto';
import { oneLine } from './certificate.ts';

/** Why the chain (DER, leaf first) does not verify by these authorities (PEM); undefined where it does. */
export function whyUntrusted(
  chain: readonly Uint8Array[],
  authorities: readonly string[],
  now: Date,
): string | undefined {
  const [leaf, ...others] = chain.map((der) => new X509Certificate(der));
  if (!leaf) return 'it presents no certificate';
  const trusted = authorities.map((pem) => new X509Certificate(pem));
  let last = leaf;
  const left = [...others];
  for (;;) {
    const late = whyNotNow(last, now);
    if (late) return late;
    const authority = trusted.find((one) => one.fingerprint256 === last.fingerprint256 || hasSigned(one, last));
    if (authority) return whyNotNow(authority, now);
    const next = left.findIndex((one) => one.ca && hasSigned(one, last));
    if (next === -1) return `it is signed by ${oneLine(last.issuer)}, which is not among the CAs`;
    [last] = left.splice(next, 1) as [X509Certificate];
  }
}

const hasSigned = (issuer: X509Certificate, certificate: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

function whyNotNow({ validFromDate, validToDate, subject }: X509Certificate, now: Date): string | undefined {
  if (now > validToDate) return `${oneLine(subject)} expired on ${validToDate.toISOString().slice(0, 10)}`;
  return now < validFromDate
    ? `${oneLine(subject)} is not valid before ${validFromDate.toISOString().slice(0, 10)}`
    : undefined;
}
