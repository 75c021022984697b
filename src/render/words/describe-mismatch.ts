// Why a route was passed by, in a few words.

import type { Mismatch } from '#model/mismatch.ts';

/** `path differs`, `header x-client missing`, `method is GET`; every failed condition is named. */
export function describeMismatches(mismatches: readonly Mismatch[]): string {
  if (mismatches.length === 0) return 'passed by: its share is taken by the routes before';
  return mismatches.map(describeMismatch).join(', ');
}

function describeMismatch({ condition, name, actual }: Mismatch): string {
  switch (condition) {
    case 'path':
      return 'path differs';
    case 'method':
      return `method is ${actual}`;
    case 'authority':
      return `host is ${actual}`;
    case 'grpc':
      return 'not gRPC';
    case 'unsure':
      return `${name} cannot be judged`;
    case 'header':
    case 'query':
      return actual === undefined
        ? `${condition} ${name} missing`
        : `${condition} ${name} is ${JSON.stringify(actual)}`;
  }
}
