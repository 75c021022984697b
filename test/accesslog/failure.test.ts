import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type JudgedEntry, verdictOf } from '#accesslog/failure.ts';
import { grpcStatusName } from '#accesslog/grpc-status.ts';

type Row = readonly [what: string, verdict: ReturnType<typeof verdictOf>, entry: JudgedEntry];

const application = { method: 'POST', responseCodeDetails: 'via_upstream', upstreamHost: '10.1.0.1:80' };
const gateway = (
  responseCode: number,
  responseCodeDetails: string,
  ...responseFlags: readonly string[]
): JudgedEntry => ({
  method: 'GET',
  responseCode,
  responseCodeDetails,
  ...(responseFlags.length === 0 ? {} : { responseFlags }),
});

const rows: readonly Row[] = [
  ['an answer', 'fine', { ...application, responseCode: 200 }],
  ["the application's own 503", 'error', { ...application, responseCode: 503 }],
  ["the application's own 404", 'fine', { ...application, responseCode: 404 }],
  ['no endpoint', 'error', gateway(503, 'no_healthy_upstream', 'UH')],
  ['no route', 'refused', gateway(404, 'route_not_found', 'NR')],
  ['a policy', 'refused', gateway(403, 'rbac_access_denied_matched_policy[none]')],
  ['a redirect of the VirtualService', 'fine', gateway(301, 'direct_response')],
  ['gRPC without a route', 'error', gateway(200, 'route_not_found', 'NR')],
  ['gRPC that a policy refuses', 'error', gateway(200, 'rbac_access_denied_matched_policy[ns[a]-policy[b]-rule[0]]')],
  ['gRPC that a failing filter refuses', 'error', gateway(200, 'ext_proc_error_gRPC_error_14')],
  ['gRPC with a path that cannot be normalised', 'error', gateway(200, 'path_normalization_failed')],
  ['a redirect to the normalised path', 'fine', gateway(307, 'path_normalization_failed')],
  ['gRPC whose retries are over', 'error', { ...application, responseCode: 200, responseFlags: ['URX'] }],
  ['gRPC that the application could not serve', 'error', { ...application, responseCode: 200, grpcStatus: 'Internal' }],
  ['gRPC that the client got wrong', 'fine', { ...application, responseCode: 200, grpcStatus: 'NotFound' }],
  ['gRPC that is well', 'fine', { ...application, responseCode: 200, grpcStatus: 'OK' }],
  ['an answer cut off', 'error', { ...application, responseCode: 200, responseFlags: ['UC'] }],
  ['a delay that was wanted', 'fine', { ...application, responseCode: 200, responseFlags: ['DI'] }],
  ['a WebSocket that one side closed', 'fine', { ...application, responseCode: 101, responseFlags: ['UC'] }],
  ['a client that left before the answer', 'error', { method: 'GET', responseCode: 0, responseFlags: ['DC'] }],
  ['a client that left in the middle of it', 'fine', { ...application, responseCode: 200, responseFlags: ['DC'] }],
  ['a connection without filter chain', 'error', { responseCode: 0, responseFlags: ['NR'] }],
  ['a connection', 'fine', { responseCode: 0 }],
  ['an error that goes on', 'fine', { ...gateway(503, 'no_healthy_upstream', 'UH'), logType: 'DownstreamPeriodic' }],
  ['one that has ended', 'error', { ...gateway(503, 'no_healthy_upstream', 'UH'), logType: 'DownstreamEnd' }],
];

for (const [what, verdict, entry] of rows) test(`${what} is ${verdict}`, () => assert.is(verdictOf(entry), verdict));

test('a gRPC status has one name, however Envoy was told to write it', () => {
  assert.equal(['14', 'Unavailable', 'UNAVAILABLE', 'unavailable'].map(grpcStatusName), Array(4).fill('Unavailable'));
  assert.equal(['DEADLINE_EXCEEDED', 'CANCELLED', '99'].map(grpcStatusName), ['DeadlineExceeded', 'Canceled', '99']);
});

test.run();
