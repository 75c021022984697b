// What the API server says of itself and of who asks: its version and clock, the user's name, and what that user may
// do. Source: kubernetes.io/docs/reference/access-authn-authz/authorization (SelfSubjectAccessReview), authentication
// (SelfSubjectReview).

import type { ClusterAccess, Permission } from '#core/cluster-access.ts';
import { ToolError } from '#core/error.ts';
import { field, parseJson } from '#core/json.ts';
import { checked, list, object, optional, text } from '#core/schema.ts';
import type { Connection } from './connection.ts';
import { type Call, openApi, type Response } from './rest.ts';
import { statusError } from './status-error.ts';

export function clusterAccess(connection: Connection, timeoutMs: number, signal: AbortSignal): ClusterAccess {
  const send = openApi(connection, timeoutMs, signal);
  const ask = async (call: Call, isSuccess: readonly number[]): Promise<Response & { readonly json: unknown }> => {
    const answer = await send(call);
    if (!isSuccess.includes(answer.status)) throw statusError(call.attempted, answer);
    return { ...answer, json: parseJson(answer.body, `the answer to ${call.attempted}`) };
  };
  return {
    context: connection.context,
    kubeconfigs: connection.files,
    version: async () => {
      const began = performance.now();
      const { json, date } = await ask({ path: '/version', attempted: "read the API server's version" }, [200]);
      const version = field(json, 'gitVersion');
      if (typeof version !== 'string')
        throw new ToolError('bad-answer', `cannot read the API server's version: ${connection.server.origin} is none`);
      return {
        version,
        tookMs: performance.now() - began,
        clockAheadMs: date === undefined ? undefined : clockAhead(Date.now(), date),
      };
    },
    whoAmI: async () => {
      const call = {
        path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        attempted: 'ask the API server who this is',
        object: selfReview,
      };
      const answer = await send(call);
      if (answer.status === 404) return undefined;
      if (answer.status !== 201) throw statusError(call.attempted, answer);
      const what = 'the SelfSubjectReview';
      const { username, groups } = checked(selfReviewSchema, parseJson(answer.body, what), what).status.userInfo;
      return { user: username, groups: groups ?? [] };
    },
    mayI: async (asked) => {
      const attempted = `ask whether ${asked.verb} ${asked.resource} is allowed`;
      const { json } = await ask(
        { path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', attempted, object: accessReview(asked) },
        [200, 201],
      );
      return field(field(json, 'status'), 'allowed') === true;
    },
  };
}

/** The header has no parts of a second: the server's clock is half a second further on average. */
const clockAhead = (now: number, server: Date): number => Math.trunc((now - server.getTime() - 500) / 1000) * 1000;

const selfReviewSchema = object({
  status: object({ userInfo: object({ username: text, groups: optional(list(text)) }) }),
});

const selfReview = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

function accessReview({ verb, group, resource, namespace }: Permission): object {
  const [plural, subresource] = resource.split('/');
  const resourceAttributes = {
    verb,
    group,
    resource: plural,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
  };
  return { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
}
