import { createHash } from 'node:crypto';

/**
 * A content key of 16 characters in the place of the content itself, which two hundred pods would hold two hundred
 * times.
 */
export const contentKey = (content: string): string =>
  createHash('sha256').update(content).digest('base64url').slice(0, 16);
