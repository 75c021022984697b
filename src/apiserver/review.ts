// Reviews: who asks, and what they may do. Whoever has the token is one user. kubectl asks in protobuf. Sources:
// kubernetes api authorization/v1/generated.proto; apimachinery/pkg/runtime/generated.proto, Unknown.

import type { ServedCluster } from './cluster.ts';
import type { Faults } from './fault.ts';
import { readLengthFields } from './protobuf.ts';
import type { ApiRequest } from './rest.ts';
import { type ApiAnswer, badRequest, jsonAnswer, methodNotAllowed, unknownPath, unknownResource } from './status.ts';

type Asking = Pick<ApiRequest, 'method' | 'path' | 'body'>;

/** `path` is of one of the two groups of reviews. */
export function review(
  cluster: ServedCluster,
  { method, path, body }: Asking,
  faults: Pick<Faults, 'take'>,
): ApiAnswer {
  const make = reviews[`${path.group}/${path.resource}`];
  if (path.version !== 'v1') return unknownPath;
  if (!make) return unknownResource;
  if (method !== 'POST') return methodNotAllowed();
  try {
    const object = isProtobuf(body) ? readProtobuf(body, path.group) : (JSON.parse(body.toString()) as ReviewObject);
    return jsonAnswer(201, { ...object, status: make(object, faults, cluster) });
  } catch {
    return badRequest(
      'the object provided is unrecognized (must be of type SelfSubjectAccessReview or SelfSubjectRulesReview)',
    );
  }
}

const magic = Buffer.from('k8s\0');
const isProtobuf = (body: Buffer): boolean => body.subarray(0, magic.length).equals(magic);

/** The kind, and of an access review the attributes. */
function readProtobuf(body: Buffer, group: string): ReviewObject {
  const inside = (message: Buffer | undefined, field: number): Buffer | undefined =>
    message && readLengthFields(message)?.get(field);
  const whole = body.subarray(magic.length);
  const attributes = inside(inside(inside(whole, 2), 2), 1);
  const text = (field: number): string | undefined => inside(attributes, field)?.toString();
  const [verb, resource, subresource] = [text(2), text(5), text(6)];
  return {
    kind: inside(inside(whole, 1), 2)?.toString() ?? '',
    apiVersion: `${group}/v1`,
    metadata: {},
    spec: {
      resourceAttributes: {
        ...(verb !== undefined && { verb }),
        ...(resource !== undefined && { resource }),
        ...(subresource !== undefined && { subresource }),
      },
    },
  };
}

const rule = (verbs: readonly string[]): object => ({ verbs, apiGroups: ['*'], resources: ['*'] });

interface ReviewObject {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata?: object;
  readonly spec?: {
    readonly resourceAttributes?: { readonly verb?: string; readonly resource?: string; readonly subresource?: string };
  };
}

type MakeStatus = (object: ReviewObject, faults: Pick<Faults, 'take'>, cluster: ServedCluster) => object;

const reviews: Readonly<Record<string, MakeStatus>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': ({ spec = {} }, faults, cluster) => {
    const { verb = '', resource = '', subresource } = spec.resourceAttributes ?? {};
    const whole = subresource ? `${resource}/${subresource}` : resource;
    const isDenied = faults.take('review', { on: 'review', verb, resource: whole }) !== undefined;
    return { allowed: !isDenied && cluster.mayI(verb, whole) };
  },
  'authorization.k8s.io/selfsubjectrulesreviews': (_object, _faults, { mayI }) => ({
    resourceRules: [rule(mayI('*', '*') ? ['*'] : ['get', 'list', 'watch'])],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  }),
  'authentication.k8s.io/selfsubjectreviews': (_object, _faults, { user }) => ({
    userInfo: { username: user, groups: ['system:masters', 'system:authenticated'] },
  }),
};
