// A short hash of what a pod serves: pods with the same hash serve the same.

import { hash } from 'node:crypto';

/** 6 hexadecimal digits over the content keys, whatever their order. */
export const fingerprint = (contents: readonly string[]): string =>
  hash('sha256', [...contents.toSorted(), ''].join('\0'), 'hex').slice(0, 6);
