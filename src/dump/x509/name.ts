// Names in certificates, written as OpenSSL writes them. Source: RFC 5280 §4.1.2.4, §4.2.1.6; OpenSSL
// crypto/asn1/a_strex.c, crypto/x509/v3_san.c, x509_obj.c.

import { type DerValue, derValues } from './der.ts';
import { attributeNames, dottedId, idName } from './object-id.ts';

interface Attribute {
  /** `2.5.4.3`. */
  readonly id: string;
  readonly value: DerValue | undefined;
}

/** A name's parts, each of one attribute or, seldom, of several. `name`: the content of a Name. */
export function attributesOf(name: Buffer): Attribute[][] {
  return derValues(name).map((part) =>
    derValues(part.content).map((pair) => {
      const [id, value] = derValues(pair.content);
      return { id: dottedId(id?.content ?? Buffer.alloc(0)), value };
    }),
  );
}

const bmpString = 0x1e;
const universalString = 0x1c;
const latin1Strings = [0x14, 0x16, 0x13, 0x12, 0x1a];

export function utf8Of(value: DerValue | undefined): Buffer {
  if (!value) return Buffer.alloc(0);
  if (value.tag === universalString) return utf8OfUcs4(value.content);
  if (value.tag === bmpString) return utf8OfUcs2(value.content);
  return latin1Strings.includes(value.tag) ? Buffer.from(value.content.toString('latin1')) : value.content;
}

/** A last odd byte belongs to no character. */
const utf8OfUcs2 = (bytes: Buffer): Buffer =>
  Buffer.from(
    Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le'),
  );

function utf8OfUcs4(bytes: Buffer): Buffer {
  const points = Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readUInt32BE(i * 4));
  return Buffer.from(points.map((point) => (point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point))).join(''));
}

/**
 * `O = "Odd, Inc.", CN = host`, as `-nameopt oneline`; bytes that are no ASCII are escaped. `name`: the content of a
 * Name.
 */
export const describeName = (name: Buffer): string =>
  attributesOf(name)
    .map((part) =>
      part
        .map((attribute) => `${idName(attribute.id, attributeNames)} = ${quoted(utf8Of(attribute.value))}`)
        .join(' + '),
    )
    .join(', ');

function quoted(value: Buffer): string {
  const text = value.toString('latin1');
  const needsQuotes = /[,+<>;]|^[ #]| $/.test(text);
  const escaped = text
    .replace(/["\\]/g, '\\$&')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
    .replace(/[\x00-\x1f\x7f-\xff]/g, (one) => `\\${hexOf(one)}`);
  return needsQuotes ? `"${escaped}"` : escaped;
}

/** `/C=DE/CN=inner`: the older form, which stands inside other names. */
const describeDirectoryName = (name: Buffer): string =>
  attributesOf(name)
    .map(
      (part) =>
        `/${part
          .map(
            (attribute) =>
              `${idName(attribute.id, attributeNames)}=${utf8Of(attribute.value)
                .toString('latin1')
                .replace(/[/+]/g, '\\$&')
                .replace(/[^ -~]/g, (one) => `\\x${hexOf(one)}`)}`,
          )
          .join('+')}`,
    )
    .join('');

const hexOf = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');

/** `DNS:a.example`, `IP Address:10.0.0.1`, `URI:…`: one GeneralName. */
export function describeGeneralName({ tag, content }: DerValue): string {
  const kind = tag & 0x1f;
  switch (kind) {
    case 1:
      return `email:${content.toString('latin1')}`;
    case 2:
      return `DNS:${content.toString('latin1')}`;
    case 4:
      return `DirName:${describeDirectoryName(derValues(content)[0]?.content ?? content)}`;
    case 6:
      return `URI:${content.toString('latin1')}`;
    case 7:
      return `IP Address:${describeAddress(content)}`;
    case 8:
      return `Registered ID:${dottedId(content)}`;
    default:
      return kind === 0 ? describeOtherName(content) : 'unsupported name';
  }
}

/** Those that OpenSSL knows by name. Source: crypto/x509/v3_san.c, i2v_GENERAL_NAME. */
const otherNames: Readonly<Record<string, string>> = {
  '1.3.6.1.4.1.311.20.2.3': 'UPN',
  '1.3.6.1.5.5.7.8.5': 'XmppAddr',
  '1.3.6.1.5.5.7.8.7': 'SRVName',
  '1.3.6.1.5.5.7.8.8': 'NAIRealm',
  '1.3.6.1.5.5.7.8.9': 'SmtpUTF8Mailbox',
};

const utf8String = 0x0c;
const ia5String = 0x16;

function describeOtherName(content: Buffer): string {
  const [id, wrapped] = derValues(content);
  const [value] = wrapped ? derValues(wrapped.content) : [];
  const isText = value?.tag === utf8String || value?.tag === ia5String;
  const text = isText ? value.content.toString('utf8') : '<unsupported>';
  return `othername: ${idName(dottedId(id?.content ?? Buffer.alloc(0)), otherNames)}::${text}`;
}

/** As it stands in distribution points and constraints: names of directories in the newer form. */
export const describePlainName = (name: DerValue): string =>
  (name.tag & 0x1f) === 4
    ? `DirName:${describeName(derValues(name.content)[0]?.content ?? name.content)}`
    : describeGeneralName(name);

/** Four bytes, or sixteen as eight groups; twice that is a network with its mask. */
export function describeAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length === 16)
    return Array.from({ length: 8 }, (_, i) =>
      bytes
        .readUInt16BE(i * 2)
        .toString(16)
        .toUpperCase(),
    ).join(':');
  if (bytes.length === 8 || bytes.length === 32) {
    return `${describeAddress(bytes.subarray(0, bytes.length / 2))}/${describeAddress(bytes.subarray(bytes.length / 2))}`;
  }
  return '<invalid>';
}
