// How long a certificate is still good, in words, for tables and documents.

import { describeSpan } from '#core/duration.ts';
import { type Certificate, daysLeft, isEndingSoon, type Validity, validityAt } from '#model/certificate.ts';
import type { Tone } from '#render/format/tone.ts';
import { describeAgo } from './describe-time.ts';

/** `59 days`, `! 9 days`, `✗ expired 3 days ago`, `✗ not before 2026-12-01T00:00:00Z`. */
export function describeCertificateValidity(
  certificate: Certificate,
  now: Date,
): { readonly text: string; readonly tone: Tone } {
  const span = describeSpan(Date.parse(certificate.notAfter) - now.getTime());
  switch (validityAt(certificate, now)) {
    case 'expired':
      return { text: `✗ expired ${describeAgo(certificate.notAfter, now)}`, tone: 'bad' };
    case 'not-yet-valid':
      return { text: `✗ not before ${certificate.notBefore}`, tone: 'bad' };
    case 'valid':
      return isEndingSoon(certificate, now) ? { text: `! ${span}`, tone: 'warning' } : { text: span, tone: 'good' };
  }
}

/** What documents have of a certificate: its validity at that time as well. */
export const certificateForJson = (certificate: Certificate, now: Date): Document => ({
  subject: certificate.subject,
  issuer: certificate.issuer,
  commonName: certificate.commonName,
  serial: certificate.serial,
  dnsNames: certificate.dnsNames,
  otherNames: certificate.otherNames,
  notBefore: certificate.notBefore,
  notAfter: certificate.notAfter,
  isCa: certificate.isCa,
  publicKey: certificate.publicKey,
  signatureAlgorithm: certificate.signatureAlgorithm,
  fingerprint: certificate.fingerprint,
  subjectKeyId: certificate.subjectKeyId,
  authorityKeyId: certificate.authorityKeyId,
  validity: validityAt(certificate, now),
  daysLeft: daysLeft(certificate, now),
});

interface Document extends Omit<Certificate, 'use'> {
  readonly validity: Validity;
  readonly daysLeft: number;
}
