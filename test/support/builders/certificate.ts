// Certificates as Envoy has them: in secrets, and as what a host gets.

import type { Certificate, Secret } from '#model/certificate.ts';
import type { CertificateUse } from '#model/certificate-use.ts';
import type { HostCertificate } from '#model/host-certificate.ts';

export const certificate = (changes: Partial<Certificate> = {}): Certificate => ({
  subject: 'CN = svc1.discovery.wmnet',
  issuer: 'O = Example, CN = Example Intermediate CA',
  commonName: 'svc1.discovery.wmnet',
  serial: '1008A7',
  dnsNames: ['svc1.discovery.wmnet'],
  otherNames: [],
  notBefore: '2026-10-24T00:00:00Z',
  notAfter: '2027-01-22T00:00:00Z',
  isCa: false,
  publicKey: 'EC P-256',
  signatureAlgorithm: 'ecdsa-with-SHA256',
  fingerprint: 'AB12',
  subjectKeyId: undefined,
  authorityKeyId: undefined,
  use: certificateUse({
    subject: [changes.subject ?? 'CN = svc1.discovery.wmnet'],
    issuer: [changes.issuer ?? 'O = Example, CN = Example Intermediate CA'],
    basicConstraints: changes.isCa ? { isCa: true, pathLength: undefined } : undefined,
  }),
  ...changes,
});

/** Whose signature is right, whoever is said to have made it. */
export const certificateUse = (changes: Partial<CertificateUse> = {}): CertificateUse => ({
  version: 3,
  subject: [],
  issuer: [],
  basicConstraints: undefined,
  keyUsage: undefined,
  purposes: undefined,
  alternativeNames: [],
  subjectEmails: [],
  nameConstraints: undefined,
  unknownCritical: [],
  publicKey: Buffer.alloc(0),
  isSignedBy: () => true,
  ...changes,
});

export const secret = (changes: Partial<Secret> = {}): Secret => ({
  name: 'kubernetes://svc1-tls-certificate',
  state: 'active',
  kind: 'certificate',
  lastUpdated: '2026-11-23T12:06:22.313Z',
  version: undefined,
  rejected: undefined,
  chain: [certificate(), certificate({ isCa: true })],
  unreadable: undefined,
  file: undefined,
  ...changes,
});

const named = (subject: string, issuer: string, changes: Partial<Certificate>): Certificate =>
  certificate({
    subject: `CN = ${subject}`,
    issuer: `CN = ${issuer}`,
    fingerprint: `${subject}<${issuer}`,
    ...changes,
  });

export const root = named('root', 'root', { isCa: true, notAfter: '2036-01-01T00:00:00Z' });
export const intermediate = named('intermediate', 'root', { isCa: true, notAfter: '2031-01-01T00:00:00Z' });
export const leaf = (changes: Partial<Certificate> = {}): Certificate =>
  named('a.example', 'intermediate', { dnsNames: ['a.example'], fingerprint: JSON.stringify(changes), ...changes });

export const hostCertificate = (changes: Partial<HostCertificate> = {}): HostCertificate => ({
  host: 'a.example',
  port: 8443,
  outcome: 'certificate',
  why: undefined,
  update: undefined,
  serverName: 'a.example',
  mode: 'SIMPLE',
  gateway: { kind: 'Gateway', namespace: 'svc1', name: 'main' },
  secret: 'kubernetes://a',
  clientCa: undefined,
  waitsFor: undefined,
  passesTo: [],
  envoySecret: secret({ name: 'kubernetes://a', chain: [leaf(), intermediate] }),
  served: undefined,
  ...changes,
});
