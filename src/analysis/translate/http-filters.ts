// What istiod tells the filters of faults and CORS for a route. Source: istio
// pilot/pkg/networking/core/route/route.go TranslateFault, TranslateCORSPolicy.

import type { CorsPolicy, HttpFault, Percent } from '#analysis/istio/virtual-service.ts';
import { goDuration } from '#core/go-duration.ts';
import { describeStringMatch } from '#model/match.ts';
import type { Cors, Fault, Preflight } from '#model/route.ts';
import { stringMatch } from './http-match.ts';

/** Where nothing is left of it, istiod gives the filter an empty configuration. */
export function translateFault({ delay, abort }: HttpFault): Fault {
  const translatedDelay =
    delay?.fixedDelay === undefined
      ? undefined
      : {
          ms: goDuration(delay.fixedDelay),
          share: delay.percentage ? shareOf(delay.percentage) : (delay.percent ?? 0) / 100,
        };
  return { abort: abort && translateAbort(abort), delay: translatedDelay, headers: [] };
}

function translateAbort({
  httpStatus,
  grpcStatus,
  percentage,
}: NonNullable<HttpFault['abort']>): Fault['abort'] | undefined {
  const share = percentage ? shareOf(percentage) : 0;
  if (httpStatus !== undefined) return { code: httpStatus, share };
  const status = grpcStatus === undefined ? -1 : grpcStatuses.indexOf(grpcStatus);
  return status < 0 ? undefined : { code: 200, share, grpcStatus: status };
}

/** Istio counts in parts of a million. */
const shareOf = ({ value = 0 }: Percent): number => Math.min(1, Math.trunc(value * 10_000) / 1_000_000);

/** By number. Source: google.golang.org/grpc codes. */
const grpcStatuses = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

const originsOf = ({ allowOrigins, allowOrigin = [] }: CorsPolicy): Preflight['origins'] =>
  allowOrigins
    ? allowOrigins.map(stringMatch)
    : allowOrigin.map((value) => ({ kind: 'exact', value, ignoreCase: false }));

export const translatePreflight = (policy: CorsPolicy): Preflight => ({
  origins: originsOf(policy),
  forwardsOthers: policy.unmatchedPreflights !== 'IGNORE',
});

export const translateCors = (policy: CorsPolicy): Cors => ({
  allowOrigins: originsOf(policy).map(describeStringMatch),
  allowMethods: listed(policy.allowMethods),
  allowHeaders: listed(policy.allowHeaders),
  exposeHeaders: listed(policy.exposeHeaders),
  maxAge: policy.maxAge === undefined ? undefined : String(Math.trunc(goDuration(policy.maxAge) / 1000)),
  allowCredentials: policy.allowCredentials,
});

/** Envoy has them as one text with commas. */
const listed = (names: readonly string[] = []): string[] =>
  names
    .join(',')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
