// A certificate as `openssl x509 -text` prints it. Source: OpenSSL 3 crypto/x509/t_x509.c, crypto/encode_decode.

import type { CertificateDetails, ExtensionDetails, PublicKeyDetails } from '#model/certificate-details.ts';

/** Lines without the space that OpenSSL leaves at the end of some. */
export function renderCertificateText(details: CertificateDetails): string[] {
  const { version, signatureAlgorithm, issuer, subject, notBefore, notAfter, publicKey, extensions, signature } =
    details;
  return [
    'Certificate:',
    '    Data:',
    `        Version: ${version} (0x${(version - 1).toString(16)})`,
    ...serialLines(details.serial),
    `        Signature Algorithm: ${signatureAlgorithm}`,
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
    ...hexLines(signature, 18, 8),
  ];
}

/** A number where it fits into 63 bits, else its bytes. */
function serialLines(serial: string): string[] {
  const value = BigInt(`0x${serial}`);
  if (serial.length <= 16 && value < 1n << 63n) return [`        Serial Number: ${value} (0x${value.toString(16)})`];
  const bytes = serial.replace(/^00(?=[89a-f])/, '').match(/../g) ?? [];
  return ['        Serial Number:', `            ${bytes.join(':')}`];
}

/** NIST's names of SECG's curves. */
const nistNames: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  secp224r1: 'P-224',
};

function publicKeyLines({ algorithm, bits, key, exponent, curve }: PublicKeyDetails): string[] {
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
  ];
}

const extensionLines = ({ name, isCritical, lines }: ExtensionDetails): string[] => [
  `            ${name}:${isCritical ? ' critical' : ''}`,
  ...lines.map((line) => `                ${line}`),
];

function hexLines(bytes: Uint8Array, perLine: number, indent: number): string[] {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const lines = Array.from({ length: Math.ceil(pairs.length / perLine) }, (_, i) =>
    pairs.slice(i * perLine, (i + 1) * perLine).join(':'),
  );
  return lines.map((line, i) => `${' '.repeat(indent)}${line}${i < lines.length - 1 ? ':' : ''}`);
}
