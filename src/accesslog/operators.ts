// What each of Envoy's operators writes: the field it fills, and which characters can stand in its value.
// Source: envoy docs/root/configuration/observability/access_log/usage.rst, 1.17 to 1.40.

import type { AccessField } from '#model/access-log.ts';
import { type Operator, operatorText } from './format.ts';

/**
 * number: digits or `-`. word: no space. header: anything a client may send but, as a rule, no quote. free: anything.
 * details: a word, or a word with `{…}` or `[…]` in which Envoy up to 1.20 leaves spaces.
 */
export type ValueClass = 'number' | 'word' | 'time' | 'header' | 'free' | 'details';

export interface Slot {
  /** Undefined for what the tool keeps by the operator's name. */
  readonly field: AccessField | undefined;
  readonly name: string;
  readonly kind: ValueClass;
  /** strftime format of a time; undefined is RFC 3339 with milliseconds. */
  readonly timeFormat?: string | undefined;
}

type Known = readonly [AccessField, ValueClass];

const byName: Readonly<Record<string, Known>> = {
  START_TIME: ['startTime', 'time'],
  START_TIME_LOCAL: ['startTime', 'time'],
  PROTOCOL: ['protocol', 'word'],
  RESPONSE_CODE: ['responseCode', 'number'],
  RESPONSE_FLAGS: ['responseFlags', 'word'],
  RESPONSE_FLAGS_LONG: ['responseFlags', 'word'],
  RESPONSE_CODE_DETAILS: ['responseCodeDetails', 'details'],
  CONNECTION_TERMINATION_DETAILS: ['connectionTerminationDetails', 'details'],
  UPSTREAM_TRANSPORT_FAILURE_REASON: ['upstreamTransportFailureReason', 'free'],
  BYTES_RECEIVED: ['bytesReceived', 'number'],
  BYTES_SENT: ['bytesSent', 'number'],
  DURATION: ['durationMs', 'number'],
  UPSTREAM_HOST: ['upstreamHost', 'word'],
  UPSTREAM_REMOTE_ADDRESS: ['upstreamHost', 'word'],
  UPSTREAM_CLUSTER: ['upstreamCluster', 'word'],
  UPSTREAM_CLUSTER_RAW: ['upstreamCluster', 'word'],
  UPSTREAM_LOCAL_ADDRESS: ['upstreamLocalAddress', 'word'],
  DOWNSTREAM_LOCAL_ADDRESS: ['downstreamLocalAddress', 'word'],
  DOWNSTREAM_REMOTE_ADDRESS: ['downstreamRemoteAddress', 'word'],
  REQUESTED_SERVER_NAME: ['serverName', 'word'],
  ROUTE_NAME: ['routeName', 'word'],
  PATH: ['path', 'free'],
};

/** By the header's name in lower case; of `FIRST?SECOND` the second is what the field is. */
const byRequestHeader: Readonly<Record<string, Known>> = {
  ':method': ['method', 'word'],
  ':path': ['path', 'free'],
  ':authority': ['authority', 'header'],
  host: ['authority', 'header'],
  'x-forwarded-for': ['forwardedFor', 'header'],
  'user-agent': ['userAgent', 'free'],
  'x-request-id': ['requestId', 'header'],
};

const byResponseHeader: Readonly<Record<string, Known>> = {
  ':status': ['responseCode', 'number'],
  'x-envoy-upstream-service-time': ['upstreamServiceTimeMs', 'number'],
};

const headerOperators: Readonly<Record<string, Readonly<Record<string, Known>>>> = {
  REQ: byRequestHeader,
  REQUEST_HEADER: byRequestHeader,
  REQ_WITHOUT_QUERY: byRequestHeader,
  RESP: byResponseHeader,
  RESPONSE_HEADER: byResponseHeader,
};

/** Operators without a field of their own that write a number. */
const numeric =
  /(^|_)(BYTES|DURATION|PORT|ATTEMPT_COUNT|CONNECTION_ID|RETRANSMITTED|BYTES_SENT|BYTES_RECEIVED|STATUS_NUMBER)$|_BYTES_(SENT|RECEIVED)$/;

/** What the operator fills. One that this tool does not know may write anything. */
export function slotOf(operator: Operator): Slot {
  const { name, argument } = operator;
  const known = headerOperators[name] ? headerField(headerOperators[name], argument) : byName[name];
  const text = operatorText(operator);
  if (known === undefined) return { field: undefined, name: text, kind: numeric.test(name) ? 'number' : 'free' };
  const [field, kind] = known;
  // A time of another form than RFC 3339 may have spaces in it.
  return kind === 'time' && argument
    ? { field, name: text, kind: 'free', timeFormat: argument }
    : { field, name: text, kind };
}

/**
 * `REQ(FIRST?SECOND)`: SECOND where the request has no FIRST. x-envoy-original-path stands before :path, which it
 * replaces.
 */
function headerField(headers: Readonly<Record<string, Known>>, argument = ''): Known | undefined {
  const names = argument.toLowerCase().split('?');
  return headers[names.at(-1) ?? ''];
}
