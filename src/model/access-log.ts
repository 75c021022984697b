// One line of an access log: an HTTP request or a TCP connection that ended, whatever format wrote it.

import { withoutPort } from '#core/host.ts';

/** The configured format: a text format string, or a JSON object whose leaves are format strings. */
export type AccessLogFormat =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly json: Readonly<Record<string, unknown>> };

/** The fields that the tool knows, by what their values are. All others are kept by the name of their operator. */
export const accessFields = {
  startTime: 'time',
  method: 'text',
  path: 'text',
  protocol: 'text',
  responseCode: 'number',
  responseFlags: 'flags',
  responseCodeDetails: 'text',
  connectionTerminationDetails: 'text',
  upstreamTransportFailureReason: 'text',
  bytesReceived: 'number',
  bytesSent: 'number',
  /** Milliseconds from the first byte of the request to the last of the response. */
  durationMs: 'number',
  /** Milliseconds that the upstream took, as the router measured it. */
  upstreamServiceTimeMs: 'number',
  forwardedFor: 'text',
  userAgent: 'text',
  requestId: 'text',
  authority: 'text',
  upstreamHost: 'text',
  upstreamCluster: 'cluster',
  upstreamLocalAddress: 'text',
  downstreamLocalAddress: 'text',
  downstreamRemoteAddress: 'text',
  serverName: 'text',
  routeName: 'text',
  /** By its name in Envoy's spelling: `OK`, `Unavailable`; as it was written, where gRPC has no such status. */
  grpcStatus: 'grpc',
  /** At which event Envoy wrote the line: `DownstreamEnd`, `TcpPeriodic`… */
  logType: 'text',
} as const;

export type AccessField = keyof typeof accessFields;

interface FieldValue {
  readonly time: string;
  readonly text: string;
  readonly number: number;
  readonly flags: readonly string[];
  readonly grpc: string;
  readonly cluster: string;
}

/**
 * What a line says. A field that was not set is absent. `startTime` is RFC 3339 where the format's time can be read.
 */
export type AccessEntry = { readonly [F in AccessField]?: FieldValue[(typeof accessFields)[F]] } & {
  /** By operator, e.g. `REQ(X-CLIENT)`. */
  readonly other?: Readonly<Record<string, string | number>>;
};

/** All other protocols come over TCP. */
export const isOverHttp3 = ({ protocol }: { readonly protocol?: string | undefined }): boolean => protocol === 'HTTP/3';

/** Types of lines that Envoy writes where it is told to, beside the one of the whole: data/accesslog/v3 AccessLogType. */
const partial = new Set([
  'TcpUpstreamConnected',
  'TcpPeriodic',
  'DownstreamStart',
  'DownstreamPeriodic',
  'DownstreamTunnelSuccessfullyEstablished',
  'UpstreamPoolReady',
  'UpstreamPeriodic',
  'UpstreamEnd',
  'UdpTunnelUpstreamConnected',
  'UdpPeriodic',
]);

/** False for a line of a request or connection that goes on, or of one attempt at an upstream. */
export const isOfWhole = ({ logType }: Pick<AccessEntry, 'logType'>): boolean =>
  logType === undefined || !partial.has(logType);

/** What a flag, a detail or a transport failure of a failing line means. */
export interface Cause {
  /** The flag, the detail's name, or `transport`. */
  readonly name: string;
  readonly text: string;
  /** Says more about this very line than its name does, in few words. */
  readonly isReason: boolean;
}

/** Who made the response: the gateway itself, the application behind it, or nobody, as the client left first. */
export type Answerer = 'gateway' | 'application' | 'nobody' | 'connection';

/** A leaf of a JSON format that some lines have and that is not what the format writes. */
export interface UnreadLeaf {
  /** The keys that lead to it, with dots. */
  readonly key: string;
  readonly lines: number;
  /** Whether it tells an error. */
  readonly tellsErrors: boolean;
}

/** Why a limit of errors says nothing: lines that are `unread` might pass it. */
export type Unjudged = 'nothing-logged' | 'no-access-log' | 'nobody-asked' | 'unread';

/**
 * The URL that the client asked for, of which a line may lack parts: the port is the listener's, where the line has it.
 * Undefined without a host; a connection that was no HTTP request has the path `/`.
 */
export function urlOfEntry({
  authority,
  path = '/',
  serverName,
  downstreamLocalAddress,
}: AccessEntry): string | undefined {
  const named = authority ?? serverName;
  if (named === undefined) return undefined;
  const port = /:(\d+)$/.exec(downstreamLocalAddress ?? '')?.[1];
  const isTls = serverName !== undefined || (port?.endsWith('443') ?? named.endsWith(':443'));
  return `${isTls ? 'https' : 'http'}://${withoutPort(named)}${port === undefined ? '' : `:${port}`}${path}`;
}
