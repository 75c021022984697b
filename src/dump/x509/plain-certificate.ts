// What lists show of a certificate, from its DER: OpenSSL takes 0.2 ms for each, and a mesh has hundreds. Only
// certificates without anything unusual are read here. The others are left to OpenSSL, so that nothing is said to be
// readable that OpenSSL refuses. Source: RFC 5280 §4.1; OpenSSL crypto/asn1/tasn_dec.c, crypto/x509/x_name.c.

import { memoize } from '#core/memoize.ts';
import { derTag } from './der.ts';
import { numberAt, StrictDer, unusual } from './strict-der.ts';

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

const { sequence, integer, bitString, octetString, objectId, boolean, extensions } = derTag;
const [nullTag, set, utcTime, generalizedTime, version] = [0x05, 0x31, 0x17, 0x18, 0xa0];

/** Undefined where anything in it is unusual: that is no verdict. */
export function readPlainCertificate(bytes: Buffer): PlainCertificate | undefined {
  try {
    return readCertificate(new StrictDer(bytes));
  } catch (thrown) {
    if (thrown === unusual) return undefined;
    throw thrown;
  }
}

function readCertificate(der: StrictDer): PlainCertificate {
  const certificate = der.open(sequence, der.bytes.length);
  const plain = readToBeSigned(der, certificate);
  skipAlgorithm(der, certificate);
  skipBits(der, certificate);
  der.close(certificate);
  der.close(der.bytes.length);
  return plain;
}

function readToBeSigned(der: StrictDer, limit: number): PlainCertificate {
  const end = der.open(sequence, limit);
  skipVersion(der, end);
  const serial = readSerial(der, end);
  skipAlgorithm(der, end);
  const issuer = issuerOf(der.text(der.open(sequence, end)));
  const validity = der.open(sequence, end);
  const notBefore = readTime(der, validity);
  const notAfter = readTime(der, validity);
  der.close(validity);
  const subject = readName(der, der.open(sequence, end));
  skipKey(der, end);
  const { dnsNames, hasOtherNames, mayBeCa } = readExtensions(der, end);
  der.close(end);
  return {
    subject: subject.text,
    issuer: issuer.text,
    commonName: subject.commonName,
    serial,
    dnsNames,
    hasOtherNames,
    mayBeCa,
    notBefore,
    notAfter,
  };
}

/** 3: one without extensions is unusual. */
function skipVersion(der: StrictDer, limit: number): void {
  const end = der.open(version, limit);
  if (der.text(der.open(integer, end)) !== '\x02') throw unusual;
  der.close(end);
}

/** An identifier alone, with NULL, or with the identifier of a curve. */
function skipAlgorithm(der: StrictDer, limit: number): void {
  const end = der.open(sequence, limit);
  skipObjectId(der, end);
  if (der.at < end && der.bytes[der.at] === nullTag) der.close(der.open(nullTag, end));
  else if (der.at < end) skipObjectId(der, end);
  der.close(end);
}

function skipKey(der: StrictDer, limit: number): void {
  const end = der.open(sequence, limit);
  skipAlgorithm(der, end);
  skipBits(der, end);
  der.close(end);
}

/** Of whole bytes. */
function skipBits(der: StrictDer, limit: number): void {
  const end = der.open(bitString, limit);
  if (der.at === end || der.bytes[der.at] !== 0) throw unusual;
  der.at = end;
}

/** Each number in it begins with its first digit, and ends. */
function skipObjectId(der: StrictDer, limit: number): void {
  const end = der.open(objectId, limit);
  const { bytes } = der;
  let isBegin = true;
  for (let { at } = der; at < end; at++) {
    const byte = bytes[at] as number;
    if (isBegin && byte === 0x80) throw unusual;
    isBegin = byte < 0x80;
  }
  if (der.at === end || !isBegin) throw unusual;
  der.at = end;
}

/** Positive, without zeros before it, as RFC 5280 §4.1.2.2 wants it. */
function readSerial(der: StrictDer, limit: number): string {
  const end = der.open(integer, limit);
  const { bytes, at: start } = der;
  const first = bytes[start] as number;
  const hasZero = first === 0 && end - start > 1;
  if (start === end || first >= 0x80 || end - start > 21) throw unusual;
  if (hasZero && (bytes[start + 1] as number) < 0x80) throw unusual;
  der.at = end;
  return bytes.toString('hex', hasZero ? start + 1 : start, end).toUpperCase();
}

function readTime(der: StrictDer, limit: number): string {
  const isShort = der.bytes[der.at] === utcTime;
  const text = der.text(der.open(isShort ? utcTime : generalizedTime, limit));
  const digits = isShort ? (text < '5' ? '20' : '19') + text : text;
  if (!plainTime.test(digits)) throw unusual;
  const day = digits.slice(6, 8);
  const time = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${day}T${digits.slice(8, 10)}:${digits.slice(10, 12)}:${digits.slice(12, 14)}Z`;
  // The 30th of February is a day of March.
  if (day > '28' && new Date(time).getUTCDate() !== Number(day)) throw unusual;
  return time;
}

const plainTime = /^[1-9]\d{3}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ$/;

interface PlainName {
  /** As `Certificate.subject`. */
  readonly text: string;
  readonly commonName: string | undefined;
}

/** Hundreds of certificates have one issuer. */
const issuerOf = memoize((content) => {
  const bytes = Buffer.from(content, 'latin1');
  return readName(new StrictDer(bytes), bytes.length);
});

/** By the numbers that their identifiers are. */
const attributeNames: ReadonlyMap<number, string> = new Map([
  [0x550403, 'CN'],
  [0x550406, 'C'],
  [0x550407, 'L'],
  [0x550408, 'ST'],
  [0x55040a, 'O'],
  [0x55040b, 'OU'],
]);

const plainStrings: readonly number[] = [0x0c, 0x13, 0x16];

function readName(der: StrictDer, end: number): PlainName {
  let text = '';
  let commonName: string | undefined;
  while (der.at < end) {
    const part = der.open(set, end);
    const pair = der.open(sequence, part);
    const name = attributeNames.get(readShortId(der, pair));
    const value = readPlainString(der, pair);
    if (name === undefined) throw unusual;
    der.close(pair);
    der.close(part);
    text += `${text === '' ? '' : ', '}${name} = ${value}`;
    if (name === 'CN') commonName ??= value;
  }
  return { text, commonName };
}

/** Of characters that OpenSSL writes as they are, and commas. */
function readPlainString(der: StrictDer, limit: number): string {
  const tag = der.bytes[der.at] as number;
  if (!plainStrings.includes(tag)) throw unusual;
  const value = der.text(der.open(tag, limit));
  if (!/^[\w.,:*@&()/'-]+(?: [\w.,:*@&()/'-]+)*$/.test(value)) throw unusual;
  return value.replaceAll(',', '\\,');
}

/** An identifier as the number that its bytes are; 0 for one that has not three. */
function readShortId(der: StrictDer, limit: number): number {
  const { bytes } = der;
  const start = der.at + 2;
  skipObjectId(der, limit);
  return der.at - start === 3 ? numberAt(bytes, start, 3) : 0;
}

const subjectAlternativeName = 0x551d11;
const basicConstraints = 0x551d13;
/** A sequence with nothing in it, as the values that are the default are left out. */
const noCa = '0\0';

type Extensions = Names & Pick<PlainCertificate, 'mayBeCa'>;

/** All extensions have to be well formed; those are read that have the names and whether it is a CA. */
function readExtensions(der: StrictDer, limit: number): Extensions {
  const wrapper = der.open(extensions, limit);
  const list = der.open(sequence, wrapper);
  let names: Names | undefined;
  let mayBeCa = false;
  while (der.at < list) {
    const extension = der.open(sequence, list);
    const id = readShortId(der, extension);
    if (der.bytes[der.at] === boolean) skipBoolean(der, extension);
    const value = der.open(octetString, extension);
    if (id === subjectAlternativeName) {
      if (names) throw unusual;
      names = readAlternativeNames(der, value);
    } else if (id === basicConstraints && der.text(value) !== noCa) mayBeCa = true;
    der.at = value;
    der.close(extension);
  }
  der.close(wrapper);
  return { ...(names ?? noNames), mayBeCa };
}

function skipBoolean(der: StrictDer, limit: number): void {
  const end = der.open(boolean, limit);
  if (end !== der.at + 1) throw unusual;
  der.at = end;
}

type Names = Pick<PlainCertificate, 'dnsNames' | 'hasOtherNames'>;

const noNames: Names = { dnsNames: [], hasOtherNames: false };

const [email, dnsName, uri] = [0x81, 0x82, 0x86];

function readAlternativeNames(der: StrictDer, limit: number): Names {
  const end = der.open(sequence, limit);
  const dnsNames: string[] = [];
  let hasOtherNames = false;
  if (der.at === end) throw unusual;
  while (der.at < end) {
    const tag = der.bytes[der.at] as number;
    const name = der.text(der.open(tag, end));
    if ((tag !== dnsName && tag !== uri && tag !== email) || !/^[\w.*:@/-]+$/.test(name)) throw unusual;
    if (tag === dnsName) dnsNames.push(name);
    else hasOtherNames = true;
  }
  der.close(limit);
  return { dnsNames, hasOtherNames };
}
