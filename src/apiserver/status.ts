// What the API server answers when it is not an object: Status bodies, worded as Kubernetes words them.
// Source: kubernetes/staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go.

import { type ErrorCode, ToolError } from '#core/error.ts';
import type { ResourceType } from './resource-type.ts';

/** An answer of the API server, or of the node behind it. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `body` as JSON. */
export const jsonAnswer = (status: number, body: unknown, headers: ApiAnswer['headers'] = {}): ApiAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** What the node says, and what Go's own server says about paths that nobody serves: no Status. */
export const textAnswer = (status: number, body: string): ApiAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
});

/** A Status of a failure. */
export const failure = (code: number, reason: string, message: string, details?: object): ApiAnswer =>
  jsonAnswer(code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details && { details }),
    code,
  });

/** A Status of 400. */
export const badRequest = (message: string): ApiAnswer => failure(400, 'BadRequest', message);

/** No token, or not the server's. */
export const unauthorized: ApiAnswer = failure(401, 'Unauthorized', 'Unauthorized');

/** `pods "x" not found`, `gateways.networking.istio.io "x" not found`. */
export function notFound({ group, resource }: ResourceType, name: string): ApiAnswer {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return failure(404, 'NotFound', `${qualified} "${name}" not found`, {
    name,
    ...(group !== '' && { group }),
    kind: resource,
  });
}

/** A resource that a group which the server knows does not have. */
export const unknownResource: ApiAnswer = failure(
  404,
  'NotFound',
  'the server could not find the requested resource',
  {},
);

/** A path, group or version that the server does not know. */
export const unknownPath: ApiAnswer = textAnswer(404, '404 page not found\n');

/** Everything that would change something. */
export const methodNotAllowed = (
  message = 'the server does not allow this method on the requested resource',
): ApiAnswer => failure(405, 'MethodNotAllowed', message, {});

/** kubectl and client-go print the text of a warning. RFC 7234 section 5.5. */
export const withWarning = (answer: ApiAnswer, warning: string | undefined): ApiAnswer =>
  warning === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, warning: `299 - ${JSON.stringify(warning)}` } };

const statusOf: Readonly<Partial<Record<ErrorCode, readonly [number, string]>>> = {
  forbidden: [403, 'Forbidden'],
  'not-found': [404, 'NotFound'],
  unsupported: [403, 'Forbidden'],
  usage: [400, 'BadRequest'],
};

/** What kept an answer from being made. */
export function failed(error: unknown): ApiAnswer {
  const message = error instanceof Error ? error.message : String(error);
  const [code, reason] = (error instanceof ToolError && statusOf[error.code]) || [500, 'InternalError'];
  return failure(code, reason, code === 500 ? `Internal error occurred: ${message}` : message, {});
}

/** A paging token whose list is gone. */
export const expired: ApiAnswer = failure(
  410,
  'Expired',
  'The provided continue parameter is too old to display a consistent list result.',
);
