// Verdicts over generated chains against `openssl verify`, as Envoy asks for it: purpose of a server, any trusted CA
// ends the chain. Where BoringSSL does otherwise than OpenSSL, the table at the end says so with its source.

import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reasonsAgainst, type Untrusted } from '#dump/x509/verify.ts';
import type { Verifier } from '#model/name-constraints.ts';
import { type Shape, type ShapeMaker, shapeMaker, shapes } from '../../support/x509/chains.ts';
import { opensslVersion, type Workshop, workshop } from '../../support/x509/openssl.ts';

const now = new Date();

/** Numbers of include/openssl/x509_vfy.h; an invalid CA is 24 before OpenSSL 3 and 79 since. */
const kinds: Readonly<Record<string, Untrusted['kind']>> = {
  ...{ 2: 'unknown-issuer', 18: 'unknown-issuer', 19: 'unknown-issuer', 20: 'unknown-issuer', 21: 'unknown-issuer' },
  ...{ 7: 'signature', 9: 'not-yet-valid', 10: 'expired', 24: 'not-a-ca', 79: 'not-a-ca', 25: 'path-length' },
  ...{ 26: 'purpose', 34: 'critical', 47: 'names', 48: 'names', 49: 'names', 51: 'names', 52: 'names', 53: 'names' },
};

interface Made extends Required<Pick<Shape, 'sent' | 'trusted'>> {
  readonly pem: (names: readonly string[]) => string[];
}

function make(maker: ShapeMaker, shape: Shape): Made {
  const made = maker(shape);
  const pem = (names: readonly string[]): string[] => names.map((name) => made.get(name) ?? '');
  return { sent: shape.sent ?? ['leaf', 'inner'], trusted: shape.trusted ?? ['root'], pem };
}

/** Kinds of all errors that openssl prints; empty where it trusts the chain. */
function opensslKinds(shop: Workshop, { sent, trusted, pem }: Made): string[] {
  const [leaf = '', ...others] = pem(sent);
  const files = [
    ...['-CAfile', shop.write('trusted.pem', pem(trusted).join(''))],
    ...(others.length > 0 ? ['-untrusted', shop.write('others.pem', others.join(''))] : []),
    shop.write('presented.pem', leaf),
  ];
  const options = ['-no-CApath', '-no-CAstore', '-partial_chain', '-purpose', 'sslserver'];
  const { stderr, status } = spawnSync('openssl', ['verify', ...options, ...files], { encoding: 'utf8' });
  if (status === 0) return [];
  const numbers = [...stderr.matchAll(/^error (\d+) at/gm)].map(([, number = '']) => number);
  return [...new Set(numbers.map((number) => kinds[number] ?? `error ${number}`))];
}

const ourKinds = ({ sent, trusted, pem }: Made, by: Verifier): string[] => [
  ...new Set(
    reasonsAgainst(
      pem(sent).map((one) => new X509Certificate(one).raw),
      pem(trusted),
      now,
      by,
    ).map(({ kind }) => kind),
  ),
];

/**
 * BoringSSL: no constraints of addresses (crypto/x509/v3_ncons.cc, nc_match_single); no CA of version 3 without
 * basicConstraints (crypto/x509/v3_purp.cc, check_ca).
 */
const otherInBoringSsl: Readonly<Record<string, readonly string[]>> = {
  'IP permitted': ['names'],
};

if (opensslVersion === undefined) {
  test('is skipped: there is no OpenSSL 3 on this machine to compare with', () => undefined);
} else {
  const shop = workshop();
  const maker = shapeMaker(shop, now);
  for (const [name, shape] of Object.entries(shapes)) {
    test(`${name}: as ${opensslVersion} verifies it`, () => {
      const made = make(maker, shape);
      const [theirs, ours] = [opensslKinds(shop, made), ourKinds(made, 'openssl')];
      const both = `ours: ${ours.join()}; openssl: ${theirs.join()}`;
      assert.is(ours.length === 0, theirs.length === 0, both);
      assert.ok(theirs.length === 0 || ours.some((kind) => theirs.includes(kind)), both);
      assert.equal(ourKinds(made, 'boringssl').sort(), [...(otherInBoringSsl[name] ?? ours)].sort());
    });
  }
  test.after(() => shop.end());
}

test.run();
