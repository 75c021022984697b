// Does a path satisfy a route's path matcher? Rules: research of Envoy's source/common/router/config_impl.cc.

import { compiledRegex } from '#core/regex.ts';
import type { PathMatch } from '#model/match.ts';
import { matchTemplate } from './path-template.ts';

/** `path` is what Envoy compares: without query and fragment. Undefined where this tool cannot tell. */
export function matchesPath(match: PathMatch, path: string): boolean | undefined {
  switch (match.kind) {
    case 'exact':
      return fold(match, path) === fold(match, match.value);
    case 'prefix':
      return fold(match, path).startsWith(fold(match, match.value));
    case 'path-separated-prefix': {
      const prefix = fold(match, match.value);
      const value = fold(match, path);
      return value === prefix || value.startsWith(`${prefix}/`);
    }
    case 'regex':
      return matchesRegex(match.value, path);
    case 'connect':
      return false;
    case 'template':
      return matchTemplate(match.value, path) !== undefined;
    case 'unknown':
      return undefined;
  }
}

const fold = (match: { readonly caseSensitive: boolean }, text: string): string =>
  match.caseSensitive ? text : text.toLowerCase();

/** RE2, the whole text; undefined for an expression that RE2 refuses. */
export const matchesRegex = (pattern: string, text: string): boolean | undefined =>
  compiledRegex(pattern)?.matches(text);
