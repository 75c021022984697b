// What stands in the place of a secret: `[redacted 3f9a1c42]`. The digits are the same for the same secret and others
// for another one, so that two pods can still be compared. They depend on a key of this process: nobody can try
// passwords against them later, and tokens of two runs cannot be compared.

import { createHmac, randomBytes } from 'node:crypto';

let key: Buffer | undefined;

/** Keeps a token that is there already: Envoy's own, or one of the run that wrote the file. */
export function tokenOf(secret: string): string {
  if (secret === '' || isToken(secret)) return secret;
  return `[redacted ${digest(secret).slice(0, 8)}]`;
}

/** For what is no secret and may lead to a person: `client-3f9a1c42d0`, the same for the same value. */
export const pseudonymOf = (kind: string, value: string): string => `${kind}-${digest(value).slice(0, 10)}`;

function digest(text: string): string {
  key ??= randomBytes(32);
  return createHmac('sha256', key).update(text).digest('hex');
}

/** The same for a field of bytes, which JSON has in base64. */
export function tokenOfBytes(base64: string): string {
  if (base64 === '' || isToken(base64) || isToken(Buffer.from(base64, 'base64').toString('latin1'))) return base64;
  return Buffer.from(tokenOf(base64)).toString('base64');
}

/**
 * A text whose tokens are all alike, for a comparison with what another run wrote: their digits say nothing together.
 */
export const withLikeTokens = (text: string): string =>
  plainTokens(text).replace(/[A-Za-z0-9+/]{20,}={0,2}/g, (run) => {
    const decoded = Buffer.from(run, 'base64').toString('latin1');
    const plain = plainTokens(decoded);
    return plain === decoded ? run : Buffer.from(plain, 'latin1').toString('base64');
  });

const plainTokens = (text: string): string => text.replace(/\[redacted [0-9a-f]{8}\]/g, '[redacted]');

/** Envoy writes the word alone. Source: source/common/protobuf/utility.cc redact. */
const isToken = (text: string): boolean => /^\[redacted(?: [0-9a-f]{8})?\]$/.test(text);
