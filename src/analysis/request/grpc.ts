// gRPC clients get every answer of Envoy's own as 200 with a `grpc-status`, redirects and direct responses included.
// Source: envoy source/common/http/utility.cc sendLocalReply, source/common/grpc/status.cc httpToGrpcStatus.

import type { Explanation, Outcome } from '#model/explanation.ts';
import { headerOf, type Request } from '#model/request.ts';

/** Source: envoy source/common/grpc/common.cc hasGrpcContentType. */
export function isGrpc(request: Request): boolean {
  const type = headerOf(request, 'content-type') ?? '';
  return type === 'application/grpc' || type.startsWith('application/grpc+');
}

export const answerAsGrpc = (explanation: Explanation): Explanation => ({
  ...explanation,
  outcomes: explanation.outcomes.map(asGrpc),
});

function asGrpc(outcome: Outcome): Outcome {
  if (outcome.kind === 'preflight' || !('code' in outcome) || outcome.code === undefined) return outcome;
  return { ...outcome, code: 200, grpcStatus: outcome.grpcStatus ?? grpcStatusOf(outcome.code) };
}

const grpcStatuses: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};

const grpcStatusOf = (code: number): number => grpcStatuses[code] ?? 2;
