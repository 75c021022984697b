// The filters of `logs`: each is asked of the raw values of a line, so that only lines that are wanted become entries.

import { RE2JS } from 're2js';
import { ToolError } from '#core/error.ts';
import { globMatcher, isGlob } from '#core/glob.ts';
import { withoutPort } from '#core/host.ts';
import { memoize } from '#core/memoize.ts';
import { networkTest, oneSpelling } from '#core/network.ts';
import { nearest } from '#core/suggestion.ts';
import type { AccessField } from '#model/access-log.ts';
import { parseClusterName, serviceOfFqdn, withoutDelimiter } from '#model/cluster-name.ts';
import { spellings } from './address.ts';
import { failureFields, isError } from './failure.ts';
import { grpcStatusName } from './grpc-status.ts';
import { type CompiledFormat, fieldsReader } from './line-parser.ts';
import { shortFlags } from './response-flags.ts';
import { statusMatcher } from './status-codes.ts';
import type { ReadValue, Value } from './text-parser.ts';

type Test = (value: Value) => boolean;

interface FilterKey {
  /** One of them has to match. */
  readonly fields: readonly AccessField[];
  /** Read where none of `fields` is set. */
  readonly instead?: AccessField;
  readonly test: (wanted: string) => Test;
  /** The name of the value, for the error about a format without it. */
  readonly what: string;
}

/**
 * A value that begins with `~` is a regular expression; one with `*` or `?` a pattern for the whole; else as each key
 * says.
 */
function textTest(wanted: string, plain: (value: string) => boolean): (value: string) => boolean {
  if (wanted.startsWith('~')) return regexTest(wanted.slice(1));
  return isGlob(wanted) ? globMatcher(wanted) : plain;
}

/** RE2, as in Envoy: what clients send cannot make it slow. */
function regexTest(source: string): (value: string) => boolean {
  try {
    const expression = RE2JS.compile(source);
    return (value) => expression.test(value);
  } catch (error) {
    throw new ToolError('usage', `~${source} is not a regular expression: ${(error as Error).message}`);
  }
}

const isText =
  (test: (value: string) => boolean): Test =>
  (value) =>
    value !== undefined && test(String(value));

const withoutQuery = (path: string): string => path.replace(/[?#].*$/s, '');

/** A host or an address, with its port or without; or a network. */
function addressTest(wanted: string): (value: string) => boolean {
  if (wanted.startsWith('~') || isGlob(wanted)) {
    const test = textTest(wanted, () => false);
    return (value) => spellings(value).some(test);
  }
  const isInside = networkTest(wanted);
  if (isInside) return isInside;
  const one = oneSpelling(wanted);
  return (value) => {
    const other = oneSpelling(value);
    return other === one || withoutPort(other) === one;
  };
}

/** A dot at the end of a host's name changes nothing of whose it is. */
function hostTest(wanted: string): Test {
  const test = memoize(addressTest(withoutDot(wanted.toLowerCase())));
  return isText((value) => test(withoutDot(value.toLowerCase())));
}

const withoutDot = (host: string): string => host.replace(/\.(?=$|:\d+$)/, '');

function pathTest(wanted: string): Test {
  const test = textTest(wanted, (path) => path === wanted);
  return isText((path) => test(withoutQuery(path)) || test(path));
}

function flagTest(wanted: string): Test {
  if (wanted === '-') return (value) => value === undefined;
  const [short] = shortFlags(wanted);
  return isText((flags) => shortFlags(flags).includes(short as string));
}

function detailTest(wanted: string): Test {
  const test = textTest(wanted, (details) => details.replace(/[{[].*/s, '') === wanted);
  return isText((details) => test(details));
}

/**
 * An endpoint's address with port or without, a cluster's name, or the service behind it: NAME, NAME.NAMESPACE,
 * NAMESPACE/NAME, FQDN.
 */
function upstreamTest(wanted: string): Test {
  const isAddress = addressTest(wanted);
  const test = textTest(wanted, (name) => name === wanted);
  const isOf = memoize((name: string) => isAddress(name) || serviceNames(name).some(test));
  return isText((value) => isOf(withoutDelimiter(value)));
}

function serviceNames(cluster: string): string[] {
  const fqdn = parseClusterName(cluster)?.fqdn;
  const service = fqdn === undefined ? undefined : serviceOfFqdn(fqdn);
  const names = service
    ? [service.name, `${service.name}.${service.namespace}`, `${service.namespace}/${service.name}`]
    : [];
  return fqdn === undefined ? names : [fqdn, ...names];
}

/** Any address of X-Forwarded-For, or the peer's. */
function clientTest(wanted: string): Test {
  const test = addressTest(wanted);
  return isText((value) => value.split(',').some((one) => test(one.trim())));
}

function grpcStatusTest(wanted: string): Test {
  const name = grpcStatusName(wanted);
  return isText((status) => grpcStatusName(status) === name);
}

function containsTest(wanted: string): Test {
  const lower = wanted.toLowerCase();
  const test = textTest(wanted, (value) => value.toLowerCase().includes(lower));
  return isText(test);
}

function durationTest(wanted: string): Test {
  const least = Number(wanted);
  return (value) => value !== undefined && Number(value) >= least;
}

const exact = (wanted: string): Test => isText(textTest(wanted, (value) => value === wanted));

export const filterKeys = {
  status: { fields: ['responseCode'], test: statusMatcher, what: 'response code' },
  flag: { fields: ['responseFlags'], test: flagTest, what: 'response flags' },
  detail: { fields: ['responseCodeDetails'], test: detailTest, what: 'response code details' },
  'grpc-status': { fields: ['grpcStatus'], test: grpcStatusTest, what: 'gRPC status' },
  // A connection that never became a request has the name that its client asked for in TLS.
  host: { fields: ['authority'], instead: 'serverName', test: hostTest, what: 'host (authority)' },
  sni: { fields: ['serverName'], test: hostTest, what: 'requested server name' },
  path: { fields: ['path'], test: pathTest, what: 'path' },
  method: { fields: ['method'], test: (wanted) => exact(wanted.toUpperCase()), what: 'method' },
  'min-duration': { fields: ['durationMs'], test: durationTest, what: 'duration' },
  upstream: { fields: ['upstreamHost', 'upstreamCluster'], test: upstreamTest, what: 'upstream' },
  route: { fields: ['routeName'], test: exact, what: 'route name' },
  'user-agent': { fields: ['userAgent'], test: containsTest, what: 'user agent' },
  client: { fields: ['forwardedFor', 'downstreamRemoteAddress'], test: clientTest, what: 'client address' },
} as const satisfies Readonly<Record<string, FilterKey>>;

export type FilterName = keyof typeof filterKeys;

/** Of these, "none matches" says that nothing failed so; of the others, that nobody asked. */
const outcomes: ReadonlySet<FilterName> = new Set(['status', 'flag', 'detail', 'grpc-status', 'min-duration']);

export const isOfOutcome = ({ key }: Criterion): boolean => outcomes.has(key);

export interface Criterion {
  readonly key: FilterName;
  /** One of them has to hold; none of them, where `isNot`. */
  readonly values: readonly string[];
  readonly isNot: boolean;
}

/** `KEY=VALUE[,VALUE…]` of `--not`. */
export function readNot(text: string): Criterion {
  const [key = '', ...rest] = text.split('=');
  const value = rest.join('=');
  const known = Object.keys(filterKeys).filter((name) => name !== 'min-duration');
  if (!known.includes(key) || value === '') {
    const near = nearest(key, known);
    throw new ToolError('usage', `--not takes KEY=VALUE with a KEY of ${known.join(', ')}; not "${text}"`, {
      hint: near && `did you mean ${near}=…?`,
    });
  }
  // A regular expression may have commas of its own.
  return { key: key as FilterName, values: value.startsWith('~') ? [value] : value.split(','), isNot: true };
}

export interface LogFilter {
  accepts(format: CompiledFormat, read: ReadValue): boolean;
}

interface CompiledCriterion {
  readonly slots: readonly number[];
  /** The slot that is read where none of `slots` is set; -1 for none. */
  readonly instead: number;
  readonly tests: readonly Test[];
  readonly isNot: boolean;
}

/**
 * False for a field that the format does not write, with and without `isNot`. It makes no closures, because it runs for
 * every line.
 */
function holds({ slots, instead, tests, isNot }: CompiledCriterion, read: ReadValue): boolean {
  let isSet = false;
  for (const slot of slots) {
    const value = read(slot);
    isSet ||= value !== undefined;
    for (const test of tests) if (test(value)) return !isNot;
  }
  if (instead === -1) return slots.length > 0 && isNot;
  if (!isSet) for (const test of tests) if (test(read(instead))) return !isNot;
  return isNot;
}

/** Throws `usage` for values that mean nothing. */
export function logFilter(criteria: readonly Criterion[]): LogFilter {
  const tests = criteria.map(({ key, values, isNot }) => ({
    of: filterKeys[key] as FilterKey,
    tests: values.map(filterKeys[key].test),
    isNot,
  }));
  const compiled = new Map<CompiledFormat, readonly CompiledCriterion[]>();
  const partsOf = (format: CompiledFormat): readonly CompiledCriterion[] => {
    const known = compiled.get(format);
    if (known) return known;
    const parts = tests.map(({ of, ...part }) => ({
      ...part,
      slots: of.fields.map((field) => format.slotOf(field)).filter((slot) => slot !== -1),
      instead: of.instead === undefined ? -1 : format.slotOf(of.instead),
    }));
    compiled.set(format, parts);
    return parts;
  };
  return {
    accepts: (format, read) => {
      for (const part of partsOf(format)) if (!holds(part, read)) return false;
      return true;
    },
  };
}

/** Throws `unsupported` for a filter that no line of the format can answer. */
export function checkAnswerable(criteria: readonly Criterion[], formats: readonly CompiledFormat[]): void {
  for (const { key, isNot } of criteria) {
    const { fields, instead, what }: FilterKey = filterKeys[key];
    if (writesAny(formats, [...fields, ...(instead === undefined ? [] : [instead])])) continue;
    throw unanswerable(isNot ? `--not ${key}=` : `--${key}`, what);
  }
}

const writesAny = (formats: readonly CompiledFormat[], fields: readonly AccessField[]): boolean =>
  formats.some((format) => fields.some((field) => format.slotOf(field) !== -1));

const unanswerable = (flag: string, what: string): ToolError =>
  new ToolError('unsupported', `cannot filter by ${flag}: the format of this access log has no ${what}`, {
    hint: 'see the format: kubectl istio-ingress logs --show-format; what it should have is set in accessLogFormat of MeshConfig or in a Telemetry',
  });

/** `--errors`. Throws `unsupported` where the formats write nothing that tells an error. */
export function onlyErrors(formats: readonly CompiledFormat[]): (format: CompiledFormat, read: ReadValue) => boolean {
  if (!writesAny(formats, ['responseCode', 'responseFlags', 'grpcStatus']))
    throw unanswerable('--errors', 'response code, flags or gRPC status');
  const judged = fieldsReader(failureFields);
  return (format, read) => isError(judged(format, read));
}
