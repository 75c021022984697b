// Would this request take this route? Every condition by itself, so that a near miss can say what failed.
// Source: envoy source/common/router/config_impl.cc matchRoute, source/common/http/header_utility.cc matchHeaders.

import type { HeaderMatch, QueryMatch, RouteMatch } from '#model/match.ts';
import type { Mismatch } from '#model/mismatch.ts';
import { headerOf, pathWithoutQuery, queryParameterOf, type Request } from '#model/request.ts';
import { matchesPath } from './path-match.ts';
import { matchesString } from './string-match.ts';

/** What differs between Envoy versions. */
export interface EnvoyBehaviour {
  /**
   * Before 1.18 a missing header fails every matcher but an inverted `present_match`, and the value of `present_match` is not
   * looked at; research/formats.md §4.6.
   */
  readonly oldHeaderMatching: boolean;
}

export function behaviourOf(envoyVersion: string): EnvoyBehaviour {
  const [major = 1, minor = 99] = envoyVersion.split('.').map(Number);
  return { oldHeaderMatching: major === 1 && minor < 18 };
}

/** Empty where all conditions hold. A `runtime_fraction` is the caller's: it is chance, not a condition on the request. */
export function mismatchesOf(match: RouteMatch, request: Request, behaviour: EnvoyBehaviour): Mismatch[] {
  return [
    ...pathMismatch(match, request),
    ...match.headers.flatMap((header) => headerMismatch(header, request, behaviour)),
    ...match.query.flatMap((query) => queryMismatch(query, request)),
    ...(match.grpc && !isGrpc(request) ? [{ condition: 'grpc', name: 'content-type', actual: headerOf(request, 'content-type') } as const] : []),
    ...match.others.map((name) => ({ condition: 'unsure', name, actual: undefined }) as const),
  ];
}

function pathMismatch({ path }: RouteMatch, request: Request): Mismatch[] {
  const actual = pathWithoutQuery(request.path);
  const holds = path.kind === 'connect' ? request.method === 'CONNECT' : matchesPath(path, actual);
  if (holds === undefined) return [{ condition: 'unsure', name: path.kind === 'unknown' ? path.type : `path ${path.kind}`, actual }];
  return holds ? [] : [{ condition: 'path', name: 'path', actual }];
}

function headerMismatch(match: HeaderMatch, request: Request, behaviour: EnvoyBehaviour): Mismatch[] {
  const actual = headerOf(request, match.name);
  const holds = headerHolds(match, actual, behaviour);
  if (holds === undefined) return [{ condition: 'unsure', name: match.name, actual }];
  const condition = match.name === ':method' ? 'method' : match.name === ':authority' ? 'authority' : 'header';
  return holds ? [] : [{ condition, name: match.name, actual }];
}

function headerHolds(match: HeaderMatch, actual: string | undefined, behaviour: EnvoyBehaviour): boolean | undefined {
  if (match.value.kind === 'present') {
    const wanted = behaviour.oldHeaderMatching || match.value.present;
    return ((actual !== undefined) === wanted) !== match.invert;
  }
  const value = actual ?? (match.treatMissingAsEmpty ? '' : undefined);
  if (value === undefined) return false; // also when inverted
  const holds = match.value.kind === 'range' ? isInRange(match.value, value) : matchesString(match.value, value);
  return holds === undefined ? undefined : holds !== match.invert;
}

function isInRange(range: { readonly start: number; readonly end: number }, value: string): boolean {
  if (!/^-?\d+$/.test(value)) return false;
  const number = Number(value);
  return number >= range.start && number < range.end;
}

function queryMismatch(match: QueryMatch, request: Request): Mismatch[] {
  const actual = queryParameterOf(request, match.name);
  const holds = match.value.kind === 'present' ? (actual !== undefined) === match.value.present : actual !== undefined && matchesString(match.value, actual);
  if (holds === undefined) return [{ condition: 'unsure', name: match.name, actual }];
  return holds ? [] : [{ condition: 'query', name: match.name, actual }];
}

/** Source: envoy source/common/grpc/common.cc hasGrpcContentType. */
function isGrpc(request: Request): boolean {
  const type = headerOf(request, 'content-type') ?? '';
  return type === 'application/grpc' || type.startsWith('application/grpc+');
}
