// What each of Envoy's operators writes: the field it fills, and which characters can stand in its value.
// Source: envoy docs/root/configuration/observability/access_log/usage.rst, 1.17 to 1.40.

import type { AccessField } from '#model/access-log.ts';
import { type Operator, operatorText } from './format.ts';

/**
 * number: digits or `-`. word: no space. header: anything a client may send but, as a rule, no quote. host: a header
 * that has no slash, where a path follows it at once. free: anything.
 * cluster: a word; of Istio's, which has bars in it, the whole.
 * details: a word, or a word with `{…}` or `[…]` in which Envoy up to 1.20 leaves spaces.
 */
export type ValueClass = 'number' | 'word' | 'time' | 'header' | 'host' | 'free' | 'cluster' | 'details';

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
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ['upstreamHost', 'word'],
  UPSTREAM_CLUSTER: ['upstreamCluster', 'cluster'],
  UPSTREAM_CLUSTER_RAW: ['upstreamCluster', 'cluster'],
  UPSTREAM_LOCAL_ADDRESS: ['upstreamLocalAddress', 'word'],
  DOWNSTREAM_LOCAL_ADDRESS: ['downstreamLocalAddress', 'word'],
  DOWNSTREAM_REMOTE_ADDRESS: ['downstreamRemoteAddress', 'word'],
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ['downstreamRemoteAddress', 'word'],
  REQUESTED_SERVER_NAME: ['serverName', 'word'],
  ROUTE_NAME: ['routeName', 'word'],
  PATH: ['path', 'free'],
  GRPC_STATUS: ['grpcStatus', 'word'],
  GRPC_STATUS_NUMBER: ['grpcStatus', 'word'],
  ACCESS_LOG_TYPE: ['logType', 'word'],
};

/** By the header's name in lower case; of `FIRST?SECOND` the second is what the field is. */
const byRequestHeader: Readonly<Record<string, Known>> = {
  ':method': ['method', 'word'],
  ':path': ['path', 'free'],
  ':authority': ['authority', 'host'],
  host: ['authority', 'host'],
  'x-forwarded-for': ['forwardedFor', 'header'],
  'user-agent': ['userAgent', 'free'],
  'x-request-id': ['requestId', 'header'],
};

const byResponseHeader: Readonly<Record<string, Known>> = {
  ':status': ['responseCode', 'number'],
  'x-envoy-upstream-service-time': ['upstreamServiceTimeMs', 'number'],
  'grpc-status': ['grpcStatus', 'word'],
};

/** gRPC has its status in the trailers, or in the headers where there is nothing else. */
const byTrailer: Readonly<Record<string, Known>> = { 'grpc-status': ['grpcStatus', 'word'] };

const headerOperators: Readonly<Record<string, Readonly<Record<string, Known>>>> = {
  REQ: byRequestHeader,
  REQUEST_HEADER: byRequestHeader,
  REQ_WITHOUT_QUERY: byRequestHeader,
  RESP: byResponseHeader,
  RESPONSE_HEADER: byResponseHeader,
  TRAILER: byTrailer,
  RESPONSE_TRAILER: byTrailer,
};

/** Source: envoy docs/root/intro/arch_overview/advanced/attributes.rst. */
const byAttribute: Readonly<Record<string, Known>> = {
  'request.host': ['authority', 'free'],
  'request.path': ['path', 'free'],
  'request.url_path': ['path', 'free'],
  'request.method': ['method', 'free'],
  'request.useragent': ['userAgent', 'free'],
  'request.id': ['requestId', 'free'],
  'request.protocol': ['protocol', 'free'],
  'response.code': ['responseCode', 'number'],
  'response.code_details': ['responseCodeDetails', 'free'],
  'response.grpc_status': ['grpcStatus', 'free'],
  'connection.requested_server_name': ['serverName', 'free'],
  'connection.termination_details': ['connectionTerminationDetails', 'free'],
  'source.address': ['downstreamRemoteAddress', 'free'],
  'destination.address': ['downstreamLocalAddress', 'free'],
  'upstream.address': ['upstreamHost', 'free'],
  'upstream.local_address': ['upstreamLocalAddress', 'free'],
  'upstream.transport_failure_reason': ['upstreamTransportFailureReason', 'free'],
  'xds.cluster_name': ['upstreamCluster', 'free'],
  'xds.route_name': ['routeName', 'free'],
};

/** Operators without a field of their own that write a number. */
const numeric =
  /(^|_)(BYTES|DURATION|(?<!WITHOUT_)PORT|ATTEMPT_COUNT|CONNECTION_ID|RETRANSMITTED|BYTES_SENT|BYTES_RECEIVED|STATUS_NUMBER)$|_BYTES_(SENT|RECEIVED)$/;

/** What the operator fills. One that this tool does not know may write anything. */
export function slotOf(operator: Operator): Slot {
  const { name, argument } = operator;
  const known = knownOf(name, argument);
  const text = operatorText(operator);
  if (known === undefined) return { field: undefined, name: text, kind: numeric.test(name) ? 'number' : 'free' };
  const [field, kind] = known;
  // A time of another form than RFC 3339 may have spaces in it.
  return kind === 'time' && argument
    ? { field, name: text, kind: 'free', timeFormat: argument }
    : { field, name: text, kind };
}

function knownOf(name: string, argument: string | undefined): Known | undefined {
  if (name === 'COALESCE') return coalesced(argument ?? '');
  if (name === 'CEL') return attributeField(argument ?? '');
  if (name === 'REQUESTED_SERVER_NAME' && argument?.startsWith('HOST_FIRST')) return ['authority', 'host'];
  if (name === 'RESPONSE_CODE_DETAILS' && argument === 'ALLOW_WHITESPACES') return ['responseCodeDetails', 'free'];
  const headers = headerOperators[name];
  return headers ? headerField(headers, argument) : byName[name];
}

/**
 * `REQ(FIRST?SECOND)`: SECOND where the request has no FIRST. x-envoy-original-path stands before :path, which it
 * replaces; so the last that is known says what it is.
 */
function headerField(headers: Readonly<Record<string, Known>>, argument = ''): Known | undefined {
  return argument
    .toLowerCase()
    .split('?')
    .map((name) => headers[name])
    .findLast((known) => known !== undefined);
}

/**
 * `COALESCE({"operators": ["REQUESTED_SERVER_NAME", {"command": "REQ", "param": ":authority"}]})`: the first that is
 * set. One that may be the host is the host; else the last that is known says what it is, as in a header's. Source:
 * envoy source/common/formatter/coalesce_formatter.h.
 */
function coalesced(argument: string): Known | undefined {
  const fields = operatorsIn(argument).flatMap(({ name, argument: inner }) => {
    const known = knownOf(name, inner);
    return known === undefined ? [] : [known[0]];
  });
  const field = fields.find((one) => one === 'authority') ?? fields.at(-1);
  return field === undefined ? undefined : [field, 'free'];
}

type Named = Pick<Operator, 'name' | 'argument'>;

function operatorsIn(json: string): Named[] {
  try {
    const { operators } = JSON.parse(json) as { readonly operators?: unknown };
    return Array.isArray(operators) ? operators.flatMap(operatorIn) : [];
  } catch {
    return [];
  }
}

function operatorIn(one: unknown): Named[] {
  if (typeof one === 'string') return [{ name: one, argument: undefined }];
  const { command, param } = (one ?? {}) as { readonly command?: unknown; readonly param?: unknown };
  return typeof command === 'string'
    ? [{ name: command, argument: typeof param === 'string' ? param : undefined }]
    : [];
}

/** An attribute alone, or a header by its name; of an expression around it nobody knows what it gives. */
function attributeField(expression: string): Known | undefined {
  const text = expression.trim();
  const [, quoted, dotted] = /^request\.headers(?:\[\s*['"]([^'"]+)['"]\s*\]|\.([A-Za-z0-9_]+))$/.exec(text) ?? [];
  const header = quoted ?? dotted;
  if (header === undefined) return byAttribute[text];
  const known = byRequestHeader[header.toLowerCase()];
  return known && [known[0], 'free'];
}
