// What verifiers go by in a certificate (model/certificate-use.ts), from its DER. Source: RFC 5280 §4.1, §4.2.

import { createPublicKey, type X509Certificate } from 'node:crypto';
import { memoizeByIdentity } from '#core/memoize.ts';
import type { CertificateUse, DirectoryName, GeneralName, NameConstraints } from '#model/certificate-use.ts';
import { type DerValue, derTag, derValues } from './der.ts';
import { attributesOf, utf8Of } from './name.ts';
import { dottedId } from './object-id.ts';

const versionTag = 0xa0;

/** `open`: OpenSSL's own object of it, which only a signature needs. */
export function readUse(der: Buffer, open: () => X509Certificate): CertificateUse {
  const [certificate] = derValues(der);
  const fields = inside(inside(certificate)[0]);
  const hasVersion = fields[0]?.tag === versionTag;
  const [, , issuer, , subject, key] = hasVersion ? fields.slice(1) : fields;
  const extensions = readExtensions(fields);
  const value = (id: string): DerValue | undefined => derValues(extensions.get(id)?.value ?? nothing)[0];
  const list = (id: string): DerValue[] | undefined => value(id) && inside(value(id));
  return {
    version: hasVersion ? (inside(fields[0])[0]?.content[0] ?? 0) + 1 : 1,
    subject: canonicalName(subject),
    issuer: canonicalName(issuer),
    basicConstraints: readBasicConstraints(value('2.5.29.19')),
    keyUsage: readKeyUsage(value('2.5.29.15')),
    purposes: list('2.5.29.37')?.map(({ content }) => dottedId(content)),
    alternativeNames: (list('2.5.29.17') ?? []).map(readGeneralName),
    subjectEmails: readEmails(subject),
    nameConstraints: readNameConstraints(value('2.5.29.30')),
    unknownCritical: [...extensions].flatMap(([id, { isCritical }]) => (isCritical && !processed.has(id) ? [id] : [])),
    publicKey: key?.encoded ?? nothing,
    // Judging one chain asks half a dozen times, and a chain stands behind many hosts.
    isSignedBy: memoizeByIdentity(
      (publicKey) => publicKey,
      (publicKey) => isSignedBy(open(), publicKey),
    ),
  };
}

const nothing = Buffer.alloc(0);

const inside = (value: DerValue | undefined): DerValue[] => (value ? derValues(value.content) : []);

interface Extension {
  readonly isCritical: boolean;
  readonly value: Buffer;
}

function readExtensions(fields: readonly DerValue[]): Map<string, Extension> {
  const wrapper = fields.find(({ tag }) => tag === derTag.extensions);
  return new Map(
    inside(inside(wrapper)[0]).map((extension) => {
      const parts = inside(extension);
      const isCritical = parts.some(({ tag, content: [byte] }) => tag === derTag.boolean && byte !== 0);
      return [dottedId(parts[0]?.content ?? nothing), { isCritical, value: parts.at(-1)?.content ?? nothing }];
    }),
  );
}

/**
 * Critical extensions of any other kind make a certificate invalid. Source: OpenSSL crypto/x509/v3_purp.c,
 * X509_supported_extension; those that only OpenSSL has (addresses of RFC 3779, proxies) are left out.
 */
const processed: ReadonlySet<string> = new Set([
  ...['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.30', '2.5.29.31', '2.5.29.32', '2.5.29.33', '2.5.29.36'],
  ...['2.5.29.37', '2.5.29.54', '2.16.840.1.113730.1.1'],
]);

function readBasicConstraints(value: DerValue | undefined): CertificateUse['basicConstraints'] {
  if (!value) return undefined;
  const parts = inside(value);
  const length = parts.find(({ tag }) => tag === derTag.integer)?.content;
  return {
    isCa: parts.some(({ tag, content: [byte] }) => tag === derTag.boolean && byte !== 0),
    pathLength: length && Number(`0x${length.toString('hex')}`),
  };
}

const usages = [
  ...['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement'],
  ...['keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'],
];

/** A BIT STRING: the first byte counts the unused bits. */
const readKeyUsage = (value: DerValue | undefined): string[] | undefined =>
  value && usages.filter((_, bit) => (((value.content[1 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1) === 1);

const textKinds: Readonly<Record<number, 'email' | 'dns' | 'uri'>> = { 1: 'email', 2: 'dns', 6: 'uri' };

function readGeneralName({ tag, content }: DerValue): GeneralName {
  const number = tag & 0x1f;
  const kind = textKinds[number];
  if (kind) return { kind, value: content.toString('latin1') };
  if (number === 4) return { kind: 'directory', value: canonicalName(derValues(content)[0]) };
  return number === 7 ? { kind: 'ip', value: [...content] } : { kind: 'other', value: number };
}

/** [0] permitted, [1] excluded; each a list of a base and its range. */
function readNameConstraints(value: DerValue | undefined): NameConstraints | undefined {
  if (!value) return undefined;
  const trees = (wanted: number): DerValue[][] =>
    inside(value)
      .filter(({ tag }) => tag === wanted)
      .flatMap((all) => inside(all).map(inside));
  const bases = (wanted: number): GeneralName[] =>
    trees(wanted).flatMap(([base]) => (base ? [readGeneralName(base)] : []));
  return {
    permitted: bases(0xa0),
    excluded: bases(0xa1),
    hasRange: [...trees(0xa0), ...trees(0xa1)].some(({ length }) => length > 1),
  };
}

const emailAddress = '1.2.840.113549.1.9.1';

const readEmails = (name: DerValue | undefined): string[] =>
  attributesOf(name?.content ?? nothing)
    .flat()
    .flatMap(({ id, value }) => (id === emailAddress ? [utf8Of(value).toString('utf8')] : []));

const stringTags: ReadonlySet<number> = new Set([0x0c, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e]);

/** As OpenSSL compares names (crypto/x509/x_name.c, asn1_string_canon): in UTF-8, ASCII in lower case. */
export function canonicalName(name: DerValue | undefined): DirectoryName {
  return attributesOf(name?.content ?? nothing).map((part) =>
    part
      .map(
        ({ id, value }) =>
          `${id}=${value && stringTags.has(value.tag) ? canonicalText(utf8Of(value).toString('utf8')) : value?.content.toString('hex')}`,
      )
      .sort()
      .join('+'),
  );
}

const canonicalText = (text: string): string =>
  text
    .replace(/^[\t-\r ]+|[\t-\r ]+$/g, '')
    .replace(/[\t-\r ]+/g, ' ')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function isSignedBy(x509: X509Certificate, publicKey: Uint8Array): boolean | undefined {
  try {
    return x509.verify(readPublicKey(publicKey));
  } catch {
    return undefined;
  }
}

const readPublicKey = memoizeByIdentity(
  (publicKey: Uint8Array) => publicKey,
  (publicKey) => createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }),
);
