// The formats that nobody has to configure. Source: istio pilot/pkg/model/telemetry_logging.go EnvoyTextLogFormat,
// EnvoyJSONLogFormatIstio; envoy source/common/formatter/substitution_format_utility.cc DefaultSubstitutionFormatUtils.

import type { AccessLogFormat } from '#model/access-log.ts';

const request =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS%';
const client =
  '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"';
const bytes = '%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%';
const addresses =
  '%UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%';

/** Istio with proxies from 1.9 on. */
export const istioText: AccessLogFormat = {
  kind: 'text',
  text: `${request} %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" ${bytes} ${client} ${addresses}\n`,
};

/** Istio with proxies before 1.9. */
const oldIstioText: AccessLogFormat = {
  kind: 'text',
  text: `${request} "%UPSTREAM_TRANSPORT_FAILURE_REASON%" ${bytes} ${client} ${addresses}\n`,
};

export const envoyText: AccessLogFormat = { kind: 'text', text: `${request} ${bytes} ${client}\n` };

/** `accessLogEncoding: JSON` without a format of one's own, as Wikimedia has it. */
export const istioJson = {
  kind: 'json',
  json: {
    start_time: '%START_TIME%',
    route_name: '%ROUTE_NAME%',
    method: '%REQ(:METHOD)%',
    path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
    protocol: '%PROTOCOL%',
    response_code: '%RESPONSE_CODE%',
    response_flags: '%RESPONSE_FLAGS%',
    response_code_details: '%RESPONSE_CODE_DETAILS%',
    connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
    bytes_received: '%BYTES_RECEIVED%',
    bytes_sent: '%BYTES_SENT%',
    duration: '%DURATION%',
    upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
    x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
    user_agent: '%REQ(USER-AGENT)%',
    request_id: '%REQ(X-REQUEST-ID)%',
    authority: '%REQ(:AUTHORITY)%',
    upstream_host: '%UPSTREAM_HOST%',
    upstream_cluster: '%UPSTREAM_CLUSTER%',
    upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
    downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
    downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
    requested_server_name: '%REQUESTED_SERVER_NAME%',
    upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  },
} as const satisfies AccessLogFormat;

/** As meshes that serve gRPC write it: Istio's own JSON, and the status of calls. */
const jsonWithGrpc: AccessLogFormat = { kind: 'json', json: { ...istioJson.json, grpc_status: '%GRPC_STATUS%' } };

/** For lines of which nobody says how they were written. */
export const knownFormats: readonly AccessLogFormat[] = [istioText, jsonWithGrpc, oldIstioText, envoyText];
