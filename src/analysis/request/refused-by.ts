// The answer of an RBAC filter that an AuthorizationPolicy has brought.

import { showObject } from '#analysis/istio/show-object.ts';
import type { HttpFilter } from '#model/listener.ts';
import { describeRefusal, policiesOf, type Refusal } from './access-rules.ts';
import { type Failure, fail } from './failure.ts';

/** Source: envoy source/extensions/filters/http/rbac/rbac_filter.cc. It has no response flag. */
export function refusedBy({ name }: HttpFilter, refusal: Refusal): Failure {
  const objects = policiesOf(refusal.rules);
  const text = describeRefusal(refusal);
  return fail('filter', `filter ${name} refuses it`, {
    code: 403,
    reasons: [{ code: 'authorization-policy', objects, text, next: objects.map(showObject) }],
  });
}
