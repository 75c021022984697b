// Extensions of a certificate in OpenSSL's words; of one that is not known, its bytes as far as they are text, which is
// what OpenSSL prints too. Source: RFC 5280 §4.2, RFC 7633; OpenSSL crypto/x509/v3_*.c.

import type { ExtensionDetails } from '#model/certificate-details.ts';
import { type DerValue, derTag, derValues } from './der.ts';
import { describeAddress, describeGeneralName, describeName, describePlainName, utf8Of } from './name.ts';
import { dottedId, idName, purposeNames } from './object-id.ts';
import { describeTime, describeTimestamps } from './transparency.ts';

interface Kind {
  readonly name: string;
  /** Of its value; undefined: a SEQUENCE. Of any other tag, the extension is printed as if it were not known. */
  readonly tag?: number;
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

const describeKeyUsage = ({ content }: DerValue): string[] => [namesOfBits(content, usages)];

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

const reasons = [
  ...['Unused', 'Key Compromise', 'CA Compromise', 'Affiliation Changed', 'Superseded', 'Cessation Of Operation'],
  ...['Certificate Hold', 'Privilege Withdrawn', 'AA Compromise'],
];

/** The names of the bits that are set; the first byte counts the unused ones. */
const namesOfBits = (bits: Buffer, names: readonly string[]): string =>
  names.filter((_, bit) => (((bits[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1) === 1).join(', ');

/** [0] a full name of GeneralNames, or [1] a name relative to the issuer's. */
function describePointName(name: Buffer | undefined): string[] {
  const [value] = derValues(name ?? Buffer.alloc(0));
  if (!value) return [];
  if (value.tag === 0xa0)
    return ['Full Name:', ...derValues(value.content).map((one) => `  ${describePlainName(one)}`)];
  return ['Relative Name:', `  ${describeName(asPart(value.content))}`];
}

/** A relative name is the content of one part of a Name. */
const asPart = (content: Buffer): Buffer => Buffer.concat([Buffer.from([0x31, content.length]), content]);

/** OpenSSL ends reasons with a line of their own, and so leaves one empty where nothing follows. */
const describeReasons = (title: string, bits: Buffer | undefined, isLast: boolean): string[] =>
  bits ? [title, `  ${namesOfBits(bits, reasons)}`, ...(isLast ? [''] : [])] : [];

/** Each point: [0] its name, [1] reasons, [2] the issuer of the list. */
function describeDistributionPoints({ content }: DerValue): string[] {
  return derValues(content).flatMap((point) => {
    const values = derValues(point.content);
    const issuer = part(values, 0xa2);
    return [
      ...describePointName(part(values, 0xa0)),
      ...describeReasons('Reasons:', part(values, 0x81), issuer === undefined),
      ...(issuer ? ['CRL Issuer:', ...derValues(issuer).map((one) => `  ${describePlainName(one)}`)] : []),
    ];
  });
}

function describeIssuingPoint({ content }: DerValue): string[] {
  const values = derValues(content);
  const flag = (tag: number, text: string): string[] => (part(values, tag)?.[0] ? [text] : []);
  const lines = [
    ...describePointName(part(values, 0xa0)),
    ...flag(0x81, 'Only User Certificates'),
    ...flag(0x82, 'Only CA Certificates'),
    ...flag(0x84, 'Indirect CRL'),
    ...describeReasons('Only Some Reasons:', part(values, 0x83), true),
    ...flag(0x85, 'Only Attribute Certificates'),
  ];
  return lines.length === 0 ? ['<EMPTY>', ''] : lines;
}

const accessMethods: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.48.1': 'OCSP',
  '1.3.6.1.5.5.7.48.2': 'CA Issuers',
  '1.3.6.1.5.5.7.48.3': 'AD Time Stamping',
  '1.3.6.1.5.5.7.48.5': 'CA Repository',
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
      ? derValues(qualifiers.content).flatMap(({ content: qualifier }) =>
          describeQualifier(qualifier).map((line) => `  ${line}`),
        )
      : [];
    return [
      `Policy: ${idName(dottedId(id?.content ?? Buffer.alloc(0)), { '2.5.29.32.0': 'X509v3 Any Policy' })}`,
      ...lines,
    ];
  });
}

function describeQualifier(qualifier: Buffer): string[] {
  const [id, value] = derValues(qualifier);
  const name = idName(dottedId(id?.content ?? Buffer.alloc(0)), qualifierNames);
  if (name === 'CPS') return [`CPS: ${value?.content.toString('latin1')}`];
  return [`${name}:`, ...(name === 'User Notice' && value ? describeNotice(value) : [])];
}

/** A reference (a SEQUENCE of an organisation and numbers) and a text, of which each may be absent. */
function describeNotice({ content }: DerValue): string[] {
  const values = derValues(content);
  const [organization, numbers] = derValues(part(values, derTag.sequence) ?? Buffer.alloc(0));
  const text = values.find(({ tag }) => tag !== derTag.sequence);
  const list = numbers ? derValues(numbers.content).map(integerOf) : [];
  return [
    ...(organization ? [`  Organization: ${utf8Of(organization).toString('utf8')}`] : []),
    ...(organization ? [`  Number${list.length > 1 ? 's' : ''}: ${list.join(', ')}`] : []),
    ...(text ? [`  Explicit Text: ${utf8Of(text).toString('utf8')}`] : []),
  ];
}

const integerOf = ({ content }: Pick<DerValue, 'content'>): string =>
  BigInt(`0x${content.toString('hex') || '0'}`).toString();

function describePolicyConstraints({ content }: DerValue): string[] {
  const values = derValues(content);
  const line = (title: string, tag: number): string[] => {
    const number = part(values, tag);
    return number ? [`${title}:${integerOf({ content: number })}`] : [];
  };
  return [[...line('Require Explicit Policy', 0x80), ...line('Inhibit Policy Mapping', 0x81)].join(', ')];
}

function describePolicyMappings({ content }: DerValue): string[] {
  const pairs = derValues(content).map((pair) =>
    derValues(pair.content)
      .map((id) => dottedId(id.content))
      .join(':'),
  );
  return [pairs.join(', ')];
}

/** GeneralizedTime: `20200101000000Z`. */
function describePeriod({ content }: DerValue): string[] {
  const values = derValues(content);
  const time = (title: string, tag: number): string[] => {
    const text = part(values, tag)?.toString('latin1');
    const iso = text?.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
    return iso === undefined ? [] : [`${title}: ${describeTime(new Date(iso))}`];
  };
  return [[...time('Not Before', 0x80), ...time('Not After', 0x81)].join(', ')];
}

const netscapeTypes = [
  ...['SSL Client', 'SSL Server', 'S/MIME', 'Object Signing', 'Unused', 'SSL CA', 'S/MIME CA', 'Object Signing CA'],
];

const describeText = ({ content }: DerValue): string[] => [content.toString('latin1')];

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
  base.tag === addressTag ? `IP:${describeAddress(base.content)}` : describePlainName(base);

const features: Readonly<Record<number, string>> = { 5: 'status_request', 17: 'status_request_v2' };

const describeFeatures = ({ content }: DerValue): string[] => [
  derValues(content)
    .map(({ content: number }) => number.readUIntBE(0, number.length))
    .map((number) => features[number] ?? String(number))
    .join(', '),
];

const nullTag = 0x05;
const ia5Tag = 0x16;

const kinds: Readonly<Record<string, Kind>> = {
  '2.5.29.14': {
    name: 'X509v3 Subject Key Identifier',
    tag: derTag.octetString,
    describe: ({ content }) => [colonHex(content)],
  },
  '2.5.29.15': { name: 'X509v3 Key Usage', tag: derTag.bitString, describe: describeKeyUsage },
  '2.5.29.17': { name: 'X509v3 Subject Alternative Name', describe: describeNames },
  '2.5.29.18': { name: 'X509v3 Issuer Alternative Name', describe: describeNames },
  '2.5.29.19': { name: 'X509v3 Basic Constraints', describe: describeBasicConstraints },
  '2.5.29.30': { name: 'X509v3 Name Constraints', describe: describeNameConstraints },
  '2.5.29.31': { name: 'X509v3 CRL Distribution Points', describe: describeDistributionPoints },
  '2.5.29.32': { name: 'X509v3 Certificate Policies', describe: describePolicies },
  '2.5.29.35': { name: 'X509v3 Authority Key Identifier', describe: describeAuthorityKey },
  '2.5.29.37': { name: 'X509v3 Extended Key Usage', describe: describePurposes },
  '2.5.29.16': { name: 'X509v3 Private Key Usage Period', describe: describePeriod },
  '2.5.29.28': { name: 'X509v3 Issuing Distribution Point', describe: describeIssuingPoint },
  '2.5.29.33': { name: 'X509v3 Policy Mappings', describe: describePolicyMappings },
  '2.5.29.36': { name: 'X509v3 Policy Constraints', describe: describePolicyConstraints },
  '2.5.29.46': { name: 'X509v3 Freshest CRL', describe: describeDistributionPoints },
  '2.5.29.54': { name: 'X509v3 Inhibit Any Policy', tag: derTag.integer, describe: (value) => [integerOf(value)] },
  '1.3.6.1.4.1.11129.2.4.2': { name: 'CT Precertificate SCTs', tag: derTag.octetString, describe: describeTimestamps },
  '1.3.6.1.4.1.11129.2.4.3': { name: 'CT Precertificate Poison', tag: nullTag, describe: () => ['NULL'] },
  '1.3.6.1.5.5.7.48.1.5': { name: 'OCSP No Check', tag: nullTag, describe: () => [''] },
  '2.16.840.1.113730.1.1': {
    name: 'Netscape Cert Type',
    tag: derTag.bitString,
    describe: ({ content }) => [namesOfBits(content, netscapeTypes)],
  },
  '2.16.840.1.113730.1.2': { name: 'Netscape Base Url', tag: ia5Tag, describe: describeText },
  '2.16.840.1.113730.1.13': { name: 'Netscape Comment', tag: ia5Tag, describe: describeText },
  '1.3.6.1.5.5.7.1.11': { name: 'Subject Information Access', describe: describeAccess },
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
    lines:
      kind && value?.tag === (kind.tag ?? derTag.sequence)
        ? kind.describe(value)
        : [bytes.toString('latin1').replace(/[^ -~]/g, '.')],
  };
}
