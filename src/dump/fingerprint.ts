// One short hash of everything a pod serves, for the eye: pods with the same serve the same.

import { createHash } from 'node:crypto';

/** 6 hexadecimal digits over the content keys, whatever their order. */
export function fingerprint(contents: readonly string[]): string {
  const hash = createHash('sha256');
  for (const content of contents.toSorted()) hash.update(content).update('\0');
  return hash.digest('hex').slice(0, 6);
}
