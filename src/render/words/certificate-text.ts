// A certificate as `openssl x509 -text` prints it. Source: OpenSSL 3 crypto/x509/t_x509.c, crypto/encode_decode.

import type { CertificateDetails, ExtensionDetails, KeyPart, PublicKeyDetails } from '#model/certificate-details.ts';

/** Lines without the space that OpenSSL leaves at the end of some. */
export function renderCertificateText(details: CertificateDetails): string[] {
  const {
    version,
    signatureAlgorithm,
    signatureParameters,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    signature,
    signatureParts,
  } = details;
  return [
    'Certificate:',
    '    Data:',
    `        Version: ${version} (0x${(version - 1).toString(16)})`,
    ...serialLines(details.serial),
    `        Signature Algorithm: ${signatureAlgorithm}`,
    ...signatureParameters.map((line) => `        ${line}`),
    `        Issuer: ${issuer}`,
    '        Validity',
    `            Not Before: ${notBefore}`,
    `            Not After : ${notAfter}`,
    `        Subject: ${subject}`,
    '        Subject Public Key Info:',
    ...publicKeyLines(publicKey),
    ...(extensions.length === 0 ? [] : ['        X509v3 extensions:', ...extensions.flatMap(extensionLines)]),
    `    Signature Algorithm: ${signatureAlgorithm}`,
    '    Signature Value:',
    ...signatureParameters.map((line) => `        ${line}`),
    ...(signatureParts.length > 0 ? signatureParts.flatMap((part) => partLines(part, 8)) : hexLines(signature, 18, 8)),
  ];
}

/** A number where it fits into 64 bits with its sign, else its bytes. */
function serialLines(serial: string): string[] {
  const value = BigInt.asIntN(serial.length * 4, BigInt(`0x${serial || '0'}`));
  const [sign, size] = value < 0n ? ['-', -value] : ['', value];
  if (value >= -(1n << 63n) && value < 1n << 63n)
    return [`        Serial Number: ${value} (${sign}0x${size.toString(16)})`];
  const hex = size.toString(16);
  const bytes = hex.padStart(hex.length + (hex.length % 2), '0').match(/../g) ?? [];
  return ['        Serial Number:', `            ${sign === '' ? '' : ' (Negative)'}${bytes.join(':')}`];
}

/** NIST's names of SECG's curves. */
const nistNames: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  secp224r1: 'P-224',
  prime192v1: 'P-192',
  sect163r2: 'B-163',
  sect163k1: 'K-163',
  sect233r1: 'B-233',
  sect233k1: 'K-233',
  sect283r1: 'B-283',
  sect283k1: 'K-283',
  sect409r1: 'B-409',
  sect409k1: 'K-409',
  sect571r1: 'B-571',
  sect571k1: 'K-571',
};

function publicKeyLines({ algorithm, bits, key, exponent, curve, parts }: PublicKeyDetails): string[] {
  const head = `            Public Key Algorithm: ${algorithm}`;
  const size =
    bits === undefined ? `                ${algorithm} Public-Key:` : `                Public-Key: (${bits} bit)`;
  const hex = hexLines(key, 15, 20);
  if (exponent !== undefined) {
    return [
      head,
      size,
      '                Modulus:',
      ...hex,
      `                Exponent: ${exponent} (0x${exponent.toString(16)})`,
      ...parts.flatMap((part) => partLines(part, 16)),
    ];
  }
  const nist = curve === undefined ? undefined : nistNames[curve];
  return [
    head,
    size,
    '                pub:',
    ...hex,
    ...(curve === undefined ? [] : [`                ASN1 OID: ${curve}`]),
    ...(nist === undefined ? [] : [`                NIST CURVE: ${nist}`]),
    ...parts.flatMap((part) => partLines(part, 16)),
  ];
}

function partLines(part: KeyPart, indent: number): string[] {
  const space = ' '.repeat(indent);
  return typeof part === 'string' ? [space + part] : [space + part.title, ...hexLines(part.bytes, 15, indent + 4)];
}

const extensionLines = ({ name, isCritical, lines }: ExtensionDetails): string[] => [
  `            ${name}:${isCritical ? ' critical' : ''}`,
  ...lines.map((line) => (line === '' ? '' : `                ${line}`)),
];

function hexLines(bytes: Uint8Array, perLine: number, indent: number): string[] {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const lines = Array.from({ length: Math.ceil(pairs.length / perLine) }, (_, i) =>
    pairs.slice(i * perLine, (i + 1) * perLine).join(':'),
  );
  return lines.map((line, i) => `${' '.repeat(indent)}${line}${i < lines.length - 1 ? ':' : ''}`);
}
