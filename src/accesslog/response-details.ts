// %RESPONSE_CODE_DETAILS%: which part of Envoy made the response, and why. Source: envoy
// docs/root/configuration/http/http_conn_man/response_code_details.rst ("not guaranteed to be stable"); the reset
// reasons of source/common/http/utility.cc resetReasonToString. Up to 1.20 the braces hold spaces and a comma, from
// 1.22 underscores, then `|`.

export interface ParsedDetails {
  readonly name: string;
  /** `connection termination`, `remote connection failure`… */
  readonly reset: string | undefined;
  /** Of the transport, with spaces. */
  readonly reason: string | undefined;
}

export function parseDetails(text: string): ParsedDetails {
  const [, name = text, inside] = /^([A-Za-z0-9_.]+)(?:[{[(](.*)[}\])])?$/s.exec(text) ?? [];
  if (inside === undefined) return { name, reset: undefined, reason: undefined };
  const at = inside.search(/[|,]/);
  const words = (part: string): string => part.replaceAll('_', ' ');
  return at === -1
    ? { name, reset: words(inside), reason: undefined }
    : { name, reset: words(inside.slice(0, at)), reason: words(inside.slice(at + 1)) };
}

const meanings: Readonly<Record<string, string>> = {
  absolute_path_rejected: 'a request with an absolute URL, which this route does not take',
  admin_filter_response: 'the admin port answered',
  cluster_not_found: 'the route leads to a cluster that does not exist: is the Service there, with that port?',
  csrf_origin_mismatch: 'the CSRF filter does not take the Origin of the request',
  direct_response: 'the gateway itself answers: a redirect or a fixed response of the VirtualService',
  downstream_local_disconnect: 'the gateway closed the connection to the client',
  downstream_remote_disconnect: 'the client closed the connection before the answer was complete',
  duration_timeout: 'the longest duration of a connection passed',
  early_connect_data: 'a CONNECT with data before it was accepted',
  ext_authz_denied: 'external authorization said no',
  ext_authz_error: 'external authorization failed',
  filter_added_invalid_request_data: 'a filter added data to a request that was complete',
  filter_added_invalid_response_data: 'a filter added data to a response that was complete',
  filter_chain_not_found: 'no filter chain for this server name: no Gateway has the host, or the client sends no SNI',
  filter_removed_required_headers: 'a filter removed headers that a request needs',
  filter_removed_required_request_headers: 'a filter removed headers that a request needs',
  filter_removed_required_response_headers: 'a filter removed headers that a response needs',
  internal_redirect: 'an internal redirect took the place of this stream',
  jwt_authn_access_denied: 'the JSON Web Token is missing or not valid',
  low_version: 'HTTP/1.0 or 0.9, which the gateway does not take',
  maintenance_mode: 'the cluster is in maintenance mode (a runtime setting)',
  max_duration_timeout: 'the longest duration of a stream passed',
  missing_host_header: 'a request without Host',
  missing_path_rejected: 'a request without path',
  no_healthy_upstream: 'no endpoint of the cluster is usable: no ready pod, or all ejected',
  overload: 'the overload manager refuses requests: the gateway is short of memory',
  path_normalization_failed: 'the path cannot be normalised',
  rejecting_because_detection_failed: 'the original address could not be found out',
  request_headers_failed_strict_check: 'an x-envoy header has a wrong value',
  request_overall_timeout: 'the request took too long to arrive',
  request_payload_exceeded_retry_buffer_limit: 'the body is too large to be kept for a retry',
  request_payload_too_large: 'the body of the request is over the limit',
  response_payload_too_large: 'the body of the response is over the limit of a filter',
  route_configuration_not_found: 'the listener has no route configuration yet: is the pod in sync with istiod?',
  route_not_found: 'no virtual host or route for this host and path',
  stream_idle_timeout: 'nothing moved on the stream for too long',
  upgrade_failed: 'an upgrade (WebSocket) that the route does not allow',
  upstream_max_stream_duration_reached: 'the longest duration of a stream to the application passed',
  upstream_per_try_timeout: 'the last attempt took longer than perTryTimeout',
  upstream_reset_after_response_started: 'the connection to the application broke in the middle of the answer',
  upstream_reset_before_response_started: 'the connection to the application failed or broke before it answered',
  upstream_response_timeout: "the application did not answer within the route's timeout",
  via_upstream: 'the application itself answered so; the gateway only passed it on',
  wasm_fail_stream: 'the Wasm plugin failed, or could not be loaded',
};

const resets: Readonly<Record<string, string>> = {
  'connection failure': 'no connection could be made',
  'local connection failure': 'the gateway gave up connecting',
  'remote connection failure': 'the other side refused the connection or the handshake',
  'connection timeout': 'nobody answered the connection attempt',
  'connection termination': 'the other side closed an open connection',
  'local reset': 'the gateway reset it',
  'local refused stream reset': 'the gateway refused the stream',
  overflow: 'a circuit breaker is open',
  'remote reset': 'the application reset it',
  'remote refused stream reset': 'the application refused the stream',
  'remote error with CONNECT request': 'the CONNECT failed',
  'protocol error': 'what the application sends is no HTTP of this version',
  'overload manager reset': 'the gateway is short of memory',
  'HTTP/1 premature upstream half close': 'the application closed its side too early',
  'http1 premature upstream half close': 'the application closed its side too early',
};

/** Of details that begin so, and end with the reason. */
const beginnings: Readonly<Record<string, string>> = {
  ext_proc_error_: 'the external processor failed',
  'http1.': "the client's HTTP/1 is not valid",
  'http2.': "the client's HTTP/2 is not valid",
  'http3.': "the client's HTTP/3 is not valid",
};

/** What it means; undefined for details of a filter that this tool does not know. */
export function explainDetails(text: string): string | undefined {
  const { name, reset } = parseDetails(text);
  const meaning = meanings[name];
  if (name.startsWith('rbac_access_denied')) return deniedBy(text);
  if (meaning !== undefined)
    return reset !== undefined && resets[reset] !== undefined ? `${meaning}: ${resets[reset]}` : meaning;
  const beginning = Object.keys(beginnings).find((prefix) => name.startsWith(prefix));
  return beginning === undefined
    ? undefined
    : `${beginnings[beginning]}: ${name.slice(beginning.length).replaceAll('_', ' ')}`;
}

export interface DenyingRule {
  readonly namespace: string;
  readonly name: string;
  readonly index: string;
  readonly isWithoutProvider: boolean;
}

/** Source: istio security/authz/builder policyName; envoy source/extensions/filters/common/rbac/utility.cc. */
export function denyingRule(details: string): DenyingRule | undefined {
  const [, namespace = '', name, index = '', rest = ''] =
    /\[(?:istio-ext-authz-(?:[^[\]]*-)?)?ns\[([^[\]]*)\]-policy\[([^[\]]*)\]-rule\[(\d+)\]([\w-]*)\]/.exec(details) ??
    [];
  return name === undefined ? undefined : { namespace, name, index, isWithoutProvider: rest.includes('bad-CUSTOM') };
}

function deniedBy(details: string): string {
  const rule = denyingRule(details);
  if (rule)
    return `AuthorizationPolicy ${rule.namespace}/${rule.name} denies it, by its rule ${rule.index}${rule.isWithoutProvider ? ', as istiod does not know the provider that it names' : ''}`;
  const [, other = 'none'] = /^[^[]*\[(.*)\]$/.exec(details) ?? [];
  // As older istiods (1.18) name it, which refuse everything then.
  if (other.endsWith('-due-to-bad-CUSTOM-action'))
    return 'an AuthorizationPolicy with action CUSTOM denies it, as istiod does not know the provider that it names';
  return other === 'none'
    ? 'no AuthorizationPolicy allows it: there is one that allows, and no rule of it is met'
    : `the policy ${other} denies it`;
}

/** A common transport failure in plain words; undefined for others. */
export function explainTransportFailure(reason: string): string | undefined {
  const text = reason
    .replaceAll('_', ' ')
    .replace(/(connect error: )(\d+)/, (_, before: string, errno: string) => before + (errnoTexts[errno] ?? errno));
  return transportFailures.find(([pattern]) => pattern.test(text))?.[1];
}

/** Envoy up to 1.21 wrote the number of Linux, as newer ones do where the text is not known. Source: asm-generic/errno.h. */
const errnoTexts: Readonly<Record<string, string>> = {
  '101': 'Network is unreachable',
  '103': 'Software caused connection abort',
  '104': 'Connection reset by peer',
  '110': 'Connection timed out',
  '111': 'Connection refused',
  '112': 'Host is down',
  '113': 'No route to host',
};

/** Source: BoringSSL's error strings, envoy source/common/tls/cert_validator. */
const transportFailures: readonly (readonly [RegExp, string])[] = [
  [
    /CERTIFICATE VERIFY FAILED.*(SAN|subject alternative|verify SAN list)/i,
    "the application's certificate has another name: sni or subjectAltNames of the DestinationRule",
  ],
  [
    /unable to get local issuer|self.signed|CERTIFICATE VERIFY FAILED.*issuer/i,
    "the application's certificate is of a CA that the gateway does not trust: caCertificates of the DestinationRule",
  ],
  [/certificate has expired/i, "the application's certificate has expired"],
  [/CERTIFICATE VERIFY FAILED/i, "the application's certificate does not verify"],
  [
    /WRONG VERSION NUMBER/i,
    'the application speaks plain text where the gateway speaks TLS: the DestinationRule of its host',
  ],
  [/ALERT|HANDSHAKE FAILURE|UNSUPPORTED PROTOCOL/i, 'the application refused the TLS handshake'],
  [/Connection refused/i, 'nothing listens on the port of the pod'],
  [
    /No route to host|Network is unreachable|Host is down/i,
    'the address cannot be reached: a pod that is gone, or a NetworkPolicy',
  ],
  [/timeout|timed out/i, 'nobody answered: a node that is gone, or a NetworkPolicy'],
  [/reset by peer|Connection reset|connection abort/i, 'the other side reset the connection'],
];
