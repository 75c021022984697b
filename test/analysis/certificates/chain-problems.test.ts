import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainProblems, isOutOfOrder } from '#analysis/certificates/chain-problems.ts';
import type { Certificate } from '#model/certificate.ts';
import { certificate, intermediate, leaf, root } from '../../support/builders/certificate.ts';
import { now } from '../../support/builders/fleet.ts';

const codes = (chain: readonly Certificate[], authorities: readonly Certificate[] = []): string[] =>
  chainProblems(chain, authorities, now).map(({ code, severity }) => `${severity} ${code}`);

const texts = (chain: readonly Certificate[], authorities: readonly Certificate[] = []): string[] =>
  chainProblems(chain, authorities, now).map(({ code, text }) => `${code}: ${text}`);

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

test('who signed itself, or was signed by cert-manager for the time being, is told', () => {
  assert.equal(texts([leaf({ issuer: 'CN = cert-manager.local' })]), [
    'chain-incomplete: it is a temporary certificate of cert-manager, which no client trusts: the real one is not issued yet',
  ]);
  const own = leaf({ issuer: leaf().subject });
  assert.equal(codes([own]), ['info chain-incomplete']);
  assert.match(texts([own])[0] ?? '', 'the certificate is signed by itself: clients have to know it');
});

test('an authority of the same name and another key is not the signer', () => {
  const other = { ...intermediate, subjectKeyId: 'BB' };
  assert.equal(codes([leaf({ authorityKeyId: 'AA' }), other]), ['info chain-incomplete', 'warning chain-unrelated']);
  const signer = { ...intermediate, subjectKeyId: 'AA' };
  const chain = [leaf({ authorityKeyId: 'AA' }), { ...other, fingerprint: 'other' }, signer];
  assert.equal(codes(chain), ['warning chain-unrelated']);
  assert.not.ok(isOutOfOrder(chain));
});

test('the order counts, wherever the issuer stands', () => {
  assert.not.ok(isOutOfOrder([leaf(), intermediate, root]));
  assert.ok(isOutOfOrder([leaf(), root, intermediate]));
  assert.equal(codes([leaf(), root, intermediate]), []);
});

test('a chain that begins with an authority is the wrong way round, which is one finding', () => {
  const text = (from: string): string =>
    `chain-out-of-order: the chain begins with CN = ${from}, an authority of CN = a.test further on: the host's own certificate has to come first`;
  const own = leaf({ subject: 'CN = a.test' });
  for (const chain of [
    [root, intermediate, own],
    [root, own, intermediate],
  ])
    assert.equal(
      texts(chain).filter((one) => one.startsWith('chain-')),
      [text('root')],
    );
  assert.equal(
    texts([intermediate, own]).filter((one) => one.startsWith('chain-')),
    [text('intermediate')],
  );
});

test('what signs nothing in the chain does not belong there', () => {
  const stranger = certificate({ subject: 'CN = stranger', issuer: 'CN = stranger', isCa: true, fingerprint: 'x' });
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

test('what is in a chain twice is one finding, and the order of the rest counts', () => {
  const chain = [leaf(), intermediate, intermediate, root, root];
  assert.equal(texts(chain), [
    'chain-duplicate: CN = intermediate and CN = root are in the chain twice, and CN = root need not be there: clients that trust a root have it',
  ]);
  assert.not.ok(isOutOfOrder(chain));
  assert.ok(isOutOfOrder([leaf(), root, root, intermediate]));
  assert.not.ok(isOutOfOrder([leaf(), intermediate, root, intermediate]));
  assert.equal(codes([intermediate, leaf(), intermediate]), ['warning chain-duplicate', 'error chain-out-of-order']);
  assert.equal(texts([leaf(), leaf(), leaf(), intermediate]), [
    'chain-duplicate: CN = a.example is in the chain more than once',
  ]);
});

test('an authority that is signed by two others is neither a duplicate nor unrelated', () => {
  const old = certificate({ subject: 'CN = old', issuer: 'CN = old', isCa: true, fingerprint: 'old' });
  const cross = certificate({ ...root, subject: 'CN = root', issuer: 'CN = old', fingerprint: 'cross' });
  assert.equal(
    codes([
      leaf(),
      intermediate,
      root,
      { ...cross, use: { ...cross.use, subject: ['CN = root'], issuer: ['CN = old'] } },
      old,
    ]),
    [],
  );
});

test('of two authorities of one key the one that ends last counts', () => {
  const ended = { ...intermediate, notAfter: '2026-11-01T00:00:00Z', fingerprint: 'ended' };
  assert.equal(codes([leaf(), ended, intermediate]), []);
  assert.equal(codes([leaf(), intermediate, ended]), []);
  assert.equal(codes([leaf(), ended]), ['error expired']);
});

test('what verifiers refuse is said, by whose name and of which certificate', () => {
  const using = (one: Certificate, use: Partial<Certificate['use']>): Certificate => ({
    ...one,
    use: { ...one.use, ...use },
  });
  assert.equal(texts([leaf(), using(intermediate, { basicConstraints: { isCa: false, pathLength: undefined } })]), [
    'chain-refused: CN = intermediate signs another certificate and may not: it is no CA (basicConstraints)',
  ]);
  assert.equal(texts([leaf(), using(intermediate, { keyUsage: ['cRLSign'] })]), [
    'chain-refused: CN = intermediate signs another certificate and may not: its key usage lacks keyCertSign',
  ]);
  assert.equal(texts([using(leaf(), { isSignedBy: () => false }), intermediate]), [
    'chain-refused: the certificate was not signed by the key of CN = intermediate, although the names are right',
  ]);
  assert.equal(texts([using(leaf(), { purposes: ['1.3.6.1.5.5.7.3.2'] }), intermediate]), [
    'chain-refused: the certificate is not for servers: its extended key usage lacks serverAuth',
  ]);
  assert.equal(codes([using(leaf(), { keyUsage: ['keyEncipherment'] }), intermediate]), ['warning key-usage']);
});

test('constraints of an authority that is known and not sent bind the chain too', () => {
  const permitted = [{ kind: 'dns', value: 'other' }] as const;
  const own = { ...root, use: { ...root.use, nameConstraints: { permitted, excluded: [], hasRange: false } } };
  const named = leaf();
  const sent = [
    { ...named, use: { ...named.use, alternativeNames: [{ kind: 'dns', value: 'a.example' } as const] } },
    intermediate,
  ];
  assert.equal(texts(sent, [own]), [
    'chain-refused: CN = root has name constraints, and a.example of the certificate is not among the names that it may sign',
  ]);
});

test('constraints that BoringSSL alone cannot judge are a warning', () => {
  const permitted = [{ kind: 'ip', value: [10, 0, 0, 0, 255, 0, 0, 0] }] as const;
  const own = {
    ...intermediate,
    use: { ...intermediate.use, nameConstraints: { permitted, excluded: [], hasRange: false } },
  };
  const named = leaf();
  const sent = { ...named, use: { ...named.use, alternativeNames: [{ kind: 'ip', value: [10, 0, 0, 1] } as const] } };
  assert.equal(codes([sent, own]), ['warning chain-refused']);
});

test('an authority that is not valid yet is named', () => {
  assert.equal(codes([leaf(), { ...intermediate, notBefore: '2027-01-01T00:00:00Z' }]), ['error not-yet-valid']);
});

test.run();
