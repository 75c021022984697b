// gRPC clients get every answer of Envoy's own as 200 with a `grpc-status`, redirects and direct responses included.
// Source: envoy source/common/http/utility.cc sendLocalReply, source/common/grpc/status.cc httpToGrpcStatus.

import type { Explanation, Outcome } from '#model/explanation.ts';
import type { HttpHandler } from '#model/listener.ts';
import { headerOf, type Request } from '#model/request.ts';

/** Source: envoy source/common/grpc/common.cc hasGrpcContentType. */
export function isGrpc(request: Request): boolean {
  const type = headerOf(request, 'content-type') ?? '';
  return type === 'application/grpc' || type.startsWith('application/grpc+');
}

const webTypes = ['grpc-web', 'grpc-web+proto', 'grpc-web-text', 'grpc-web-text+proto'].map(
  (name) => `application/${name}`,
);

/**
 * gRPC-Web becomes gRPC in its filter, and whatever answers behind that takes it for gRPC. Source: envoy
 * source/extensions/filters/http/grpc_web/grpc_web_filter.cc decodeHeaders.
 */
export const becomesGrpc = (request: Request, { httpFilters }: Pick<HttpHandler, 'httpFilters'>): boolean =>
  webTypes.includes(headerOf(request, 'content-type') ?? '') &&
  httpFilters.some(
    ({ type, name, disabled }) => !disabled && (type === 'GrpcWeb' || name === 'envoy.filters.http.grpc_web'),
  );

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
