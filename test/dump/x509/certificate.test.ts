import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { certificateBlocks, readBase64Chain, readCertificates, readHandshakeChain } from '#dump/x509/certificate.ts';
import type { Certificate } from '#model/certificate.ts';
import { certificateForJson } from '#render/words/describe-validity.ts';
import { intermediate, leaf, odd, root, rsaLeaf, zeroSerial } from '../../support/certificates.ts';

const read = (text: string): ReturnType<typeof readCertificates> => readCertificates(Buffer.from(text, 'latin1'));
const readOne = (pem: string): Certificate => read(pem).chain[0] as Certificate;
/** As documents have it: without what verifiers go by, which has tests of its own. */
const shown = (pem: string): object => {
  const { validity: _, daysLeft: __, ...rest } = certificateForJson(readOne(pem), new Date(0));
  return rest;
};
const der = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');

test('reads everything of a certificate', () => {
  assert.equal(shown(leaf), {
    subject: 'CN = svc1.discovery.wmnet',
    issuer: 'O = Wikimedia-like, CN = discovery intermediate',
    commonName: 'svc1.discovery.wmnet',
    serial: '1001',
    dnsNames: ['svc1.discovery.wmnet', 'svc1.svc.eqiad.wmnet'],
    otherNames: [],
    notBefore: '2026-10-24T12:06:20Z',
    notAfter: '2027-01-22T12:06:20Z',
    isCa: false,
    publicKey: 'EC P-256',
    signatureAlgorithm: 'ecdsa-with-SHA256',
    fingerprint: '762DF8DEDE598EACEC5F59CA1DD46D941F9417B8FEC0B78B58CDA65BC767BC35',
    subjectKeyId: '355279620CE78FCF5212C9AAB6B38747F55C8FD7',
    authorityKeyId: 'E1B16854AA1E8F13C2921E87F9134790B73FCCD2',
  });
});

test('tells a CA, without alternative names', () => {
  const { isCa, dnsNames, otherNames, subject, issuer } = readOne(root);
  assert.equal([isCa, dnsNames, otherNames], [true, [], []]);
  assert.is(subject, issuer);
});

test('base64 that has lost its padding, or has too much, is no certificate, as OpenSSL has it', () => {
  for (const [pem, padding] of [
    [leaf, ''],
    [intermediate, '=='],
  ] as const) {
    const [before = '', after = ''] = pem.split(`${padding}\n-----END`);
    const padded = (end: string): string => `${before}${end}\n-----END${after}`;
    assert.is(read(padded(padding)).chain.length, 1);
    for (const end of ['', '=', '==', 'A', 'AA', 'AAA', 'A='].filter((one) => one !== padding))
      assert.match(read(padded(end)).unreadable ?? '', /^certificate 1: (?:not a certificate|it is no base64)$/, end);
  }
});

test('leaves out a date that is none, and makes no other of it', () => {
  const bytes = der(leaf);
  const notBefore = bytes.indexOf('261024120620Z');
  for (let n = 0; n < 400; n++) {
    const damaged = Buffer.from(bytes);
    damaged[notBefore + (n % 12)] = 0x41 + (n % 7);
    damaged[damaged.length - 1] = n; // each is read anew
    const [one] = readCertificates(damaged).chain;
    if (one !== undefined) assert.equal([one.notBefore, one.notAfter], ['', '2027-01-22T12:06:20Z']);
    assert.is(new X509Certificate(leaf).validToDate.getUTCFullYear(), 2027);
  }
});

test('writes a serial number in whole bytes, also 0', () => {
  assert.is(readOne(zeroSerial).serial, '00');
});

test('names the kinds of keys', () =>
  assert.equal(
    [leaf, rsaLeaf, odd].map((pem) => readOne(pem).publicKey),
    ['EC P-256', 'RSA 2048', 'ed25519'],
  ));

test('reads alternative names of every kind, also one that looks like two', () => {
  const { dnsNames, otherNames, commonName, subject } = readOne(odd);
  assert.equal(dnsNames, ['odd.example', '*.odd.example']);
  assert.equal(otherNames, [
    '10.0.0.1',
    '2001:DB8:0:0:0:0:0:1',
    'spiffe://odd.example/a, DNS:forged.example',
    'a@odd.example',
    'Registered ID:1.2.3.4',
    'DirName:CN=inner',
  ]);
  assert.equal([commonName, subject], ['a=b', 'O = Odd\\, Inc., CN = a=b']);
});

test('has no key identifiers where the certificate has none', () => {
  const { subjectKeyId, authorityKeyId } = readOne(odd);
  assert.equal([subjectKeyId, authorityKeyId], [undefined, undefined]);
});

test('reads a chain in its order, with anything between the blocks', () => {
  const { chain, unreadable } = read(`subject=leaf\n${leaf}\n# and\r\n${intermediate}${root}`);
  assert.equal(
    chain.map(({ serial }) => serial),
    ['1001', '7CE558518E3A40EA6B8E402F49AB79DA01ACF619', '63B573DA4BDB52A33E3DE86D3C4292D31CB88E1B'],
  );
  assert.is(unreadable, undefined);
});

test('reads DER', () => {
  const { chain, unreadable } = readCertificates(der(leaf));
  assert.equal([chain[0]?.serial, unreadable], ['1001', 'certificate 1: it is DER, and Envoy takes PEM only']);
  assert.equal(
    readHandshakeChain([der(leaf), der(root)]).map(({ serial }) => serial),
    ['1001', readOne(root).serial],
  );
});

test('reads the old name of the block', () => {
  assert.is(read(leaf.replace(/CERTIFICATE/g, 'X509 CERTIFICATE')).chain[0]?.serial, '1001');
});

test('says which certificate cannot be read, and reads the others', () => {
  const bad = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const { chain, unreadable } = read(bad + leaf + bad);
  assert.equal(
    [chain.map(({ serial }) => serial), unreadable],
    [['1001'], 'certificate 1: not a certificate; certificate 3: not a certificate'],
  );
});

test('says that a bundle is cut off', () => {
  const { chain, unreadable } = read(leaf + intermediate.slice(0, 200));
  assert.equal([chain.length, unreadable], [1, 'certificate 2: it has no end']);
});

test('says why there is nothing', () => {
  assert.equal(read(''), { chain: [], unreadable: 'empty' });
  assert.equal(read('junk'), { chain: [], unreadable: 'no certificate in 4 bytes' });
  assert.equal(readCertificates(der(leaf).subarray(0, 100)), { chain: [], unreadable: 'no certificate in 100 bytes' });
});

test('passes over what is no certificate', () => {
  const other = '-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n';
  assert.equal(certificateBlocks(other + leaf), [leaf.trimEnd()]);
  assert.is(read(other + leaf).chain.length, 1);
});

/** What an Envoy 1.40 made of each: refused, or how many certificates a handshake got. */
const bom = '\xef\xbb\xbf';
const trusted = (pem: string): string => pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE');
for (const [what, pem, made] of [
  ['CR LF', (leaf + intermediate).replaceAll('\n', '\r\n'), 2],
  ['blanks behind each line', (leaf + intermediate).replaceAll('\n', ' \t\n'), 2],
  ['other text, and a last line without an end', `# a\n${leaf}b\n${intermediate.trimEnd()}`, 2],
  ['a trusted certificate first', trusted(leaf) + intermediate, 2],
  ['no line end between the two', leaf.trimEnd() + intermediate, 'the next block begins on its last line'],
  ['text behind the last line', `${leaf.trimEnd()}# a\n${intermediate}`, 'something follows on its last line'],
  ['a byte order mark', bom + leaf + intermediate, 'a byte order mark stands before it'],
  ['blanks before the first line', ` ${leaf}${intermediate}`, 'blanks stand before it'],
  ['blanks before the last line', leaf.replace('-----END', ' -----END'), 'blanks stand before its last line'],
  ['CR alone', leaf.replaceAll('\n', '\r'), 'something follows on its first line'],
  ['a header', leaf.replace('-----\n', '-----\nComment: a\n\n'), 'it has a header, Comment'],
  ['an empty line', leaf.replace('-----END', '\n-----END'), 'it has an empty line, which not every Envoy takes'],
  ['two kinds of lines', leaf.replace('END C', 'END X509 C'), 'its last line is not -----END CERTIFICATE-----'],
  ['no end', leaf.slice(0, 200) + intermediate, 'it has no end'],
  ['a second one that is none', leaf + leaf.replace(/MII.+/, 'AAAA'), 'not a certificate'],
  ['another block without an end', `${leaf}-----BEGIN EC PARAMETERS-----\n`, 'EC PARAMETERS: it has no end'],
  [
    'another block of no base64',
    `${leaf}-----BEGIN X509 CRL-----\n!\n-----END X509 CRL-----\n`,
    'CRL: it is no base64',
  ],
  ['another block that is empty', `-----BEGIN A-----\n-----END A-----\n${leaf}`, 'A: it is no base64'],
  ['another block', `-----BEGIN A-----\nMIIB\n-----END A-----\n${leaf}`, 1],
  ['base64 of base64', Buffer.from(leaf).toString('base64'), ': it is encoded in base64 twice'],
  ['PKCS #7', '-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----', ', only PKCS7'],
] as const)
  test(`a server's chain is as Envoy takes it: ${what}`, () => {
    const { chain, unreadable, passedOver } = readBase64Chain(Buffer.from(pem, 'latin1').toString('base64'));
    if (typeof made === 'string') assert.ok(unreadable?.endsWith(made), unreadable);
    else assert.equal([chain.length, unreadable, passedOver], [made, undefined, undefined]);
  });

test('Envoy passes over a later certificate that it does not see, and over CAs of a bundle', () => {
  const chain = (pem: string) => readBase64Chain(Buffer.from(pem, 'latin1').toString('base64'));
  const marked = chain(leaf + bom + intermediate);
  assert.equal([marked.chain.length, marked.unreadable], [1, undefined]);
  assert.is(marked.passedOver, 'certificate 2: a byte order mark stands before it');
  assert.equal(chain(leaf + trusted(intermediate)).chain.length, 1);
  assert.equal([read(root + trusted(intermediate)).chain.length, read(bom + root + intermediate).chain.length], [2, 1]);
  assert.match(read(bom + root).unreadable ?? '', 'a byte order mark');
});

test("nothing is taken for the server's own where the first certificate cannot be read", () => {
  const { chain, unreadable } = readBase64Chain(Buffer.from(leaf.slice(0, 200) + intermediate).toString('base64'));
  assert.equal([chain, unreadable], [[], 'certificate 1: it has no end']);
});

test('reads equal bytes once', () => assert.is(read(leaf + root), read(leaf + root)));

test.run();
