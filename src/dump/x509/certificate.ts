// X.509 certificates → model, by node:crypto: OpenSSL's own parser, kept, and nothing to bundle. @peculiar/x509 would
// cost 340 kB and 30 ms of start (reflect-metadata, tsyringe), asn1js 66 kB and leaves the meaning to us. What
// node:crypto does not tell (the key identifiers) is read from the DER, der.ts. OpenSSL is asked where a certificate is
// unusual, and for what lists do not show (plain-certificate.ts).

import { hash, X509Certificate } from 'node:crypto';
import { memoize, memoizeLong } from '#core/memoize.ts';
import type { Certificate } from '#model/certificate.ts';
import type { CertificateUse } from '#model/certificate-use.ts';
import { certificateExtensions, derTag, derValues } from './der.ts';
import { type PlainCertificate, readPlainCertificate } from './plain-certificate.ts';
import { readUse } from './use.ts';

export interface CertificateBundle {
  /** Every certificate that can be read, in order. */
  readonly chain: readonly Certificate[];
  /** What of the bundle cannot be read, and why. */
  readonly unreadable: string | undefined;
}

/** PEM blocks with anything between them, or one DER. What is no certificate (a private key) is passed over. */
export const readCertificates = (bytes: Buffer): CertificateBundle => readKnownText(bytes.toString('latin1'));

/** As `readCertificates`, of bytes in base64 as they stand in JSON. */
export const readBase64Certificates = memoizeLong(signatureIn, (base64) =>
  readText(Buffer.from(base64, 'base64').toString('latin1')),
);

/** Most of it: the end of PEM, and of PEM in base64, but for `-----END CERTIFICATE-----`. */
function signatureIn(text: string): string {
  return text.slice(-104, -40);
}

function readText(text: string): CertificateBundle {
  if (text === '') return { chain: [], unreadable: 'empty' };
  const blocks = certificateBlocks(text);
  const begun = text.match(beginCertificate)?.length ?? 0;
  if (begun === 0) return readDer(Buffer.from(text, 'latin1'));
  const read = blocks.map(readBlock);
  const bad = read.flatMap((result, index) =>
    typeof result === 'string' ? [`certificate ${index + 1}: ${result}`] : [],
  );
  if (begun > blocks.length) bad.push('the last certificate has no end');
  return {
    chain: read.filter((result) => typeof result !== 'string'),
    unreadable: bad.length === 0 ? undefined : bad.join('; '),
  };
}

/** A fleet holds the same ones on every pod, and reading one costs 0.1 ms. */
const readKnownText = memoize(readText);

const beginCertificate = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** The PEM blocks of certificates in a text, each with its lines. */
export function certificateBlocks(text: string): string[] {
  return text.match(/-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*-----END \1-----/g) ?? [];
}

function readDer(bytes: Buffer): CertificateBundle {
  const read = readOne(bytes);
  if (typeof read !== 'string') return { chain: [read], unreadable: undefined };
  return { chain: [], unreadable: `no certificate in ${bytes.length} bytes` };
}

/** One intermediate stands in hundreds of chains. Of a chain, almost all is certificates: slices keep little else. */
const readBlock = memoizeLong(signatureIn, (block) => readOne(block));

/** The certificate, or why it is none. */
function readOne(source: string | Buffer): Certificate | string {
  const der = typeof source === 'string' ? derOfPlainPem(source) : source;
  const plain = der && readPlainCertificate(der);
  if (plain) return new ReadCertificate(plain, der);
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(source);
  } catch {
    return typeof source === 'string' ? 'not a certificate' : 'not DER';
  }
  return describeCertificate(x509);
}

/** Its last line is of whole groups, too: OpenSSL refuses base64 whose padding was lost, which Node decodes. */
const plainPem =
  /^-----BEGIN CERTIFICATE-----\n((?:[A-Za-z0-9+/]{64}\n)*(?:[A-Za-z0-9+/]{4}){0,15}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)\n)-----END CERTIFICATE-----$/;

/** Undefined for PEM that is not laid out as every tool writes it. */
function derOfPlainPem(pem: string): Buffer | undefined {
  const base64 = plainPem.exec(pem)?.[1];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
}

export function describeCertificate(x509: X509Certificate): Certificate {
  const names = readAlternativeNames(x509.subjectAltName ?? '');
  const listed: PlainCertificate = {
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    commonName: /^CN=(.*)$/m.exec(x509.subject ?? '')?.[1],
    // Whole bytes, as openssl prints it: Node writes the serial 0 of some roots with one digit.
    serial: x509.serialNumber.padStart(2, '0'),
    dnsNames: names.filter(({ type }) => type === 'DNS').map(({ value }) => value),
    hasOtherNames: names.some(({ type }) => type !== 'DNS'),
    mayBeCa: true,
    notBefore: rfc3339(x509.validFromDate, x509.validFrom),
    notAfter: rfc3339(x509.validToDate, x509.validTo),
  };
  return new ReadCertificate(listed, x509.raw, x509);
}

/** What lists do not show is read when it is asked for: it takes most of the time. */
class ReadCertificate implements Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string | undefined;
  readonly serial: string;
  readonly dnsNames: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly #mayBeCa: boolean;
  readonly #hasOtherNames: boolean;
  readonly #der: Buffer;
  #x509: X509Certificate | undefined;
  #fingerprint: string | undefined;
  #publicKey: string | undefined;
  #keyIds: KeyIds | undefined;
  #use: CertificateUse | undefined;

  constructor(listed: PlainCertificate, der: Buffer, x509?: X509Certificate) {
    this.subject = listed.subject;
    this.issuer = listed.issuer;
    this.commonName = listed.commonName;
    this.serial = listed.serial;
    this.dnsNames = listed.dnsNames;
    this.notBefore = listed.notBefore;
    this.notAfter = listed.notAfter;
    this.#mayBeCa = listed.mayBeCa;
    this.#hasOtherNames = listed.hasOtherNames;
    this.#der = der;
    this.#x509 = x509;
  }

  get otherNames() {
    return this.#hasOtherNames ? otherNamesOf(this.#open()) : [];
  }
  get isCa() {
    return this.#mayBeCa && this.#open().ca;
  }
  get publicKey() {
    this.#publicKey ??= describePublicKey(this.#open());
    return this.#publicKey;
  }
  get signatureAlgorithm() {
    const { signatureAlgorithm, signatureAlgorithmOid } = this.#open();
    return signatureAlgorithm ?? signatureAlgorithmOid ?? 'unknown';
  }
  get fingerprint() {
    this.#fingerprint ??= hash('sha256', this.#der, 'hex').toUpperCase();
    return this.#fingerprint;
  }
  get subjectKeyId() {
    return this.#readKeyIds().subjectKeyId;
  }
  get authorityKeyId() {
    return this.#readKeyIds().authorityKeyId;
  }
  get use() {
    this.#use ??= readUse(this.#der, () => this.#open());
    return this.#use;
  }

  #readKeyIds() {
    this.#keyIds ??= readKeyIds(this.#der);
    return this.#keyIds;
  }
  #open() {
    this.#x509 ??= new X509Certificate(this.#der);
    return this.#x509;
  }
}

const otherNamesOf = ({ subjectAltName = '' }: X509Certificate): string[] =>
  readAlternativeNames(subjectAltName)
    .filter(({ type }) => type !== 'DNS')
    .map(describeOtherName);

const subjectKeyIdentifier = '551d0e';
const authorityKeyIdentifier = '551d23';

type KeyIds = Pick<Certificate, 'subjectKeyId' | 'authorityKeyId'>;

function readKeyIds(der: Buffer): KeyIds {
  const extensions = certificateExtensions(der);
  return {
    subjectKeyId: keyId(extensions.get(subjectKeyIdentifier), derTag.octetString),
    authorityKeyId: keyId(extensions.get(authorityKeyIdentifier), undefined),
  };
}

/** RFC 5280 §4.2.1.1 (a SEQUENCE whose [0] is the identifier) and §4.2.1.2 (an OCTET STRING). */
function keyId(extension: Buffer | undefined, tag: number | undefined): string | undefined {
  const [outer] = extension ? derValues(extension) : [];
  const value = tag === undefined ? outer && derValues(outer.content).find((part) => part.tag === 0x80) : outer;
  return value && (tag === undefined || value.tag === tag) ? value.content.toString('hex').toUpperCase() : undefined;
}

/** Of a subject or issuer. node:crypto prints one attribute per line; a name without any is undefined. */
export const oneLine = (name: string | undefined): string =>
  (name ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace('=', ' = '))
    .join(', ');

/**
 * A date that JavaScript cannot hold is left out: such a certificate is not valid at any time. Of one that OpenSSL cannot
 * read, Node makes a date of whatever is in memory; only the text says so.
 */
const rfc3339 = (date: Date, text: string): string =>
  text === 'Bad time value' || Number.isNaN(date.getTime()) ? '' : date.toISOString().replace('.000Z', 'Z');

const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

function describePublicKey(x509: X509Certificate): string {
  try {
    const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = x509.publicKey;
    if (details?.namedCurve !== undefined) return `EC ${curves[details.namedCurve] ?? details.namedCurve}`;
    return details?.modulusLength === undefined ? type : `${type.toUpperCase()} ${details.modulusLength}`;
  } catch {
    return 'unknown'; // a kind of key that OpenSSL does not have
  }
}

interface AlternativeName {
  /** `DNS`, `URI`, `IP Address`, `email`, `DirName`, `othername`… */
  readonly type: string;
  readonly value: string;
}

/** node:crypto joins them with commas, and writes a value in which one could be mistaken as a JSON string. */
function readAlternativeNames(text: string): AlternativeName[] {
  return [...text.matchAll(/([\w ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)].map(([, type = '', value = '']) => ({
    type,
    value: value.startsWith('"') ? unquoted(value) : value,
  }));
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text; // not written by node:crypto's rule: shown as it is
  }
}

const plainTypes = new Set(['URI', 'IP Address', 'email']);

const describeOtherName = ({ type, value }: AlternativeName): string =>
  plainTypes.has(type) ? value : `${type}:${value}`;
