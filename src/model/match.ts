// Envoy's matchers, as far as Istio and Envoy 1.17 to 1.40 produce them.
// Source: envoy/config/route/v3/route_components.proto, envoy/type/matcher/v3/string.proto.

import type { Unknown } from './resource.ts';

export type StringMatch =
  | {
      readonly kind: 'exact' | 'prefix' | 'suffix' | 'contains';
      readonly value: string;
      readonly ignoreCase: boolean;
    }
  /** RE2, the whole value has to match. */
  | { readonly kind: 'regex'; readonly value: string }
  | Unknown;

/** For what is only shown: the value itself where it has to be equal, else `prefix x`, `regex x`… */
export function describeStringMatch(match: StringMatch): string {
  if (match.kind === 'unknown') return `unknown ${match.type}`;
  return match.kind === 'exact' ? match.value : `${match.kind} ${match.value}`;
}

/** The part of the path before `?` and `#`. */
export type PathMatch =
  | {
      readonly kind: 'prefix' | 'exact' | 'path-separated-prefix';
      readonly value: string;
      readonly caseSensitive: boolean;
    }
  | { readonly kind: 'regex'; readonly value: string }
  | { readonly kind: 'template'; readonly value: string }
  /** `connect_matcher`: CONNECT requests only. */
  | { readonly kind: 'connect' }
  | Unknown;

export interface HeaderMatch {
  /** Lower case; `:method`, `:authority`, `:scheme` for the pseudo-headers. */
  readonly name: string;
  readonly value:
    | StringMatch
    | { readonly kind: 'present'; readonly present: boolean }
    /** Integer, start included, end not. */
    | { readonly kind: 'range'; readonly start: number; readonly end: number };
  readonly invert: boolean;
  readonly treatMissingAsEmpty: boolean;
}

export interface QueryMatch {
  readonly name: string;
  readonly value: StringMatch | { readonly kind: 'present'; readonly present: boolean };
}

export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
  readonly runtimeKey: string | undefined;
}

/** Where a match keeps what it asks of a token in words: documents do not print it, and matches are not compared by it. */
export const claims = Symbol('claims');

/** All of it must hold. */
export interface RouteMatch {
  /** Of `dynamic_metadata`, where that is what the claims of a JSON Web Token are to be. */
  readonly [claims]?: string;
  readonly path: PathMatch;
  readonly headers: readonly HeaderMatch[];
  readonly query: readonly QueryMatch[];
  readonly grpc: boolean;
  readonly fraction: Fraction | undefined;
  /**
   * Conditions this tool cannot evaluate offline (tls_context, dynamic_metadata, cookies, filter_state), by field name.
   */
  readonly others: readonly string[];
}

/** The others in words. */
export const describeOthers = (match: RouteMatch): readonly string[] =>
  match.others.map((name) => (name === 'dynamic_metadata' ? (match[claims] ?? name) : name));
