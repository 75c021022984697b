// The pods and nodes behind the endpoints of an explanation.

import { serviceOfCluster } from '#model/cluster-name.ts';
import type { Explanation, Outcome } from '#model/explanation.ts';
import type { backendsIn } from './backends.ts';

/** Namespaces of the services that the request may get to. */
export const namespacesOf = (explanations: readonly Explanation[]): ReadonlySet<string> =>
  new Set(
    explanations.flatMap(({ outcomes }) =>
      outcomes.flatMap((outcome) =>
        'endpoints' in outcome ? (serviceOfCluster(outcome.cluster)?.namespace ?? []) : [],
      ),
    ),
  );

export const withBackends = <E extends Explanation>(explanation: E, backendOf: ReturnType<typeof backendsIn>): E => ({
  ...explanation,
  outcomes: explanation.outcomes.map((outcome) => lookedUp(outcome, backendOf)),
});

function lookedUp(outcome: Outcome, backendOf: ReturnType<typeof backendsIn>): Outcome {
  if (!('endpoints' in outcome)) return outcome;
  const { cluster } = outcome;
  const endpoints = outcome.endpoints.map((endpoint) => ({
    ...endpoint,
    backend: backendOf({ cluster, endpoint, missing: undefined }),
  }));
  return { ...outcome, endpoints };
}
