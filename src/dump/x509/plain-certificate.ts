// What lists show of a certificate, from its DER: OpenSSL takes 0.2 ms for each, and a mesh has hundreds. Only
// certificates without anything unusual are read here. The others are left to OpenSSL, so that nothing is said to be
// readable that OpenSSL refuses. Source: RFC 5280 §4.1; OpenSSL crypto/asn1/tasn_dec.c, crypto/x509/x_name.c.

import { memoize } from '#core/memoize.ts';
import { derTag } from './der.ts';
import { type Span, spansIn, spansOf } from './strict-der.ts';

export interface PlainCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string | undefined;
  readonly serial: string;
  readonly dnsNames: readonly string[];
  readonly hasOtherNames: boolean;
  /** False: it says of itself that it is none, or does not say that it is one. */
  readonly mayBeCa: boolean;
  readonly notBefore: string;
  readonly notAfter: string;
}

const { sequence, integer, bitString, octetString, objectId, boolean } = derTag;
const [nullTag, set, utcTime, generalizedTime] = [0x05, 0x31, 0x17, 0x18];
const version3 = 'a003020102';

/** Undefined where anything in it is unusual: that is no verdict. */
export function readPlainCertificate(der: Buffer): PlainCertificate | undefined {
  const [certificate] = spansOf(der, { start: 0, end: der.length }, [sequence]) ?? [];
  const [toBeSigned, algorithm, signature] =
    (certificate && spansOf(der, certificate, [sequence, sequence, bitString])) ?? [];
  if (!toBeSigned || !algorithm || !signature) return undefined;
  return isAlgorithm(der, algorithm) && isBits(der, signature) ? readToBeSigned(der, toBeSigned) : undefined;
}

const fieldTags = [0xa0, integer, sequence, sequence, sequence, sequence, sequence, derTag.extensions];

function readToBeSigned(der: Buffer, toBeSigned: Span): PlainCertificate | undefined {
  const [version, serial, algorithm, issuer, validity, subject, key, extensions] =
    spansOf(der, toBeSigned, fieldTags) ?? [];
  if (!version || !serial || !algorithm || !issuer || !validity || !subject || !key || !extensions) return undefined;
  if (der.toString('hex', version.start - 2, version.end) !== version3) return undefined;
  if (!isAlgorithm(der, algorithm) || !isKey(der, key)) return undefined;
  const [by, of] = [readName(der, issuer), readName(der, subject)];
  const [dates, read, number] = [readValidity(der, validity), readExtensions(der, extensions), readSerial(der, serial)];
  if (!by || !of || !dates || !read || number === undefined) return undefined;
  return { subject: of.text, issuer: by.text, commonName: of.commonName, serial: number, ...dates, ...read };
}

/** An identifier alone, with NULL, or with the identifier of a curve. */
function isAlgorithm(der: Buffer, algorithm: Span): boolean {
  const [id, parameters, ...more] = spansIn(der, algorithm) ?? [];
  if (!isObjectId(der, id) || more.length > 0) return false;
  if (parameters?.tag === nullTag) return parameters.start === parameters.end;
  return parameters === undefined || isObjectId(der, parameters);
}

function isKey(der: Buffer, key: Span): boolean {
  const [algorithm, bits] = spansOf(der, key, [sequence, bitString]) ?? [];
  return algorithm !== undefined && isAlgorithm(der, algorithm) && isBits(der, bits);
}

/** Of whole bytes. */
const isBits = (der: Buffer, bits: Span | undefined): boolean =>
  bits !== undefined && bits.end > bits.start && der[bits.start] === 0;

/** Each number in it begins with its first digit, and ends. */
function isObjectId(der: Buffer, id: Span | undefined): boolean {
  if (id?.tag !== objectId || id.start === id.end) return false;
  let isBegin = true;
  for (let at = id.start; at < id.end; at++) {
    const byte = der[at] as number;
    if (isBegin && byte === 0x80) return false;
    isBegin = byte < 0x80;
  }
  return isBegin;
}

/** Positive, without zeros before it, as RFC 5280 §4.1.2.2 wants it. */
function readSerial(der: Buffer, { start, end }: Span): string | undefined {
  const [first = 0x80, second = 0] = end > start ? der.subarray(start, end) : [];
  if (first >= 0x80 || end - start > 21 || (first === 0 && end - start > 1 && second < 0x80)) return undefined;
  return der.toString('hex', first === 0 && end - start > 1 ? start + 1 : start, end).toUpperCase();
}

function readValidity(der: Buffer, validity: Span): Pick<PlainCertificate, 'notBefore' | 'notAfter'> | undefined {
  const [from, to, ...more] = (spansIn(der, validity) ?? []).map((time) => readTime(der, time));
  return from !== undefined && to !== undefined && more.length === 0 ? { notBefore: from, notAfter: to } : undefined;
}

function readTime(der: Buffer, { tag, start, end }: Span): string | undefined {
  const text = der.toString('latin1', start, end);
  const digits = tag === utcTime ? (text < '5' ? '20' : '19') + text : tag === generalizedTime ? text : '';
  const [, year, month, day, hour, minute, second] = /^([1-9]\d{3})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? [];
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const date = new Date(`${time}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString() === `${time}.000Z` ? `${time}Z` : undefined;
}

interface PlainName {
  /** As `Certificate.subject`. */
  readonly text: string;
  readonly commonName: string | undefined;
}

const readName = (der: Buffer, { start, end }: Span): PlainName | undefined =>
  nameOf(der.toString('latin1', start, end));

/** Hundreds of certificates have one issuer. */
const nameOf = memoize((content): PlainName | undefined => {
  const bytes = Buffer.from(content, 'latin1');
  const attributes = (spansIn(bytes, { start: 0, end: bytes.length }) ?? [undefined]).map((one) =>
    readAttribute(bytes, one),
  );
  if (!attributes.every((one) => one !== undefined)) return undefined;
  return {
    text: attributes.map(({ name, value }) => `${name} = ${value}`).join(', '),
    commonName: attributes.find(({ name }) => name === 'CN')?.value,
  };
});

/** By their identifiers in hexadecimal. */
const attributeNames: Readonly<Record<string, string>> = {
  '550403': 'CN',
  '550406': 'C',
  '550407': 'L',
  '550408': 'ST',
  '55040a': 'O',
  '55040b': 'OU',
};

const plainStrings: readonly number[] = [0x0c, 0x13, 0x16];

/** Of characters that OpenSSL writes as they are, and commas. */
function readAttribute(bytes: Buffer, part: Span | undefined): { name: string; value: string } | undefined {
  const [pair, ...more] = (part?.tag === set && spansIn(bytes, part)) || [];
  const [id, text, ...rest] = (pair?.tag === sequence && more.length === 0 && spansIn(bytes, pair)) || [];
  if (id?.tag !== objectId || !text || !plainStrings.includes(text.tag) || rest.length > 0) return undefined;
  const name = attributeNames[bytes.toString('hex', id.start, id.end)];
  const value = bytes.toString('latin1', text.start, text.end);
  return name !== undefined && /^[\w.,:*@&()/'-]+(?: [\w.,:*@&()/'-]+)*$/.test(value)
    ? { name, value: value.replaceAll(',', '\\,') }
    : undefined;
}

const subjectAlternativeName = '551d11';
const basicConstraints = '551d13';
/** A sequence with nothing in it, as the values that are the default are left out. */
const noCa = '3000';

/** All extensions have to be well formed; those are read that have the names and whether it is a CA. */
function readExtensions(der: Buffer, wrapper: Span): (Names & Pick<PlainCertificate, 'mayBeCa'>) | undefined {
  const [list] = spansOf(der, wrapper, [sequence]) ?? [];
  const extensions = list && spansIn(der, list)?.map((one) => readExtension(der, one));
  if (!extensions?.every((one) => one !== undefined)) return undefined;
  const names = extensions.filter(({ id }) => id === subjectAlternativeName);
  const mayBeCa = extensions.some(
    ({ id, value }) => id === basicConstraints && der.toString('hex', value.start, value.end) !== noCa,
  );
  const [first] = names;
  if (first === undefined) return { dnsNames: [], hasOtherNames: false, mayBeCa };
  const read = names.length === 1 ? readAlternativeNames(der, first.value) : undefined;
  return read && { ...read, mayBeCa };
}

type Names = Pick<PlainCertificate, 'dnsNames' | 'hasOtherNames'>;

function readExtension(der: Buffer, extension: Span): { id: string; value: Span } | undefined {
  const parts = extension.tag === sequence ? spansIn(der, extension) : undefined;
  const [id, critical, value = critical] = parts ?? [];
  if (!parts || parts.length > 3 || !isObjectId(der, id) || value?.tag !== octetString) return undefined;
  if (parts.length === 3 && !(critical?.tag === boolean && critical.end === critical.start + 1)) return undefined;
  return { id: der.toString('hex', id?.start, id?.end), value };
}

const [email, dnsName, uri] = [0x81, 0x82, 0x86];

function readAlternativeNames(der: Buffer, extension: Span): Names | undefined {
  const [list] = spansOf(der, extension, [sequence]) ?? [];
  const names = (list && spansIn(der, list)) ?? [];
  const isPlain = names.every(
    ({ tag, start, end }) =>
      (tag === dnsName || tag === uri || tag === email) && /^[\w.*:@/-]+$/.test(der.toString('latin1', start, end)),
  );
  if (names.length === 0 || !isPlain) return undefined;
  const dnsNames = names
    .filter(({ tag }) => tag === dnsName)
    .map(({ start, end }) => der.toString('latin1', start, end));
  return { dnsNames, hasOtherNames: dnsNames.length < names.length };
}
