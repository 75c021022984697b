import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainProblems, isOutOfOrder } from '#analysis/certificates/chain-problems.ts';
import type { Certificate } from '#model/certificate.ts';
import { intermediate, leaf, root } from '../../support/builders/certificate.ts';
import { now } from '../../support/builders/fleet.ts';

const codes = (chain: readonly Certificate[], authorities: readonly Certificate[] = []): string[] =>
  chainProblems(chain, authorities, now).map(({ code, severity }) => `${severity} ${code}`);

test('a leaf with its intermediate is whole, with or without the root', () => {
  assert.equal(codes([leaf(), intermediate]), []);
  assert.equal(codes([leaf(), intermediate], [root]), []);
  assert.equal(codes([leaf(), intermediate, root]), []);
  assert.equal(codes([]), []);
});

test('a chain that lacks an intermediate that is known lacks it for certain', () => {
  const [problem] = chainProblems([leaf()], [intermediate], now);
  assert.equal([problem?.code, problem?.severity], ['chain-incomplete', 'error']);
  assert.match(problem?.text ?? '', 'lacks CN = intermediate');
});

test('a leaf alone whose signer is not known may be all that there is', () => {
  assert.equal(codes([leaf()]), ['info chain-incomplete']);
  assert.equal(codes([leaf({ issuer: 'CN = root' })], [root]), []);
});

test('an authority of the same name and another key is not the signer', () => {
  const other = { ...intermediate, subjectKeyId: 'BB' };
  assert.equal(codes([leaf({ authorityKeyId: 'AA' }), other]), ['info chain-incomplete', 'warning chain-unrelated']);
});

test('the order counts, wherever the issuer stands', () => {
  assert.not.ok(isOutOfOrder([leaf(), intermediate, root]));
  assert.ok(isOutOfOrder([leaf(), root, intermediate]));
  assert.equal(codes([leaf(), root, intermediate]), []);
});

test('what signs nothing in the chain does not belong there', () => {
  const stranger = { ...root, subject: 'CN = stranger', issuer: 'CN = stranger' };
  assert.equal(codes([leaf(), intermediate, stranger]), ['warning chain-unrelated']);
});

test('an authority that ends before the certificate, soon or already is named', () => {
  const until = (notAfter: string, notAfterOfLeaf = '2027-12-01T00:00:00Z'): string[] =>
    codes([leaf({ notAfter: notAfterOfLeaf }), { ...intermediate, notBefore: '2020-01-01T00:00:00Z', notAfter }]);
  assert.equal(until('2027-11-30T00:00:00Z'), ['warning authority-ends-first']);
  assert.equal(until('2027-12-02T00:00:00Z'), []);
  assert.equal(until('2026-11-29T00:00:00Z'), ['warning expiring']);
  assert.equal(until('2026-11-22T00:00:00Z'), ['error expired']);
});

test('keys and signatures that clients refuse are named, but not the signature of a root', () => {
  assert.equal(codes([leaf({ publicKey: 'RSA 1024' }), intermediate]), ['warning weak-key']);
  assert.equal(codes([leaf({ publicKey: 'EC secp224r1' }), intermediate]), ['warning weak-key']);
  assert.equal(codes([leaf({ publicKey: 'RSA 2048' }), intermediate]), []);
  assert.equal(codes([leaf({ publicKey: 'ed25519' }), intermediate]), []);
  assert.equal(codes([leaf({ signatureAlgorithm: 'sha1WithRSAEncryption' }), intermediate]), [
    'warning weak-signature',
  ]);
  assert.equal(codes([leaf(), intermediate, { ...root, signatureAlgorithm: 'sha1WithRSAEncryption' }]), []);
});

test.run();
