// The answer of an RBAC filter that an AuthorizationPolicy has brought.

import { showObject } from '#analysis/istio/show-object.ts';
import { describeRefusal, policiesOf, type Refusal } from './access-rules.ts';
import { type Failure, fail } from './failure.ts';

/** Source: envoy source/extensions/filters/{http,network}/rbac/rbac_filter.cc. It has no response flag. */
export function refusedBy(why: string, refusal: Refusal, code?: number): Failure {
  const objects = policiesOf(refusal.rules);
  const text = describeRefusal(refusal);
  return fail('filter', why, {
    code,
    reasons: [{ code: 'authorization-policy', objects, text, next: objects.map(showObject) }],
  });
}
