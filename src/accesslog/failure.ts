// The one definition of an error, for `--summary`, `top`, `--fail-on`, `--errors`, the colours and `explain`. Source:
// envoy source/common/http/utility.cc sendLocalReply (a gRPC client gets every answer of Envoy's own as HTTP 200),
// source/common/grpc/status.cc; OpenTelemetry's semantic conventions for gRPC (which statuses are the server's fault).

import { type AccessEntry, type AccessField, type Answerer, isOfWhole } from '#model/access-log.ts';

/** The fields that the verdict reads. */
export const failureFields = [
  'method',
  'responseCode',
  'responseFlags',
  'responseCodeDetails',
  'grpcStatus',
  'upstreamHost',
  'logType',
] as const satisfies readonly AccessField[];

export type JudgedEntry = Pick<AccessEntry, (typeof failureFields)[number]>;

/**
 * `error`: something failed. `refused`: the gateway answered with a 4xx, because the client or the configuration is
 * wrong.
 */
export type Verdict = 'fine' | 'error' | 'refused';

/** The gateway could not do what it was asked for, whatever code the client saw. */
const failures = new Set('UH UF UO URX NC LH UT LR UR UC RLSE UPE UMSDR NFCF OM DF DO UDO'.split(' '));
/** The gateway refused or ended the request: an error unless the code says that the client is to blame. */
const refusals = new Set('NR RL UAEX IH SI DPE FI DT'.split(' '));

/** How the details of refusing answers begin: the gateway's other answers are intended. */
const refusingDetails =
  /^(?:cluster_not_found|duration_timeout|ext_authz_|fault_filter_abort|filter_chain_not_found|http[123]\.|jwt_authn_|local_rate_limited|maintenance_mode|max_duration_timeout|no_healthy_upstream|overload|rate_limit|rbac_access_denied|request_rate_limited|request_|response_payload_too_large|route_configuration_not_found|route_not_found|stream_idle_timeout|unconditional_drop_overload|drop_overload|upstream_)/;

/** The same with 200 alone, which a gRPC client gets: others may be redirected with them. */
const refusingGrpc =
  /^(?:absolute_path_rejected|csrf_origin_mismatch|ext_proc_error|filter_removed_required_|low_version|missing_host_header|missing_path_rejected|path_normalization_failed|upgrade_failed|wasm_fail_stream)/;

/** Source: OpenTelemetry semantic conventions, gRPC, span status of a server. */
const serverFaults = new Set(['Unknown', 'DeadlineExceeded', 'Unimplemented', 'Internal', 'Unavailable', 'DataLoss']);

/** An upgraded connection (WebSocket) ends with a flag whenever one side hangs up. */
const switchingProtocols = 101;

/**
 * Code 0 is a client that left before an answer, or a connection, which has no code either: an error where a flag says
 * that it did not end as it should. What came of a request is in its last line.
 */
export function verdictOf(entry: JudgedEntry): Verdict {
  const { responseCode = 0, responseFlags, grpcStatus } = entry;
  if (!isOfWhole(entry)) return 'fine';
  if (responseCode >= 500) return 'error';
  if (responseFlags !== undefined && isFailing(responseCode, responseFlags)) return 'error';
  if (grpcStatus !== undefined && serverFaults.has(grpcStatus)) return 'error';
  if (responseCode >= 400) return answererOf(entry) === 'gateway' ? 'refused' : 'fine';
  return responseCode >= 200 && isRefusing(responseCode, entry.responseCodeDetails ?? '') ? 'error' : 'fine';
}

const isRefusing = (code: number, details: string): boolean =>
  refusingDetails.test(details) || (code === 200 && refusingGrpc.test(details));

export const isError = (entry: JudgedEntry): boolean => verdictOf(entry) === 'error';

function isFailing(code: number, flags: readonly string[]): boolean {
  if (code === 0) return flags.length > 0;
  if (code === switchingProtocols) return false;
  return flags.some((flag) => failures.has(flag) || (code < 400 && refusals.has(flag)));
}

type AnsweredBy = 'method' | 'responseCode' | 'responseCodeDetails' | 'responseFlags' | 'upstreamHost';

/** False for what could be the answer of either, where no line of the format has more. */
export const tellsWho = (entry: Pick<AccessEntry, AnsweredBy>): boolean =>
  (entry.responseCodeDetails ?? entry.responseFlags ?? entry.upstreamHost) !== undefined;

/** An HTTP 503 with via_upstream and no flag is the application's: the first split of any triage. */
export function answererOf(entry: Pick<AccessEntry, AnsweredBy>): Answerer {
  if (entry.method === undefined && (entry.responseCode ?? 0) === 0) return 'connection';
  if ((entry.responseCode ?? 0) === 0) return 'nobody';
  if (entry.responseCodeDetails !== undefined)
    return entry.responseCodeDetails === 'via_upstream' ? 'application' : 'gateway';
  // Formats without details: the gateway's own answers have a flag, or no upstream.
  return entry.responseFlags === undefined && entry.upstreamHost !== undefined ? 'application' : 'gateway';
}
