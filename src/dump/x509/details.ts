// A certificate in full, for `certs --text`. node:crypto reads certificates and prints none of them; a package that
// does (@peculiar/x509: 340 kB, 30 ms of start) prints another text than openssl's, which runbooks and people grep in.
// Taken from the DER, after OpenSSL (in node:crypto) has accepted it. Source: RFC 5280 §4.1.

import { X509Certificate } from 'node:crypto';
import type { CertificateDetails, KeyPart, PublicKeyDetails } from '#model/certificate-details.ts';
import { type DerValue, derTag, derValues } from './der.ts';
import { describeExtension } from './extensions.ts';
import { describeName } from './name.ts';
import { algorithmNames, dottedId, idName } from './object-id.ts';
import { describeCurve, describeDsa, describePss, describePssKey } from './parameters.ts';

/** `pem`: one block. Throws what node:crypto throws for what is no certificate. */
export function readCertificateDetails(pem: string): CertificateDetails {
  const x509 = new X509Certificate(pem);
  const [certificate] = derValues(x509.raw);
  const [toBeSigned, algorithm, signature] = derValues(content(certificate));
  const fields = derValues(content(toBeSigned));
  const [version] = fields[0]?.tag === versionTag ? derValues(fields[0].content) : [];
  const [serial, , issuer, , subject, key] = version ? fields.slice(1) : fields;
  return {
    version: (version?.content[0] ?? 0) + 1,
    serial: content(serial).toString('hex'),
    signatureAlgorithm: algorithmName(algorithm),
    signatureParameters: algorithmName(algorithm) === 'rsassaPss' ? describePss(parametersOf(algorithm)) : [],
    issuer: describeName(content(issuer)),
    subject: describeName(content(subject)),
    notBefore: x509.validFrom,
    notAfter: x509.validTo,
    publicKey: readPublicKey(x509, key),
    extensions: extensionsOf(fields),
    signature: bitsOf(signature),
    signatureParts: /^dsa/.test(algorithmName(algorithm)) ? signatureParts(bitsOf(signature)) : [],
  };
}

/** RFC 3279 §2.2.2: a SEQUENCE of r and s. */
function signatureParts(bits: Buffer): KeyPart[] {
  const [r, s] = derValues(content(derValues(bits)[0]));
  return r && s
    ? [
        { title: 'r:', bytes: r.content },
        { title: 's:', bytes: s.content },
      ]
    : [];
}

const versionTag = 0xa0;

const content = (value: DerValue | undefined): Buffer => value?.content ?? Buffer.alloc(0);

const algorithmName = (identifier: DerValue | undefined): string =>
  idName(dottedId(content(derValues(content(identifier))[0])), algorithmNames);

/** Of a BIT STRING: its first byte counts the unused bits. */
const bitsOf = (value: DerValue | undefined): Buffer => content(value).subarray(1);

function extensionsOf(fields: readonly DerValue[]): CertificateDetails['extensions'] {
  const wrapper = fields.find(({ tag }) => tag === derTag.extensions);
  const [list] = derValues(content(wrapper));
  return derValues(content(list)).map((extension) => describeExtension(extension.content));
}

function readPublicKey(x509: X509Certificate, key: DerValue | undefined): PublicKeyDetails {
  const [identifier, value] = derValues(content(key));
  const algorithm = algorithmName(identifier);
  const bits = bitsOf(value);
  const known = { algorithm, bits: undefined, key: bits, exponent: undefined, curve: undefined, parts: [] };
  const parameters = parametersOf(identifier);
  switch (algorithm) {
    case 'rsaEncryption':
      return { ...known, ...readRsa(bits) };
    case 'rsassaPss':
      return { ...known, ...readRsa(bits), parts: describePssKey(parameters) };
    case 'id-ecPublicKey':
      return { ...known, ...(parameters?.tag === derTag.sequence ? describeCurve(parameters) : readCurve(x509)) };
    case 'dsaEncryption':
      return { ...known, ...describeDsa(parameters), key: content(derValues(bits)[0]) };
    default:
      return known;
  }
}

const parametersOf = (identifier: DerValue | undefined): DerValue | undefined => derValues(content(identifier))[1];

function readRsa(bits: Buffer): Partial<PublicKeyDetails> {
  const [modulus, exponent] = derValues(content(derValues(bits)[0]));
  const key = content(modulus);
  const significant = key.toString('hex').replace(/^0+/, '');
  const length = significant.length * 4 - (Math.clz32(Number.parseInt(significant[0] ?? '0', 16)) - 28);
  return { key, bits: length, exponent: Number(`0x${content(exponent).toString('hex')}`) };
}

/** Where the order of the base point has another length than the name says. */
const curveBits: Readonly<Record<string, number>> = {
  secp160k1: 161,
  secp160r1: 161,
  secp160r2: 161,
  secp224k1: 225,
  sect233k1: 232,
  sect239k1: 238,
  sect283k1: 281,
  sect283r1: 282,
  sect409k1: 407,
  sect571k1: 570,
  sect571r1: 570,
};

const bitsOfCurve = (name: string): number | undefined =>
  curveBits[name] ?? (Number(/\d{3}/.exec(name)?.[0] ?? 0) || undefined);

function readCurve(x509: X509Certificate): Partial<PublicKeyDetails> {
  try {
    const curve = x509.publicKey.asymmetricKeyDetails?.namedCurve;
    return { curve, bits: curve === undefined ? undefined : bitsOfCurve(curve) };
  } catch {
    return {}; // a curve that OpenSSL does not have
  }
}
