// What is wrong with a path of certificates from a leaf to an authority, besides dates and trust. Source: RFC 5280
// §6.1; OpenSSL 3 crypto/x509/x509_vfy.c (check_extensions, check_name_constraints, internal_verify), v3_purp.c.

import type { Certificate } from './certificate.ts';
import { type CertificateUse, type GeneralName, isAuthority, isSelfIssued } from './certificate-use.ts';
import { findNameFault, type Verifier } from './name-constraints.ts';

export type PathFaultKind = 'not-a-ca' | 'path-length' | 'purpose' | 'critical' | 'names' | 'signature';

export interface PathFault {
  readonly kind: PathFaultKind;
  /** Without the certificate's name where that is the leaf. */
  readonly text: string;
}

interface Step {
  readonly at: number;
  readonly certificate: Certificate;
  readonly use: CertificateUse;
}

/** `path`: leaf first, each signed by the next. */
export function pathFaults(path: readonly Certificate[], by: Verifier): PathFault[] {
  const steps = path.map((certificate, at): Step => ({ at, certificate, use: certificate.use }));
  return [
    ...steps.flatMap((step) => ownFaults(step, by)),
    ...steps.flatMap((step) => lengthFaults(step, steps)),
    ...steps.flatMap((step) => signatureFaults(step, steps[step.at + 1])),
    ...steps.flatMap((step) => nameFaults(step, steps, by)),
  ];
}

const nameOf = ({ at, certificate }: Step): string =>
  at === 0 ? 'the certificate' : certificate.subject || 'a CA without a name';

function ownFaults(step: Step, by: Verifier): PathFault[] {
  const { at, use } = step;
  const { unknownCritical } = use;
  const critical: PathFault = {
    kind: 'critical',
    text: `${nameOf(step)} has a critical extension that clients do not know, so they refuse it: ${unknownCritical.join(', ')}`,
  };
  return [
    ...(unknownCritical.length > 0 ? [critical] : []),
    ...(at > 0 ? authorityFaults(step, by) : []),
    ...purposeFaults(step),
  ];
}

function authorityFaults(step: Step, by: Verifier): PathFault[] {
  const { use } = step;
  // BoringSSL, check_ca: without basicConstraints only a root of version 1 is a CA.
  const isRefused = by === 'boringssl' && use.version !== 1 && use.basicConstraints === undefined;
  if (isAuthority(use) && !isRefused) return [];
  return [{ kind: 'not-a-ca', text: `${nameOf(step)} signs another certificate and may not: ${whyNoAuthority(use)}` }];
}

function whyNoAuthority({ basicConstraints, keyUsage, version }: CertificateUse): string {
  if (basicConstraints && !basicConstraints.isCa) return 'it is no CA (basicConstraints)';
  if (keyUsage && !keyUsage.includes('keyCertSign')) return 'its key usage lacks keyCertSign';
  return version < 3 ? `it is of version ${version}, which has no basicConstraints` : 'it has no basicConstraints';
}

const serverAuth = '1.3.6.1.5.5.7.3.1';
/** Netscape's and Microsoft's Server Gated Crypto, which OpenSSL takes for the same. */
const serverPurposes = [serverAuth, '2.16.840.1.113730.4.1', '1.3.6.1.4.1.311.10.3.3'];
const tlsUsages = ['digitalSignature', 'keyEncipherment', 'keyAgreement'];

/** Purposes count for CAs too; `anyExtendedKeyUsage` is not one of them for OpenSSL and BoringSSL. */
function purposeFaults(step: Step): PathFault[] {
  const { at, use } = step;
  const { purposes, keyUsage } = use;
  if (purposes && !purposes.some((one) => serverPurposes.includes(one)))
    return [{ kind: 'purpose', text: `${nameOf(step)} is not for servers: its extended key usage lacks serverAuth` }];
  if (at > 0 || !keyUsage || keyUsage.some((one) => tlsUsages.includes(one))) return [];
  return [
    {
      kind: 'purpose',
      text: `${nameOf(step)} is not for TLS: its key usage is ${keyUsage.join(', ') || 'empty'}`,
    },
  ];
}

/** Self-issued CAs do not count (RFC 5280 §4.2.1.9). */
function lengthFaults(step: Step, steps: readonly Step[]): PathFault[] {
  const allowed = step.use.basicConstraints?.pathLength;
  const below = steps.slice(1, Math.max(step.at, 1)).filter(({ use }) => !isSelfIssued(use)).length;
  if (step.at === 0 || allowed === undefined || below <= allowed) return [];
  return [
    {
      kind: 'path-length',
      text: `${nameOf(step)} allows ${allowed} CAs below it (pathlen), and there ${below === 1 ? 'is 1' : `are ${below}`}`,
    },
  ];
}

function signatureFaults(step: Step, issuer: Step | undefined): PathFault[] {
  if (!issuer) return [];
  const isSigned = step.use.isSignedBy(issuer.use.publicKey);
  if (isSigned) return [];
  const text =
    isSigned === undefined
      ? `the signature of ${nameOf(step)} (${step.certificate.signatureAlgorithm}) cannot be verified by this tool's OpenSSL`
      : `${nameOf(step)} was not signed by the key of ${nameOf(issuer)}, although the names are right`;
  return [{ kind: 'signature', text }];
}

/** Each CA's constraints bind all certificates below it; self-issued CAs are exempt (RFC 5280 §6.1.3). */
function nameFaults(step: Step, steps: readonly Step[], by: Verifier): PathFault[] {
  const { at, use, certificate } = step;
  if (at > 0 && isSelfIssued(use)) return [];
  return steps.slice(at + 1).flatMap((authority): PathFault[] => {
    const constraints = authority.use.nameConstraints;
    const commonName = at === 0 ? certificate.commonName : undefined;
    const fault = constraints && findNameFault(use, constraints, commonName, by);
    if (!fault) return [];
    const reason = {
      'not-permitted': 'is not among the names that it may sign',
      excluded: 'is among the names that it may not sign',
      unsupported: 'is a name that clients cannot compare with it, so they refuse it',
    }[fault.kind];
    const text = `${nameOf(authority)} has name constraints, and ${describeName(fault.name)} of ${nameOf(step)} ${reason}`;
    return [{ kind: 'names', text }];
  });
}

function describeName({ kind, value }: GeneralName): string {
  switch (kind) {
    case 'ip':
      return value.length === 4 ? `address ${value.join('.')}` : `address ${groupsOf(value)}`;
    case 'directory':
      return 'the subject or a directory name';
    case 'other':
      return 'an alternative name';
    default:
      return value;
  }
}

const groupsOf = (bytes: readonly number[]): string =>
  Array.from({ length: bytes.length / 2 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  ).join(':');
