// Whatever readPlainCertificate reads, OpenSSL reads, and the same.

import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeCertificate } from '#dump/x509/certificate.ts';
import { type PlainCertificate, readPlainCertificate } from '#dump/x509/plain-certificate.ts';
import { intermediate, leaf, odd, root, rsaLeaf, zeroSerial } from '../../support/certificates.ts';

const derOf = (pem: string): Buffer => new X509Certificate(pem).raw;

type Listed = Omit<PlainCertificate, 'mayBeCa'>;

function byOpenssl(der: Buffer): (Listed & { readonly isCa: boolean }) | { readonly isCa?: undefined } {
  try {
    const described = describeCertificate(new X509Certificate(der));
    const { subject, issuer, commonName, serial, dnsNames, otherNames, notBefore, notAfter, isCa } = described;
    const hasOtherNames = otherNames.length > 0;
    return { subject, issuer, commonName, serial, notBefore, notAfter, dnsNames, hasOtherNames, isCa };
  } catch {
    return {};
  }
}

function assertAsOpenssl({ mayBeCa, ...listed }: PlainCertificate, der: Buffer): void {
  const { isCa, ...expected } = byOpenssl(der);
  assert.equal(listed, expected, der.toString('hex'));
  assert.ok(mayBeCa || isCa === false, der.toString('hex'));
}

test('reads what certificates of every day have', () => {
  for (const pem of [leaf, intermediate, root, rsaLeaf])
    assertAsOpenssl(readPlainCertificate(derOf(pem)) as PlainCertificate, derOf(pem));
  assert.equal(
    [leaf, intermediate, root].map((pem) => readPlainCertificate(derOf(pem))?.mayBeCa),
    [false, true, true],
  );
});

test('leaves unusual names to OpenSSL', () => assert.is(readPlainCertificate(derOf(odd)), undefined));

test('reads a serial number of 0 in whole bytes', () =>
  assert.is(readPlainCertificate(derOf(zeroSerial))?.serial ?? '00', '00'));

/** The leaf with another begin of its time. */
function since(time: string): Buffer {
  const der = Buffer.from(derOf(leaf));
  const at = der.indexOf(Buffer.from([0x17, 0x0d]));
  der.write(time, at + 2, 'latin1');
  return der;
}

test('reads times of every day and second that there is', () => {
  for (const time of [
    '000229120000Z',
    '240229000000Z',
    '260131235959Z',
    '260430100000Z',
    '261231235959Z',
    '500228000000Z',
  ]) {
    const plain = readPlainCertificate(since(time));
    assert.ok(plain, time);
    assertAsOpenssl(plain, since(time));
  }
});

for (const time of ['260229', '500229', '260230', '260431', '261131', '260100', '260132', '260001', '261301']
  .map((day) => `${day}000000Z`)
  .concat(['260101240000Z', '260101006000Z', '260101000060Z', '26010100000 Z', '2601010000000']))
  test(`leaves ${time}, which is no time, to OpenSSL`, () => assert.is(readPlainCertificate(since(time)), undefined));

/** Lengths, tags, signs, zeros, digits and letters. */
const otherBytes = [
  0x00, 0x01, 0x02, 0x05, 0x16, 0x26, 0x2c, 0x30, 0x31, 0x39, 0x41, 0x5a, 0x7f, 0x80, 0x81, 0xa3, 0xff,
];

/** One byte after the other becomes each of these, one less and one more. */
function* damaged(der: Buffer): Generator<Buffer> {
  for (const [at, byte] of der.entries())
    for (const other of [...otherBytes, byte - 1, byte + 1]) {
      const copy = Buffer.from(der);
      copy[at] = other;
      yield copy;
    }
}

for (const [name, pem] of Object.entries({ leaf, root, rsaLeaf }))
  test(`reads nothing in a damaged ${name} that OpenSSL refuses or reads otherwise`, () => {
    let read = 0;
    for (const der of damaged(derOf(pem))) {
      const plain = readPlainCertificate(der);
      if (plain === undefined) continue;
      read++;
      assertAsOpenssl(plain, der);
    }
    assert.ok(read > 100, `only ${read}`);
  });

test('reads nothing of what is cut off, or has more behind it', () => {
  const der = derOf(leaf);
  for (let length = 0; length < der.length; length++)
    assert.is(readPlainCertificate(der.subarray(0, length)), undefined);
  assert.is(readPlainCertificate(Buffer.concat([der, Buffer.from([0])])), undefined);
});

test.run();
