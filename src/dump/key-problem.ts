// Whether a private key belongs to a chain of certificates. The key is compared and forgotten: nothing of it is in what
// is returned.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Certificate } from '#model/certificate.ts';

/**
 * Why Envoy rejects the pair; undefined where the key is that of the first certificate, or what is there is no key that
 * can be read here (redacted, encrypted). Envoy takes the first certificate for the one that the key belongs to. Source:
 * envoy source/common/tls/context_impl.cc (SSL_CTX_use_certificate, SSL_CTX_use_PrivateKey).
 */
export function keyProblem(pem: Buffer, chain: readonly Certificate[]): string | undefined {
  const key = publicHalf(pem);
  const [first] = chain;
  if (!key || !first) return undefined;
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

function publicHalf(pem: Buffer): KeyObject | undefined {
  try {
    return createPublicKey(createPrivateKey(pem));
  } catch {
    return undefined;
  }
}

/** As `Certificate.publicKey` begins. */
const kindOf = ({ asymmetricKeyType }: KeyObject): string => `${asymmetricKeyType}`.replace(/-.*/, '').toUpperCase();
