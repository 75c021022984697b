// Envoy's response flags: what each means, what mostly causes it at an ingress, and what to do next. Source:
// envoy/stream_info/stream_info.h CoreResponseFlag, source/common/stream_info/utility.h; docs …/access_log/usage.rst
// %RESPONSE_FLAGS%; source/common/http/utility.cc resetReasonToResponseFlag; istio networking docs for what istiod
// makes of them.

export interface ResponseFlag {
  readonly short: string;
  /** %RESPONSE_FLAGS_LONG%. */
  readonly long: string;
  readonly meaning: string;
  readonly cause: string;
  /** Undefined where it depends on the request. */
  readonly next: string | undefined;
}

const flag = (short: string, long: string, meaning: string, cause: string, next?: string): ResponseFlag => ({
  short,
  long,
  meaning,
  cause,
  next,
});

export const responseFlags: readonly ResponseFlag[] = [
  flag(
    'UH',
    'NoHealthyUpstream',
    'no usable endpoint',
    'no ready pod behind the service, a selector that matches nothing, or all endpoints ejected',
  ),
  flag(
    'UF',
    'UpstreamConnectionFailure',
    'no connection to the endpoint',
    'the pod is gone or refuses, a NetworkPolicy, or TLS that does not fit (the transport failure reason says so)',
  ),
  flag(
    'UO',
    'UpstreamOverflow',
    'a circuit breaker is open',
    'more connections or pending requests than the DestinationRule allows',
    'connectionPool of the DestinationRule; is the application slow?',
  ),
  flag(
    'NR',
    'NoRouteFound',
    'no route, virtual host or filter chain',
    'no VirtualService has this host and path, or no Gateway this server name',
  ),
  flag(
    'URX',
    'UpstreamRetryLimitExceeded',
    'all retries failed, or all connection attempts',
    'whatever made each attempt fail: see the other flags',
    'the other flags and the details of this line',
  ),
  flag(
    'NC',
    'NoClusterFound',
    'the route leads to a cluster that does not exist',
    'the Service was deleted, or has no such port',
  ),
  flag(
    'DT',
    'DurationTimeout',
    'the longest allowed duration passed',
    'max_connection_duration or max_stream_duration',
    'is it meant? see the DestinationRule and EnvoyFilters',
  ),
  flag(
    'DC',
    'DownstreamConnectionTermination',
    'the client went away first',
    'a client timeout shorter than the answer takes, or a user who left',
    'compare the duration with the timeout of the client or the CDN',
  ),
  flag(
    'LH',
    'FailedLocalHealthCheck',
    'the local service fails its health check',
    'a health check filter',
    'admin /clusters of the pod',
  ),
  flag(
    'UT',
    'UpstreamRequestTimeout',
    'the application did not answer in time',
    "the route's timeout passed; Istio sets none where the VirtualService has none",
    'timeout of the VirtualService; latency of the application',
  ),
  flag(
    'LR',
    'LocalReset',
    'the gateway reset the stream to the application',
    'an HTTP/1 answer that ended early, or a local limit',
    'log-level http:debug of one pod',
  ),
  flag(
    'UR',
    'UpstreamRemoteReset',
    'the application reset the stream',
    'it crashed, refused the stream, or is shutting down',
    "the application's own log",
  ),
  flag(
    'UC',
    'UpstreamConnectionTermination',
    'the application closed the connection',
    'its keep-alive is shorter than the gateway keeps connections (a race), the pod is terminating, or plain text meets TLS',
    "the application's keep-alive against idleTimeout of the DestinationRule; retryOn: reset-before-request",
  ),
  flag('DI', 'DelayInjected', 'a delay was injected', 'fault of a VirtualService', 'is the fault meant to be there?'),
  flag('FI', 'FaultInjected', 'an error was injected', 'fault of a VirtualService', 'is the fault meant to be there?'),
  flag(
    'RL',
    'RateLimited',
    'the rate limit answered 429',
    'more requests than the limit',
    'the rate limit, and who sends so much: logs --summary',
  ),
  flag(
    'RLSE',
    'RateLimitServiceError',
    'the rate limit service failed',
    'it is down or slow',
    'the pods of the rate limit service',
  ),
  flag(
    'UAEX',
    'UnauthorizedExternalService',
    'external authorization denied it',
    'the policy says no, or the authorization service failed',
    'the log of the authorization service',
  ),
  flag(
    'IH',
    'InvalidEnvoyRequestHeaders',
    'an x-envoy header has a wrong value',
    'a client sends x-envoy headers, which are checked strictly',
    'what does the client send?',
  ),
  flag(
    'SI',
    'StreamIdleTimeout',
    'nothing moved on the stream for too long',
    'a slow client or application, a stream kept open',
    'stream_idle_timeout (5 min by default)',
  ),
  flag(
    'DPE',
    'DownstreamProtocolError',
    "the client's HTTP is broken",
    'a bad client or scanner, or TLS to a plain port',
    'the client',
  ),
  flag(
    'UPE',
    'UpstreamProtocolError',
    "the application's HTTP is broken",
    'HTTP/1 meets HTTP/2, or plain text meets TLS',
    "the port's name or appProtocol of the Service; the DestinationRule's TLS",
  ),
  flag(
    'UMSDR',
    'UpstreamMaxStreamDurationReached',
    'the longest duration of a stream passed',
    'max_stream_duration of the route or cluster',
    'is it meant?',
  ),
  flag('RFCF', 'ResponseFromCacheFilter', 'the cache answered', 'a cache filter', 'nothing is wrong'),
  flag(
    'NFCF',
    'NoFilterConfigFound',
    'a filter has no configuration yet',
    'an extension (ECDS, Wasm) that was not delivered',
    'kubectl istio-ingress status; the WasmPlugin',
  ),
  flag(
    'OM',
    'OverloadManagerTerminated',
    'the overload manager ended it',
    'the gateway is short of memory',
    'memory and limits of the gateway pods',
  ),
  flag(
    'DF',
    'DnsResolutionFailed',
    'the name of the upstream does not resolve',
    'a ServiceEntry with a wrong host, or DNS trouble',
    'the ServiceEntry; DNS of the node',
  ),
  flag('DO', 'DropOverload', 'dropped on purpose', 'drop_overloads of the endpoints', 'is it meant?'),
  flag(
    'UDO',
    'UnconditionalDropOverload',
    'everything is dropped on purpose',
    'drop_overloads of the endpoints at 100 %',
    'is it meant?',
  ),
  flag(
    'DR',
    'DownstreamRemoteReset',
    'the client reset the stream',
    'a client timeout, or a user who left',
    'compare the duration with the timeout of the client or the CDN',
  ),
];

const byShort = new Map(responseFlags.map((one) => [one.short, one]));
const byLong = new Map(responseFlags.map((one) => [one.long, one.short]));

/** A flag by its short name; undefined for one that Envoy has since this was written. */
export const responseFlag = (short: string): ResponseFlag | undefined => byShort.get(short);

/** `URX,UF`, or the same in long names → short names. */
export const shortFlags = (text: string): readonly string[] => text.split(',').map((one) => byLong.get(one) ?? one);
