// Parameters of signatures and keys, in OpenSSL's words. Source: RFC 4055 §3.1 (RSASSA-PSS), SEC 1 §C.2 (curves that
// are spelled out), RFC 3279 §2.3.2 (DSA); OpenSSL crypto/rsa/rsa_ameth.c, providers/…/encode_key2text.c.

import type { KeyPart } from '#model/certificate-details.ts';
import { type DerValue, derTag, derValues } from './der.ts';
import { dottedId, hashNames, idName } from './object-id.ts';

const inside = (value: DerValue | undefined): DerValue[] => (value ? derValues(value.content) : []);

const idOf = (algorithm: DerValue | undefined): string => dottedId(inside(algorithm)[0]?.content ?? Buffer.alloc(0));

interface Pss {
  /** Undefined: the default. */
  readonly hash: string | undefined;
  readonly mask: string | undefined;
  readonly salt: Buffer | undefined;
  readonly trailer: Buffer | undefined;
}

function readPss(parameters: DerValue): Pss {
  const given = (tag: number): DerValue | undefined => inside(inside(parameters).find((one) => one.tag === tag))[0];
  const [hash, mask] = [given(0xa0), given(0xa1)];
  return {
    hash: hash && idName(idOf(hash), hashNames),
    mask: mask && idName(idOf(inside(mask)[1]), hashNames),
    salt: given(0xa2)?.content,
    trailer: given(0xa3)?.content,
  };
}

const hex = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();

/** Of a signature by RSASSA-PSS; empty for what is no parameters. */
export function describePss(parameters: DerValue | undefined): string[] {
  if (parameters?.tag !== derTag.sequence) return [];
  const { hash, mask, salt, trailer } = readPss(parameters);
  return [
    `Hash Algorithm: ${hash ?? 'sha1 (default)'}`,
    `Mask Algorithm: mgf1 with ${mask ?? 'sha1 (default)'}`,
    ` Salt Length: 0x${salt ? hex(salt) : '14 (default)'}`,
    `Trailer Field: 0x${trailer ? hex(trailer) : '01 (default)'}`,
  ];
}

const keyHash = (name: string): string => name.toUpperCase().replace(/^SHA(?=\d{3})/, 'SHA2-');

/** What a key for RSASSA-PSS may be used with. */
export function describePssKey(parameters: DerValue | undefined): string[] {
  if (parameters?.tag !== derTag.sequence) return ['No PSS parameter restrictions'];
  const { hash, mask, salt, trailer } = readPss(parameters);
  return [
    'PSS parameter restrictions:',
    `  Hash Algorithm: ${hash ? keyHash(hash) : 'SHA1 (default)'}`,
    `  Mask Algorithm: MGF1 with ${mask ? keyHash(mask) : 'SHA1 (default)'}`,
    `  Minimum Salt Length: ${salt ? Number(`0x${hex(salt)}`) : '20 (default)'}`,
    `  Trailer Field: 0x${trailer ? Number(`0x${hex(trailer)}`).toString(16) : '1 (default)'}`,
  ];
}

/** As a positive INTEGER: with a zero byte where the first bit would be taken for a sign. */
const signed = (bytes: Buffer): Buffer => ((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);

const primeField = '1.2.840.10045.1.1';

/** Of a curve over a prime field that is spelled out; undefined for any other. */
export function describeCurve(
  parameters: DerValue,
): { readonly bits: number; readonly parts: readonly KeyPart[] } | undefined {
  const [, field, curve, base, order, cofactor] = inside(parameters);
  const [kind, prime] = inside(field);
  if (dottedId(kind?.content ?? Buffer.alloc(0)) !== primeField || !prime || !base || !order) return undefined;
  const [a, b, seed] = inside(curve).map(({ content }) => content);
  const number = cofactor && Number(`0x${hex(cofactor.content)}`);
  return {
    bits: BigInt(`0x${hex(order.content)}`).toString(2).length,
    parts: [
      'Field Type: prime-field',
      { title: 'Prime:', bytes: prime.content },
      { title: 'A:', bytes: signed(a ?? Buffer.alloc(0)) },
      { title: 'B:', bytes: signed(b ?? Buffer.alloc(0)) },
      { title: `Generator (${base.content[0] === 4 ? 'uncompressed' : 'compressed'}):`, bytes: base.content },
      { title: 'Order:', bytes: order.content },
      ...(number === undefined ? [] : [`Cofactor:  ${number} (0x${number.toString(16)})`]),
      ...(seed ? [{ title: 'Seed:', bytes: seed.subarray(1) }] : []),
    ],
  };
}

export function describeDsa(
  parameters: DerValue | undefined,
): { readonly bits: number; readonly parts: readonly KeyPart[] } | undefined {
  const [p, q, g] = inside(parameters).map(({ content }) => content);
  if (!p || !q || !g) return undefined;
  const parts = [
    { title: 'P:', bytes: p },
    { title: 'Q:', bytes: q },
    { title: 'G:', bytes: g },
  ];
  return { bits: BigInt(`0x${hex(p)}`).toString(2).length, parts };
}
