// Whether a private key belongs to a chain of certificates. The key is compared and forgotten: nothing of it is in what
// is returned.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Certificate } from '#model/certificate.ts';
import { derTag, derValues } from './x509/der.ts';
import { emptyLine, type PemBlock, pemBlocks } from './x509/pem.ts';

/**
 * Why Envoy rejects the pair; undefined where the key is that of the first certificate, or was taken out of what is
 * asked. Envoy takes the first certificate for the one that the key belongs to. Source: envoy
 * source/common/tls/context_impl.cc (SSL_CTX_use_certificate, PEM_read_bio_PrivateKey).
 */
export function keyProblem(pem: Buffer, chain: readonly Certificate[]): string | undefined {
  const [first] = chain;
  const text = pem.toString('latin1');
  if (!first || isTakenOut(text) || plainlyFits(text, first)) return undefined;
  const read = readKey(text);
  if (typeof read === 'string') return read;
  const encoded = read.export({ type: 'spki', format: 'der' });
  const own = chain.findIndex(({ use }) => Buffer.from(use.publicKey).equals(encoded));
  if (own === 0) return undefined;
  if (own > 0)
    return `its key is that of certificate ${own + 1} in the chain, ${chain[own]?.subject}, which has to come first`;
  const kind = kindOf(read);
  return first.publicKey.toUpperCase().startsWith(kind)
    ? `its key is not that of its certificate ${first.subject}`
    : `its key is of kind ${kind} and its certificate ${first.subject} is for ${first.publicKey}`;
}

/** As API servers of snapshots and guards in front of real ones write it. */
const isTakenOut = (text: string): boolean => text === '' || (text.length < 64 && /redacted/i.test(text));

const keyBlock =
  /^-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----\r?\n((?:[A-Za-z0-9+/=]+\r?\n)+)-----END \1-----\s*(?:\n|$)/;

/**
 * Whether the private key has the public one of the certificate in it, byte for byte, as RSA keys have and those of
 * curves mostly: OpenSSL takes a hundred times as long to say so. Source: RFC 8017 A.1.2, RFC 5915 §3.
 */
function plainlyFits(text: string, { use }: Certificate): boolean {
  const block = keyBlock.exec(text)?.[2];
  const bits = derValues(derValues(Buffer.from(use.publicKey))[0]?.content ?? nothing)[1]?.content.subarray(1);
  if (block === undefined || bits === undefined || bits.length < 32) return false;
  const [rsa] = derValues(bits);
  const ownKey = rsa?.tag === derTag.sequence ? rsa.content : bits;
  return Buffer.from(block, 'base64').includes(ownKey);
}

const nothing = Buffer.alloc(0);

/** Kinds of blocks that BoringSSL takes for a private key. */
const isKey = /^(?:(?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY)$/;

/** The public half of the first key, or why Envoy cannot read it. */
function readKey(text: string): KeyObject | string {
  const blocks = pemBlocks(text);
  const at = blocks.findIndex(({ label, hidden }) => isKey.test(label) && hidden === undefined);
  const key = blocks[at];
  if (!key) return `its key cannot be read: ${whyNoKey(blocks)}`;
  const isEncrypted = key.label.startsWith('ENCRYPTED') || key.fault?.endsWith(' Proc-Type');
  if (isEncrypted) return 'its key is encrypted, and istiod hands no passphrase to Envoy';
  const fault = blocks.slice(0, at + 1).find((block) => block.fault !== undefined && block.fault !== emptyLine);
  if (fault) return `its key cannot be read: ${fault.label}: ${fault.fault}`;
  return publicHalf(key.pem) ?? `its key cannot be read: ${key.label} with nothing in it that is one`;
}

function whyNoKey(blocks: readonly PemBlock[]): string {
  const hidden = blocks.find(({ label }) => isKey.test(label));
  if (hidden) return `${hidden.label}: ${hidden.hidden}`;
  const labels = [...new Set(blocks.map(({ label }) => label))].slice(0, 3);
  return labels.length === 0 ? 'it is no PEM' : `of PEM it has only ${labels.join(', ')}`;
}

function publicHalf(pem: string | undefined): KeyObject | undefined {
  try {
    return pem === undefined ? undefined : createPublicKey(createPrivateKey(pem));
  } catch {
    return undefined;
  }
}

/** As `Certificate.publicKey` begins. */
const kindOf = ({ asymmetricKeyType }: KeyObject): string => `${asymmetricKeyType}`.replace(/-.*/, '').toUpperCase();
