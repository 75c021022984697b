import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { whyUntrusted } from '#dump/x509/verify.ts';
import {
  impostor,
  intermediate,
  leaf,
  noAuthority,
  odd,
  ownRoot,
  root,
  rsaLeaf,
  signedByNone,
} from '../../support/certificates.ts';

const now = new Date('2026-11-24T00:00:00Z');
const der = (pem: string): Buffer => new X509Certificate(pem).raw;
const why = (chain: readonly string[], authorities: readonly string[], at = now): string | undefined =>
  whyUntrusted(chain.map(der), authorities, at);

test('a chain to a root that is trusted verifies, in any order of the rest', () => {
  assert.is(why([leaf, intermediate], [root]), undefined);
  assert.is(why([leaf, odd, intermediate], [odd, root]), undefined);
  assert.is(why([leaf], [intermediate]), undefined);
  assert.is(why([leaf, intermediate, root], [root]), undefined);
});

test('a certificate that is trusted itself verifies', () =>
  assert.is(why([odd], [odd], new Date('2026-12-01T00:00:00Z')), undefined));

test('says which signer is not known', () => {
  assert.is(
    why([leaf], [root]),
    'it is signed by O = Wikimedia-like, CN = discovery intermediate, which is not among the CAs',
  );
  assert.is(
    why([leaf, intermediate], [odd]),
    'it is signed by O = Wikimedia-like, CN = Discovery Root CA, which is not among the CAs',
  );
  assert.is(
    why([leaf, intermediate], []),
    'it is signed by O = Wikimedia-like, CN = Discovery Root CA, which is not among the CAs',
  );
});

const later = new Date('2026-12-01T00:00:00Z');

test('of two authorities of one name the first is chosen, as by OpenSSL and BoringSSL, and its signature counts', () => {
  assert.match(why([leaf, intermediate], [impostor], later) ?? '', 'although the names are right');
  assert.match(why([leaf, intermediate], [impostor, root], later) ?? '', 'although the names are right');
  assert.is(why([leaf, intermediate], [root, impostor], later), undefined);
});

test('what a certificate signed that is no authority does not count', () => {
  assert.is(why([noAuthority], [ownRoot], later), undefined);
  assert.is(
    why([signedByNone, noAuthority], [ownRoot], later),
    'CN = no authority signs another certificate and may not: it is no CA (basicConstraints)',
  );
});

test('a leaf signs nothing, and no chain is no certificate', () => {
  assert.match(why([leaf, rsaLeaf], [root]) ?? '', 'which is not among the CAs');
  assert.is(why([], [root]), 'it presents no certificate');
});

test('every certificate of the way has to be valid now', () => {
  assert.is(why([rsaLeaf, intermediate], [root]), 'CN = expired.discovery.wmnet expired on 2026-11-21');
  assert.is(
    why([leaf, intermediate], [root], new Date('2032-01-01T00:00:00Z')),
    'CN = svc1.discovery.wmnet expired on 2027-01-22',
  );
  assert.is(
    why([leaf, intermediate], [root], new Date('2020-01-01T00:00:00Z')),
    'CN = svc1.discovery.wmnet is not valid before 2026-10-24',
  );
  assert.is(
    why([leaf, intermediate], [root], new Date('2026-11-01T00:00:00Z')),
    'O = Wikimedia-like, CN = discovery intermediate is not valid before 2026-11-23',
  );
});

test.run();
