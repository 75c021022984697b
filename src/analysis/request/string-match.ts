// Envoy's StringMatcher on one value. Source: envoy source/common/common/matchers.cc.

import type { StringMatch } from '#model/match.ts';
import { matchesRegex } from './path-match.ts';

/** Undefined where this tool cannot tell: an unknown matcher, an expression that RE2 refuses, a value that was redacted. */
export function matchesString(match: StringMatch, value: string): boolean | undefined {
  if (match.kind === 'unknown' || match.value.includes('[redacted')) return undefined;
  if (match.kind === 'regex') return matchesRegex(match.value, value);
  const fold = (text: string): string => (match.ignoreCase ? text.toLowerCase() : text);
  const [actual, wanted] = [fold(value), fold(match.value)];
  switch (match.kind) {
    case 'exact':
      return actual === wanted;
    case 'prefix':
      return actual.startsWith(wanted);
    case 'suffix':
      return actual.endsWith(wanted);
    case 'contains':
      return actual.includes(wanted);
  }
}
