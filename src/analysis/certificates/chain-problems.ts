// What is wrong with a chain of certificates itself, whoever presents it: its order, its gaps, its keys, its
// authorities' ends. Source: RFC 5246 §7.4.2 (each certificate certifies the one before it), RFC 8446 §4.4.2,
// CA/Browser Forum baseline requirements §6.1.5.

import { type Certificate, isEndingSoon, validityAt } from '#model/certificate.ts';
import type { CertificateProblem } from '#model/host-certificate.ts';

type Problem = Omit<CertificateProblem, 'next'>;

/** `authorities`: certificates of CAs that are known from elsewhere. The leaf's own validity is not judged here. */
export function chainProblems(
  chain: readonly Certificate[],
  authorities: readonly Certificate[],
  now: Date,
): Problem[] {
  const [leaf] = chain;
  if (!leaf) return [];
  const { linked, rest } = linkedChain(chain);
  return [
    ...orderProblems(linked, rest, authorities),
    ...linked.slice(1).flatMap((one) => authorityProblems(leaf, one, now)),
    ...linked.flatMap(weaknesses),
  ];
}

/** The certificates from the leaf on, as each one's issuer follows, wherever in the bundle it stands. */
function linkedChain(chain: readonly Certificate[]): {
  readonly linked: readonly Certificate[];
  readonly rest: readonly Certificate[];
} {
  const rest = [...chain];
  const linked = rest.splice(0, 1);
  for (;;) {
    const last = linked.at(-1) as Certificate;
    const at = isSelfSigned(last) ? -1 : rest.findIndex((one) => isIssuer(one, last));
    if (at === -1) return { linked, rest };
    linked.push(...rest.splice(at, 1));
  }
}

/** By name and, where both have them, by key identifier: two authorities of one name are not the same. */
function isIssuer(issuer: Certificate, of: Certificate): boolean {
  if (issuer.subject !== of.issuer) return false;
  const [own, wanted] = [issuer.subjectKeyId, of.authorityKeyId];
  return own === undefined || wanted === undefined || own === wanted;
}

const isSelfSigned = (certificate: Certificate): boolean => isIssuer(certificate, certificate);

function orderProblems(
  linked: readonly Certificate[],
  rest: readonly Certificate[],
  authorities: readonly Certificate[],
): Problem[] {
  const last = linked.at(-1) as Certificate;
  const problems = rest.map(
    (one): Problem => ({
      code: 'chain-unrelated',
      severity: 'warning',
      text: `${one.subject} is in the chain and signs nothing in it`,
    }),
  );
  const missing = missingAuthority(last, linked.length, authorities);
  return missing ? [missing, ...problems] : problems;
}

/** A root may be left out; an authority that another one has signed may not. */
function missingAuthority(last: Certificate, length: number, authorities: readonly Certificate[]): Problem | undefined {
  if (isSelfSigned(last)) return undefined;
  const known = authorities.find((one) => isIssuer(one, last));
  if (known && !isSelfSigned(known)) {
    return {
      code: 'chain-incomplete',
      severity: 'error',
      text: `the chain lacks ${last.issuer}, which is no root: clients that do not know it refuse the certificate`,
    };
  }
  if (known || length > 1) return undefined;
  return {
    code: 'chain-incomplete',
    severity: 'info',
    text: `the certificate comes alone: clients have to know ${last.issuer}`,
  };
}

/** True where the bundle is not in the order in which TLS sends it. */
export function isOutOfOrder(chain: readonly Certificate[]): boolean {
  const { linked } = linkedChain(chain);
  return linked.some((one, index) => one !== chain[index]);
}

function authorityProblems(leaf: Certificate, authority: Certificate, now: Date): Problem[] {
  const name = authority.subject;
  const end = authority.notAfter.slice(0, 10);
  if (validityAt(authority, now) === 'expired')
    return [{ code: 'expired', severity: 'error', text: `${name}, which signed it, expired on ${end}` }];
  if (isEndingSoon(authority, now))
    return [{ code: 'expiring', severity: 'warning', text: `${name}, which signed it, ends on ${end}` }];
  if (Date.parse(authority.notAfter) >= Date.parse(leaf.notAfter)) return [];
  return [
    {
      code: 'authority-ends-first',
      severity: 'warning',
      text: `${name}, which signed it, ends on ${end}, before the certificate does`,
    },
  ];
}

const leastBits: Readonly<Record<string, number>> = { RSA: 2048, EC: 256 };

function weaknesses(certificate: Certificate): Problem[] {
  const { publicKey, signatureAlgorithm, subject } = certificate;
  const [, kind = '', bits = ''] = /^(RSA|EC)\D*(\d+)/.exec(publicKey) ?? [];
  const isWeak = kind !== '' && Number(bits) < (leastBits[kind] ?? 0);
  const isOld = /md5|sha1(?!\d)/i.test(signatureAlgorithm) && !isSelfSigned(certificate);
  return [
    ...(isWeak
      ? [{ code: 'weak-key', severity: 'warning', text: `the key of ${subject} is weak: ${publicKey}` } as const]
      : []),
    ...(isOld
      ? [
          {
            code: 'weak-signature',
            severity: 'warning',
            text: `${subject} is signed with ${signatureAlgorithm}, which clients refuse`,
          } as const,
        ]
      : []),
  ];
}
