import { hash } from 'node:crypto';

/**
 * A content key of 16 characters in the place of the content itself, which two hundred pods would hold two hundred
 * times.
 */
export const contentKey = (content: string): string => hash('sha256', content, 'base64url').slice(0, 16);
