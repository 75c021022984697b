// One short hash of everything a pod serves, for the eye: pods with the same serve the same.

import { createHash } from 'node:crypto';

/**
 * A content key of 16 characters in the place of the content itself, which two hundred pods would hold two hundred
 * times.
 */
export const contentKey = (content: string): string =>
  createHash('sha256').update(content).digest('base64url').slice(0, 16);

/** 6 hexadecimal digits over the content keys, whatever their order. */
export function fingerprint(contents: readonly string[]): string {
  const hash = createHash('sha256');
  for (const content of contents.toSorted()) hash.update(content).update('\0');
  return hash.digest('hex').slice(0, 6);
}
