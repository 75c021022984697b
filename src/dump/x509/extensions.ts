// Extensions of a certificate in OpenSSL's words; of one that is not known, its bytes as far as they are text, which is
// what OpenSSL prints too. Source: RFC 5280 §4.2, RFC 7633; OpenSSL crypto/x509/v3_*.c.

import type { ExtensionDetails } from '#model/certificate-details.ts';
import { type DerValue, derTag, derValues } from './der.ts';
import { describeAddress, describeGeneralName } from './name.ts';
import { dottedId, idName, purposeNames } from './object-id.ts';

interface Kind {
  readonly name: string;
  /** From the value inside the OCTET STRING. */
  readonly describe: (value: DerValue) => readonly string[];
}

/** `7A:0B:BD`. */
const colonHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join(':')
    .toUpperCase();

const part = (values: readonly DerValue[], tag: number): Buffer | undefined =>
  values.find((value) => value.tag === tag)?.content;

const usages = [
  ...['Digital Signature', 'Non Repudiation', 'Key Encipherment', 'Data Encipherment', 'Key Agreement'],
  ...['Certificate Sign', 'CRL Sign', 'Encipher Only', 'Decipher Only'],
];

/** A BIT STRING: the first byte counts the unused bits. */
function describeKeyUsage({ content }: DerValue): string[] {
  const isSet = (bit: number): boolean => (((content[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
  return [usages.filter((_, bit) => isSet(bit)).join(', ')];
}

const describeNames = ({ content }: DerValue): string[] => [
  derValues(content).map(describeGeneralName).join(', ') || '<EMPTY>',
];

function describeBasicConstraints({ content }: DerValue): string[] {
  const values = derValues(content);
  const isCa = values.some(({ tag, content: [byte] }) => tag === derTag.boolean && byte !== 0);
  const length = part(values, derTag.integer);
  return [`CA:${isCa ? 'TRUE' : 'FALSE'}${length ? `, pathlen:${length.readUIntBE(0, length.length)}` : ''}`];
}

function describePurposes({ content }: DerValue): string[] {
  return [
    derValues(content)
      .map((id) => idName(dottedId(id.content), purposeNames))
      .join(', '),
  ];
}

function describeAuthorityKey({ content }: DerValue): string[] {
  const values = derValues(content);
  const [key, issuer, serial] = [part(values, 0x80), part(values, 0xa1), part(values, 0x82)];
  if (key && !issuer && !serial) return [colonHex(key)];
  return [
    ...(key ? [`keyid:${colonHex(key)}`] : []),
    ...(issuer ? derValues(issuer).map(describeGeneralName) : []),
    ...(serial ? [`serial:${colonHex(withoutSign(serial))}`] : []),
  ];
}

/** A positive INTEGER begins with a zero byte where its first bit would be taken for a sign. */
const withoutSign = (integer: Buffer): Buffer =>
  integer.length > 1 && integer[0] === 0 ? integer.subarray(1) : integer;

/** Each point: [0] its name, which is [0] a full name of GeneralNames. */
function describeDistributionPoints({ content }: DerValue): string[] {
  return derValues(content).flatMap((point) => {
    const name = part(derValues(point.content), 0xa0);
    const full = name && part(derValues(name), 0xa0);
    return full ? ['Full Name:', ...derValues(full).map((one) => `  ${describeGeneralName(one)}`)] : [];
  });
}

const accessMethods: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.48.1': 'OCSP',
  '1.3.6.1.5.5.7.48.2': 'CA Issuers',
};

function describeAccess({ content }: DerValue): string[] {
  return derValues(content).map((access) => {
    const [method, location] = derValues(access.content);
    const name = location ? describeGeneralName(location) : '';
    return `${idName(dottedId(method?.content ?? Buffer.alloc(0)), accessMethods)} - ${name}`;
  });
}

const qualifierNames: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.2.1': 'CPS',
  '1.3.6.1.5.5.7.2.2': 'User Notice',
};

function describePolicies({ content }: DerValue): string[] {
  return derValues(content).flatMap((policy) => {
    const [id, qualifiers] = derValues(policy.content);
    const lines = qualifiers
      ? derValues(qualifiers.content).map(({ content: qualifier }) => `  ${describeQualifier(qualifier)}`)
      : [];
    return [
      `Policy: ${idName(dottedId(id?.content ?? Buffer.alloc(0)), { '2.5.29.32.0': 'X509v3 Any Policy' })}`,
      ...lines,
    ];
  });
}

function describeQualifier(qualifier: Buffer): string {
  const [id, value] = derValues(qualifier);
  const name = idName(dottedId(id?.content ?? Buffer.alloc(0)), qualifierNames);
  return name === 'CPS' ? `CPS: ${value?.content.toString('latin1')}` : `${name}:`;
}

/** [0] permitted, [1] excluded subtrees, each with a GeneralName as its base. */
function describeNameConstraints({ content }: DerValue): string[] {
  const values = derValues(content);
  const section = (title: string, tag: number): string[] => {
    const trees = part(values, tag);
    if (!trees) return [];
    return [
      title,
      ...derValues(trees).flatMap((tree) =>
        derValues(tree.content)
          .slice(0, 1)
          .map((base) => `  ${describeBase(base)}`),
      ),
    ];
  };
  return [...section('Permitted:', 0xa0), ...section('Excluded:', 0xa1)];
}

const addressTag = 0x87;

const describeBase = (base: DerValue): string =>
  base.tag === addressTag ? `IP:${describeAddress(base.content)}` : describeGeneralName(base);

const features: Readonly<Record<number, string>> = { 5: 'status_request', 17: 'status_request_v2' };

const describeFeatures = ({ content }: DerValue): string[] => [
  derValues(content)
    .map(({ content: number }) => number.readUIntBE(0, number.length))
    .map((number) => features[number] ?? String(number))
    .join(', '),
];

const kinds: Readonly<Record<string, Kind>> = {
  '2.5.29.14': { name: 'X509v3 Subject Key Identifier', describe: ({ content }) => [colonHex(content)] },
  '2.5.29.15': { name: 'X509v3 Key Usage', describe: describeKeyUsage },
  '2.5.29.17': { name: 'X509v3 Subject Alternative Name', describe: describeNames },
  '2.5.29.18': { name: 'X509v3 Issuer Alternative Name', describe: describeNames },
  '2.5.29.19': { name: 'X509v3 Basic Constraints', describe: describeBasicConstraints },
  '2.5.29.30': { name: 'X509v3 Name Constraints', describe: describeNameConstraints },
  '2.5.29.31': { name: 'X509v3 CRL Distribution Points', describe: describeDistributionPoints },
  '2.5.29.32': { name: 'X509v3 Certificate Policies', describe: describePolicies },
  '2.5.29.35': { name: 'X509v3 Authority Key Identifier', describe: describeAuthorityKey },
  '2.5.29.37': { name: 'X509v3 Extended Key Usage', describe: describePurposes },
  '1.3.6.1.5.5.7.1.1': { name: 'Authority Information Access', describe: describeAccess },
  '1.3.6.1.5.5.7.1.24': { name: 'TLS Feature', describe: describeFeatures },
};

/** `extension`: the content of one Extension. */
export function describeExtension(extension: Buffer): ExtensionDetails {
  const parts = derValues(extension);
  const id = dottedId(parts[0]?.content ?? Buffer.alloc(0));
  const bytes = parts.at(-1)?.content ?? Buffer.alloc(0);
  const kind = kinds[id];
  const [value] = derValues(bytes);
  return {
    name: kind?.name ?? id,
    isCritical: parts.some(({ tag, content }) => tag === derTag.boolean && content[0] !== 0),
    lines: kind && value ? kind.describe(value) : [bytes.toString('latin1').replace(/[^ -~]/g, '.')],
  };
}
