// Reviews: who asks, and what they may do. Whoever has the token is one user, who may do everything but what faults deny.

import type { Faults } from './fault.ts';
import type { ApiRequest } from './rest.ts';
import { type ApiAnswer, badRequest, jsonAnswer, methodNotAllowed, unknownPath, unknownResource } from './status.ts';

type Asking = Pick<ApiRequest, 'method' | 'path' | 'body'>;

/** `path` is of one of the two groups of reviews. */
export function review(user: string, { method, path, body }: Asking, faults: Pick<Faults, 'take'>): ApiAnswer {
  const make = reviews[`${path.group}/${path.resource}`];
  if (path.version !== 'v1') return unknownPath;
  if (!make) return unknownResource;
  if (method !== 'POST') return methodNotAllowed();
  try {
    const object = JSON.parse(body) as ReviewObject;
    return jsonAnswer(201, { ...object, status: make(object, faults, user) });
  } catch {
    return badRequest(
      'the object provided is unrecognized (must be of type SelfSubjectAccessReview or SelfSubjectRulesReview)',
    );
  }
}

const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

interface ReviewObject {
  readonly spec?: {
    readonly resourceAttributes?: { readonly verb?: string; readonly resource?: string; readonly subresource?: string };
  };
}

type MakeStatus = (object: ReviewObject, faults: Pick<Faults, 'take'>, user: string) => object;

const reviews: Readonly<Record<string, MakeStatus>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': ({ spec = {} }, faults) => {
    const { verb, resource = '', subresource } = spec.resourceAttributes ?? {};
    const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
    return { allowed: faults.take('review', { on: 'review', verb, resource: whole }) === undefined };
  },
  'authorization.k8s.io/selfsubjectrulesreviews': () => ({
    resourceRules: [everything],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  }),
  'authentication.k8s.io/selfsubjectreviews': (_object, _faults, user) => ({
    userInfo: { username: user, groups: ['system:masters', 'system:authenticated'] },
  }),
};
