// What is wrong with a chain of certificates itself, whoever presents it: its order, its gaps, its keys, its
// authorities' ends. Source: RFC 5246 §7.4.2 (each certificate certifies the one before it), RFC 8446 §4.4.2,
// CA/Browser Forum baseline requirements §6.1.5.

import { compareText } from '#core/compare.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import { type Certificate, isEndingSoon, validityAt } from '#model/certificate.ts';
import { pathFaults } from '#model/certificate-path.ts';
import { isSameName } from '#model/certificate-use.ts';
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
  const { linked, rest } = linkedOf(chain);
  return [
    ...duplicateProblems(chain),
    ...orderProblems(linked, rest, authorities),
    ...pathProblems(withKnown(linked, authorities)),
    ...linked.slice(1).flatMap((one) => authorityProblems(leaf, one, now)),
    ...linked.flatMap(weaknesses),
    ...signatureUseProblems(leaf),
  ];
}

const onceEach = (chain: readonly Certificate[]): Certificate[] => [
  ...new Map(chain.map((one) => [one.fingerprint, one])).values(),
];

/** Cross-signed authorities of one name and key are two certificates, and no duplicates. */
function duplicateProblems(chain: readonly Certificate[]): Problem[] {
  const doubles = [...Map.groupBy(chain, ({ fingerprint }) => fingerprint).values()].filter(({ length }) => length > 1);
  const [first] = doubles.flat();
  if (!first) return [];
  const names = listed(doubles.map((all) => all[0]?.subject || 'a certificate without a name'));
  const isTwice = doubles.every(({ length }) => length === 2);
  const root = doubles.flatMap((all) => all.slice(0, 1)).find((one) => isSelfSigned(one) && one !== chain[0]);
  const needless = root ? `, and ${root.subject} need not be there: clients that trust a root have it` : '';
  const text = `${names} ${doubles.length === 1 ? 'is' : 'are'} in the chain ${isTwice ? 'twice' : 'more than once'}${needless}`;
  return [{ code: 'chain-duplicate', severity: 'warning', text }];
}

const listed = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join('; ')} and ${names.at(-1)}` : (names[0] ?? '');

/** Asked for several times of a chain, which stands behind many hosts. */
const linkedOf = memoizeByIdentity(
  (chain: readonly Certificate[]) => chain,
  (chain) => linkedChain(onceEach(chain)),
);

/** The certificates from the leaf on, as each one's issuer follows, wherever in the bundle it stands. */
function linkedChain(chain: readonly Certificate[]): {
  readonly linked: readonly Certificate[];
  readonly rest: readonly Certificate[];
} {
  const rest = [...chain];
  const linked = rest.splice(0, 1);
  for (;;) {
    const last = linked.at(-1) as Certificate;
    const issuer = isSelfSigned(last) ? undefined : issuerIn(rest, last);
    if (!issuer) return { linked, rest };
    linked.push(...rest.splice(rest.indexOf(issuer), 1));
  }
}

/**
 * One whose key made the signature before one that only has the names of the issuer. Of cross-signed ones that which
 * ends last: clients look for a way that has not ended.
 */
function issuerIn(candidates: readonly Certificate[], of: Certificate): Certificate | undefined {
  const named = candidates.filter((one) => isIssuer(one, of));
  if (named.length < 2) return named[0];
  const signers = named.filter((one) => hasSigned(one, of));
  return signers.toSorted((a, b) => compareText(b.notAfter, a.notAfter))[0] ?? named[0];
}

/** By name and, where both have them, by key identifier: two authorities of one name are not the same. */
function isIssuer(issuer: Certificate, of: Certificate): boolean {
  if (!isSameName(issuer.use.subject, of.use.issuer)) return false;
  const [own, wanted] = [issuer.subjectKeyId, of.authorityKeyId];
  return own === undefined || wanted === undefined || own === wanted;
}

const hasSigned = (issuer: Certificate, of: Certificate): boolean => of.use.isSignedBy(issuer.use.publicKey) === true;

const isSelfSigned = (certificate: Certificate): boolean => isIssuer(certificate, certificate);

/** With the authorities that follow and are not sent: their constraints bind the chain too. */
function withKnown(linked: readonly Certificate[], authorities: readonly Certificate[]): readonly Certificate[] {
  const path = [...linked];
  for (;;) {
    const last = path.at(-1) as Certificate;
    const next = authorities.find((one) => isIssuer(one, last) && hasSigned(one, last) && !path.includes(one));
    if (!next || isSelfSigned(last)) return path;
    path.push(next);
  }
}

function pathProblems(path: readonly Certificate[]): Problem[] {
  const faults = pathFaults(path, 'openssl');
  const known = new Set(faults.map(({ kind, text }) => `${kind} ${text}`));
  const others = pathFaults(path, 'boringssl').filter(({ kind, text }) => !known.has(`${kind} ${text}`));
  return [
    ...faults.map(({ text }): Problem => ({ code: 'chain-refused', severity: 'error', text })),
    ...others.map(
      ({ text }): Problem => ({
        code: 'chain-refused',
        severity: 'warning',
        text: `${text}: so say clients that verify with BoringSSL, as Envoy does; OpenSSL takes it`,
      }),
    ),
  ];
}

/** TLS 1.3 and ECDHE sign with the leaf's key. Source: BoringSSL ssl/handshake_client.cc, ssl_cert_check_key_usage. */
function signatureUseProblems(leaf: Certificate): Problem[] {
  const { keyUsage } = leaf.use;
  if (!keyUsage?.includes('keyEncipherment') && !keyUsage?.includes('keyAgreement')) return [];
  if (keyUsage.includes('digitalSignature')) return [];
  const text =
    'the key usage of the certificate lacks digitalSignature: Envoy from 1.38 on, Chrome and others refuse it in TLS 1.3 and with ECDHE';
  return [{ code: 'key-usage', severity: 'warning', text }];
}

function orderProblems(
  linked: readonly Certificate[],
  rest: readonly Certificate[],
  authorities: readonly Certificate[],
): Problem[] {
  const own = ownBehind(linked, rest);
  if (own) {
    const text = `the chain begins with ${linked[0]?.subject}, an authority of ${own.subject} further on: the host's own certificate has to come first`;
    return [{ code: 'chain-out-of-order', severity: 'error', text }];
  }
  const last = linked.at(-1) as Certificate;
  const problems = unrelatedOf(linked, rest).map(
    (one): Problem => ({ code: 'chain-unrelated', severity: 'warning', text: whyUnrelated(one, linked) }),
  );
  const missing = missingAuthority(last, linked.length, authorities);
  return missing ? [missing, ...problems] : problems;
}

/** The certificate that the first one stands for as an authority: the chain is the wrong way round, or was put together so. */
function ownBehind([first]: readonly Certificate[], rest: readonly Certificate[]): Certificate | undefined {
  const leaves = rest.filter((one) => !rest.some((other) => other !== one && isIssuer(one, other)));
  return leaves.find((one) => {
    const { linked } = linkedChain([one, ...rest.filter((other) => other !== one), ...(first ? [first] : [])]);
    return first !== undefined && linked.includes(first) && hasSignedNext(linked, first);
  });
}

const hasSignedNext = (linked: readonly Certificate[], authority: Certificate): boolean => {
  const below = linked[linked.indexOf(authority) - 1];
  return below !== undefined && hasSigned(authority, below);
};

/** Of `rest`, what signs nothing in the chain: a cross-signed authority does, on another way to another root. */
function unrelatedOf(linked: readonly Certificate[], rest: readonly Certificate[]): readonly Certificate[] {
  const related = [...linked];
  for (const of of related)
    related.push(...rest.filter((one) => !related.includes(one) && isIssuer(one, of) && hasSigned(one, of)));
  return rest.filter((one) => !related.includes(one));
}

function whyUnrelated(one: Certificate, linked: readonly Certificate[]): string {
  const namesake = linked.find((of) => !isSelfSigned(of) && isSameName(one.use.subject, of.use.issuer));
  if (!namesake) return `${one.subject} is in the chain and signs nothing in it`;
  return `${one.subject} is in the chain and did not sign ${namesake.subject}: it has the signer's name and another key`;
}

/** Its key is thrown away. Source: cert-manager pkg/util/pki/temporarycertificate.go. */
const temporaryIssuer = 'CN = cert-manager.local';

/** A root may be left out; an authority that another one has signed may not. */
function missingAuthority(last: Certificate, length: number, authorities: readonly Certificate[]): Problem | undefined {
  if (isSelfSigned(last)) return length > 1 ? undefined : alone('is signed by itself: clients have to know it');
  if (last.issuer === temporaryIssuer) {
    const text =
      'it is a temporary certificate of cert-manager, which no client trusts: the real one is not issued yet';
    return { code: 'chain-incomplete', severity: 'error', text };
  }
  const known = authorities.find((one) => isIssuer(one, last));
  if (known && !isSelfSigned(known)) {
    return {
      code: 'chain-incomplete',
      severity: 'error',
      text: `the chain lacks ${last.issuer}, which is no root: clients that do not know it refuse the certificate`,
    };
  }
  if (known || length > 1) return undefined;
  return alone(`comes alone: clients have to know ${last.issuer}`);
}

const alone = (what: string): Problem => ({
  code: 'chain-incomplete',
  severity: 'info',
  text: `the certificate ${what}`,
});

/** Whether no order is left where what is there twice, or belongs to no path, is left out. */
export function isOutOfOrder(chain: readonly Certificate[]): boolean {
  const places = chain.entries();
  const { linked } = linkedOf(chain);
  return !linked.every(({ fingerprint }) => places.some(([, one]) => one.fingerprint === fingerprint));
}

function authorityProblems(leaf: Certificate, authority: Certificate, now: Date): Problem[] {
  const name = authority.subject;
  const end = authority.notAfter.slice(0, 10);
  if (validityAt(authority, now) === 'expired')
    return [{ code: 'expired', severity: 'error', text: `${name}, which signed it, expired on ${end}` }];
  if (validityAt(authority, now) === 'not-yet-valid') {
    const text = `${name}, which signed it, is not valid before ${authority.notBefore}`;
    return [{ code: 'not-yet-valid', severity: 'error', text }];
  }
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
