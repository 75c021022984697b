// Would this request take this route? Every condition by itself, so that a near miss can say what failed.
// Source: envoy source/common/router/config_impl.cc matchRoute, source/common/http/header_utility.cc matchHeaders.

import { hasFix, isBefore } from '#core/version.ts';
import { describeOthers, type HeaderMatch, type QueryMatch, type RouteMatch } from '#model/match.ts';
import type { Mismatch } from '#model/mismatch.ts';
import { headerOf, pathWithoutQuery, queryParameterOf, type Request } from '#model/request.ts';
import { isGrpc } from './grpc.ts';
import { matchesPath } from './path-match.ts';
import { matchesString } from './string-match.ts';

/** What differs between Envoy versions. */
export interface EnvoyBehaviour {
  /**
   * Before 1.18 a missing header fails every matcher but an inverted `present_match`, and the value of `present_match`
   * is not looked at; research/formats.md §4.6.
   */
  readonly oldHeaderMatching: boolean;
  /**
   * Before 1.39 the values of a header that is sent more than once are compared as one text, joined with `,`; since
   * then any of them may match.
   */
  readonly joinsHeaders: boolean;
  /**
   * Envoy bug CVE-2026-73511: before, a path was cut at its first `;` where parameters are ignored, and not each segment
   * at its own.
   */
  readonly hasParametersPerSegment: boolean;
  /** The route configuration's, not a version's: path parameters are left out when paths are matched. */
  readonly ignoresPathParameters?: boolean | undefined;
}

/** Envoy's security releases of August 2026, for CVE-2026-73511 (routes) and CVE-2026-73551 (`normalize_path`). */
export const hasParametersPerSegment = (envoyVersion: string): boolean =>
  hasFix(envoyVersion, ['1.36.10', '1.37.6', '1.38.4', '1.39.1']) !== false;

/** An Envoy of unknown version is taken for a new one. */
export function behaviourOf(envoyVersion: string): EnvoyBehaviour {
  return {
    oldHeaderMatching: isBefore(envoyVersion, '1.18') === true,
    joinsHeaders: isBefore(envoyVersion, '1.39') === true,
    hasParametersPerSegment: hasParametersPerSegment(envoyVersion),
  };
}

/**
 * Empty where all conditions hold. A `runtime_fraction` is the caller's: it is chance, not a condition on the request.
 */
export function mismatchesOf(match: RouteMatch, request: Request, behaviour: EnvoyBehaviour): Mismatch[] {
  return [
    ...pathMismatch(match, request, behaviour),
    ...match.headers.flatMap((header) => headerMismatch(header, request, behaviour)),
    ...match.query.flatMap((query) => queryMismatch(query, request)),
    ...(match.grpc && !isGrpc(request)
      ? [{ condition: 'grpc', name: 'content-type', actual: headerOf(request, 'content-type') } as const]
      : []),
    ...describeOthers(match).map((name) => ({ condition: 'unsure', name, actual: undefined }) as const),
  ];
}

/** A CONNECT request has no path: only a matcher for CONNECT takes it. */
function pathMismatch({ path }: RouteMatch, request: Request, behaviour: EnvoyBehaviour): Mismatch[] {
  const whole = pathWithoutQuery(request.path);
  // Templates see the whole path (config_impl.cc sanitizePathBeforePathMatching, UriTemplateMatcherRouteEntryImpl).
  const isWhole = !behaviour.ignoresPathParameters || path.kind === 'template';
  const actual = isWhole ? whole : whole.replace(behaviour.hasParametersPerSegment ? /;[^/]*/g : /;.*$/s, '');
  const isConnect = request.method === 'CONNECT';
  const holds = isConnect || path.kind === 'connect' ? isConnect && path.kind === 'connect' : matchesPath(path, actual);
  if (holds === undefined)
    return [{ condition: 'unsure', name: path.kind === 'unknown' ? path.type : `path ${path.kind}`, actual }];
  return holds ? [] : [{ condition: 'path', name: 'path', actual }];
}

/** What cannot be judged counts as holding. */
export const headersHold = (headers: readonly HeaderMatch[], request: Request, behaviour: EnvoyBehaviour): boolean =>
  headers.every((header) =>
    headerMismatch(header, request, behaviour).every(({ condition }) => condition === 'unsure'),
  );

/** Undefined where it cannot be judged. */
export const headerHoldsIn = (match: HeaderMatch, request: Request, behaviour: EnvoyBehaviour): boolean | undefined =>
  request.unknownHeaders?.has(match.name)
    ? writtenHeaderHolds(match)
    : headerHolds(match, valuesOf(match, request, behaviour), behaviour);

function headerMismatch(match: HeaderMatch, request: Request, behaviour: EnvoyBehaviour): Mismatch[] {
  const actual = headerOf(request, match.name);
  const holds = headerHoldsIn(match, request, behaviour);
  if (holds === undefined) return [{ condition: 'unsure', name: match.name, actual }];
  const condition = match.name === ':method' ? 'method' : match.name === ':authority' ? 'authority' : 'header';
  return holds ? [] : [{ condition, name: match.name, actual }];
}

/** The values that the matcher is tried on, one after the other; empty where the header is missing. */
function valuesOf(
  { name, treatMissingAsEmpty }: HeaderMatch,
  request: Request,
  { joinsHeaders }: EnvoyBehaviour,
): readonly string[] {
  const sent = request.headers.get(name) ?? [];
  const joined = headerOf(request, name);
  if (joined === undefined) return treatMissingAsEmpty ? [''] : [];
  return joinsHeaders || sent.length < 2 ? [joined] : sent;
}

function headerHolds(match: HeaderMatch, values: readonly string[], behaviour: EnvoyBehaviour): boolean | undefined {
  const { value: wanted } = match;
  if (wanted.kind === 'present') {
    const isWanted = behaviour.oldHeaderMatching || wanted.present;
    return (values.length > 0 === isWanted) !== match.invert;
  }
  if (values.length === 0) return false; // also when inverted
  const each = values.map((value) =>
    wanted.kind === 'range' ? isInRange(wanted, value) : matchesString(wanted, value),
  );
  return each.includes(undefined) ? undefined : each.includes(true) !== match.invert;
}

/** Of a header that is there, with a value that nobody knows beforehand. */
const writtenHeaderHolds = ({ value, invert }: HeaderMatch): boolean | undefined =>
  value.kind === 'present' ? value.present !== invert : undefined;

/** Source: absl SimpleAtoi of 64 bits: spaces around it and a sign are allowed. */
export function isInRange(range: { readonly start: number; readonly end: number }, value: string): boolean {
  if (!/^\s*[+-]?\d+\s*$/.test(value) || Math.abs(Number(value)) > 2 ** 63) return false;
  const number = Number(value);
  return number >= range.start && number < range.end;
}

function queryMismatch(match: QueryMatch, request: Request): Mismatch[] {
  const actual = queryParameterOf(request, match.name);
  const holds =
    match.value.kind === 'present'
      ? (actual !== undefined) === match.value.present
      : actual !== undefined && matchesString(match.value, actual);
  if (holds === undefined) return [{ condition: 'unsure', name: match.name, actual }];
  return holds ? [] : [{ condition: 'query', name: match.name, actual }];
}
