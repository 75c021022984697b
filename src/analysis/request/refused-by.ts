// The answer of an RBAC filter that an AuthorizationPolicy has brought.

import { showObject } from '#analysis/istio/show-object.ts';
import type { HttpFilter } from '#model/listener.ts';
import { describeRefusal, type Refusal } from './access-rules.ts';
import { type Failure, fail } from './failure.ts';

/** Source: envoy source/extensions/filters/http/rbac/rbac_filter.cc. It has no response flag. */
export function refusedBy({ name }: HttpFilter, refusal: Refusal): Failure {
  const objects = refusal.rules.flatMap(({ policy }) => policy ?? []);
  const reason = { code: 'authorization-policy', objects, text: describeRefusal(refusal) } as const;
  const shown = new Map(objects.map((one) => [`${one.namespace}/${one.name}`, one]));
  return fail('filter', `filter ${name} refuses it`, {
    code: 403,
    reasons: [{ ...reason, next: [...shown.values()].map(showObject) }],
  });
}
