// Whether a private key belongs to a chain of certificates. The key is compared and forgotten: nothing of it is in what
// is returned.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Certificate } from '#model/certificate.ts';
import { derTag, derValues } from './x509/der.ts';

/**
 * Why Envoy rejects the pair; undefined where the key is that of the first certificate, or what is there is no key that
 * can be read here (redacted, encrypted). Envoy takes the first certificate for the one that the key belongs to. Source:
 * envoy source/common/tls/context_impl.cc (SSL_CTX_use_certificate, SSL_CTX_use_PrivateKey).
 */
export function keyProblem(pem: Buffer, chain: readonly Certificate[]): string | undefined {
  const [first] = chain;
  if (!first || plainlyFits(pem, first)) return undefined;
  const key = publicHalf(pem);
  if (!key) return undefined;
  const encoded = key.export({ type: 'spki', format: 'der' });
  const own = chain.findIndex(({ use }) => Buffer.from(use.publicKey).equals(encoded));
  if (own === 0) return undefined;
  if (own > 0)
    return `its key is that of certificate ${own + 1} in the chain, ${chain[own]?.subject}, which has to come first`;
  const kind = kindOf(key);
  return first.publicKey.toUpperCase().startsWith(kind)
    ? `its key is not that of its certificate ${first.subject}`
    : `its key is of kind ${kind} and its certificate ${first.subject} is for ${first.publicKey}`;
}

const keyBlock = /-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;

/**
 * Whether the private key has the public one of the certificate in it, byte for byte, as RSA keys have and those of
 * curves mostly: OpenSSL takes a hundred times as long to say so. Source: RFC 8017 A.1.2, RFC 5915 §3.
 */
function plainlyFits(pem: Buffer, { use }: Certificate): boolean {
  const block = keyBlock.exec(pem.toString('latin1'))?.[2];
  const bits = derValues(derValues(Buffer.from(use.publicKey))[0]?.content ?? nothing)[1]?.content.subarray(1);
  if (block === undefined || bits === undefined || bits.length < 32) return false;
  const [rsa] = derValues(bits);
  const ownKey = rsa?.tag === derTag.sequence ? rsa.content : bits;
  return Buffer.from(block, 'base64').includes(ownKey);
}

const nothing = Buffer.alloc(0);

function publicHalf(pem: Buffer): KeyObject | undefined {
  try {
    return createPublicKey(createPrivateKey(pem));
  } catch {
    return undefined;
  }
}

/** As `Certificate.publicKey` begins. */
const kindOf = ({ asymmetricKeyType }: KeyObject): string => `${asymmetricKeyType}`.replace(/-.*/, '').toUpperCase();
