// Regular expressions as Envoy has them: RE2.

import { RE2JS } from 're2js';
import { memoize } from './memoize.ts';

/** Undefined for an expression that RE2 refuses. Of a million requests each asks for the same few. */
export const compiledRegex = memoize((pattern: string): RE2JS | undefined => {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}, 1_000);
