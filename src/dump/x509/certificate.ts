// X.509 certificates → model, by node:crypto: OpenSSL's own parser, kept, and nothing to bundle. @peculiar/x509 would
// cost 340 kB and 30 ms of start (reflect-metadata, tsyringe), asn1js 66 kB and leaves the meaning to us. What
// node:crypto does not tell (the key identifiers) is read from the DER, der.ts. OpenSSL is asked where a certificate is
// unusual, and for what lists do not show (plain-certificate.ts).

import { hash, X509Certificate } from 'node:crypto';
import { memoize, memoizeLong } from '#core/memoize.ts';
import type { Certificate } from '#model/certificate.ts';
import type { CertificateUse } from '#model/certificate-use.ts';
import { certificateExtensions, derTag, derValues } from './der.ts';
import { bareCertificates, type PemBlock, pemBlocks } from './pem.ts';
import { type PlainCertificate, readPlainCertificate } from './plain-certificate.ts';
import { readUse } from './use.ts';

export interface CertificateBundle {
  /** In order, as far as they can be read. */
  readonly chain: readonly Certificate[];
  /** Why Envoy refuses all of it: what of it cannot be read. */
  readonly unreadable: string | undefined;
  /** What Envoy does not see, and why. */
  readonly passedOver?: string;
  /** It was taken out of an anonymous snapshot: nothing is known of it. */
  readonly isWithheld?: true;
}

/** What stands in the place of certificates in an anonymous snapshot. */
export const withheld = '[withheld]';

/** PEM, or one DER, which Envoy refuses. What is no certificate (a private key) is passed over. */
export const readCertificates = (bytes: Buffer): CertificateBundle => readKnownText(bytes.toString('latin1'));

/** As `readCertificates`, of bytes in base64 as they stand in JSON. */
export const readBase64Certificates = memoizeLong(signatureIn, (base64) => readText(textOf(base64)));

/** As `readBase64Certificates`, of what a server presents: its own certificate first. */
export const readBase64Chain = memoizeLong(signatureIn, (base64) => asChain(readBlocks(textOf(base64))));

/** As `readBase64Chain`, of text. */
export const readChain = (text: string): CertificateBundle => asChain(readBlocks(text));

/** Of a handshake. */
export const readHandshakeChain = (chain: readonly Buffer[]): Certificate[] =>
  chain.flatMap((der) => readDer(der)).filter((one) => typeof one !== 'string');

const textOf = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

/** Most of it: the end of PEM, and of PEM in base64, but for `-----END CERTIFICATE-----`. */
function signatureIn(text: string): string {
  return text.slice(-104, -40);
}

interface ReadBlock {
  /** A text says why there is none. */
  readonly certificate: Certificate | string;
  readonly isTrusted: boolean;
  readonly fault: string | undefined;
  readonly hidden: string | undefined;
}

interface ReadBlocks {
  readonly certificates: readonly ReadBlock[];
  /** What is wrong with the text as a whole, or with blocks of other kinds. */
  readonly faults: readonly string[];
  readonly isWithheld?: true;
}

function readBlocks(text: string): ReadBlocks {
  return readPlainBlocks(text) ?? readLines(text);
}

/** Of certificates as every tool writes them, which need no second look; a mesh has hundreds. */
function readPlainBlocks(text: string): ReadBlocks | undefined {
  const certificates = (bareCertificates(text) ?? []).map(readPlainBlock);
  const isPlain = certificates.length > 0 && certificates.every((one) => one !== undefined);
  return isPlain ? { certificates, faults: [] } : undefined;
}

function readLines(text: string): ReadBlocks {
  const blocks = pemBlocks(text);
  const certificates = blocks.filter(({ label }) => isCertificate.test(label)).map(readBlock);
  if (certificates.length === 0) return readWithoutPem(text, blocks);
  const others = blocks.filter(({ label, fault }) => fault !== undefined && !isCertificate.test(label));
  return { certificates, faults: others.map(({ label, fault }) => `${label}: ${fault}`) };
}

const isCertificate = /^(?:X509 |TRUSTED )?CERTIFICATE$/;

function readBlock({ label, pem, fault, hidden }: PemBlock): ReadBlock {
  const isTrusted = label === 'TRUSTED CERTIFICATE';
  return { certificate: pem === undefined ? notOne : readKnownBlock(pem), isTrusted, fault, hidden };
}

const notOne = 'not a certificate';

function readWithoutPem(text: string, blocks: readonly PemBlock[]): ReadBlocks {
  if (text === '') return { certificates: [], faults: ['empty'] };
  if (text.includes(withheld)) return { certificates: [], faults: [], isWithheld: true };
  const certificate = readDer(Buffer.from(text, 'latin1'));
  const isDer = typeof certificate !== 'string';
  if (!isDer) return { certificates: [], faults: [`no certificate in ${text.length} bytes${whatElse(text, blocks)}`] };
  const fault = 'it is DER, and Envoy takes PEM only';
  return { certificates: [{ certificate, isTrusted: false, fault, hidden: undefined }], faults: [] };
}

function whatElse(text: string, blocks: readonly PemBlock[]): string {
  if (blocks.length > 0) return `, only ${[...new Set(blocks.map(({ label }) => label))].slice(0, 3).join(', ')}`;
  if (/^LS0tLS1CRUdJTi/.test(text.trimStart())) return ': it is encoded in base64 twice';
  return /^(\xff\xfe|\xfe\xff)/.test(text) ? ': it is UTF-16' : '';
}

/** Each certificate that can be read, but for those that Envoy does not see where it sees others. */
function asBundle(blocks: ReadBlocks): CertificateBundle {
  const { certificates } = blocks;
  const isAnySeen = certificates.some(({ hidden }) => hidden === undefined);
  return bundleOf(blocks, ({ hidden }) => (isAnySeen ? hidden : undefined));
}

/**
 * Envoy takes the first that it sees for the server's own: where that is another, or cannot be read, nothing is known of
 * what was meant to be behind it. Of trusted ones it takes the first only.
 */
function asChain(blocks: ReadBlocks): CertificateBundle {
  const { certificates } = blocks;
  const trusted = 'it is a TRUSTED CERTIFICATE, which Envoy takes in the first place only';
  const bundle = bundleOf(blocks, ({ hidden, isTrusted }, at) =>
    at === 0 ? undefined : (hidden ?? (isTrusted ? trusted : undefined)),
  );
  return typeof certificates[0]?.certificate === 'string' ? { ...bundle, chain: [] } : bundle;
}

function bundleOf(
  { certificates, faults, isWithheld }: ReadBlocks,
  whyPassedOver: (block: ReadBlock, at: number) => string | undefined,
): CertificateBundle {
  const read = certificates.map((block, at) => ({ ...block, at, passedOver: whyPassedOver(block, at) }));
  const seen = read.filter(({ passedOver }) => passedOver === undefined);
  const bad = seen.flatMap(({ certificate, fault, hidden, at }) => {
    const why = fault ?? hidden ?? (typeof certificate === 'string' ? certificate : undefined);
    return why === undefined ? [] : [`certificate ${at + 1}: ${why}`];
  });
  const passed = read.flatMap(({ passedOver, at }) =>
    passedOver === undefined ? [] : [`certificate ${at + 1}: ${passedOver}`],
  );
  return {
    chain: seen.map(({ certificate }) => certificate).filter((one) => typeof one !== 'string'),
    unreadable: bad.length + faults.length === 0 ? undefined : [...bad, ...faults].join('; '),
    ...(passed.length === 0 ? {} : { passedOver: passed.join('; ') }),
    ...(isWithheld ? { isWithheld } : {}),
  };
}

const readText = (text: string): CertificateBundle => asBundle(readBlocks(text));

/** A fleet holds the same ones on every pod, and reading one costs 0.1 ms. */
const readKnownText = memoize(readText);

/** The PEM blocks of certificates in a text, laid out anew. */
export const certificateBlocks = (text: string): string[] =>
  pemBlocks(text).flatMap(({ label, pem }) => (pem !== undefined && isCertificate.test(label) ? [pem] : []));

/** One intermediate stands in hundreds of chains. Of a chain, almost all is certificates: slices keep little else. */
const readKnownBlock = memoizeLong(signatureIn, (block) => readPem(block));

const readPlainBlock = memoizeLong(signatureIn, (block): ReadBlock | undefined => {
  const plain = derOfPlainPem(block);
  return plain && { certificate: readPem(block, plain), isTrusted: false, fault: undefined, hidden: undefined };
});

/** The certificate, or why it is none. `plain`: its bytes, where it is laid out as every tool writes it. */
const readPem = (pem: string, plain = derOfPlainPem(pem)): Certificate | string => readPlain(plain) ?? readAny(pem);

const readDer = (der: Buffer): Certificate | string => readPlain(der) ?? readAny(der);

function readAny(source: string | Buffer): Certificate | string {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(source);
  } catch {
    return notOne;
  }
  return describeCertificate(x509);
}

/** Undefined where anything is unusual. */
function readPlain(der: Buffer | undefined): Certificate | undefined {
  const plain = der && readPlainCertificate(der);
  return plain && new ReadCertificate(plain, der);
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
