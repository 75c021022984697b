// Where the ways of one request part on different pods.

import { type Explanation, explanationKey, type Outcome } from '#model/explanation.ts';

const withoutEndpoints = (outcome: Outcome): object =>
  'endpoints' in outcome ? { ...outcome, endpoints: [], priorities: [], isInPanic: false } : outcome;

/** In the order of the way; the first step that differs is where the ways part. */
const steps: readonly (readonly [string, (explanation: Explanation) => unknown])[] = [
  ['listener', ({ entry, listener }) => [entry, listener]],
  ['filter chain', ({ chain, gateway }) => [chain && { ...chain, certificates: [] }, gateway]],
  ['certificate', ({ chain }) => chain?.certificates],
  ['route configuration', ({ routeConfiguration }) => routeConfiguration],
  ['virtual host', ({ virtualHost }) => virtualHost],
  ['routes', ({ misses, outcomes }) => [misses, outcomes.map(({ route }) => route)]],
  ['outcome', ({ outcomes }) => outcomes.map(withoutEndpoints)],
  ['endpoints', ({ outcomes }) => outcomes],
];

/**
 * Undefined where all are the same. A cluster without healthy endpoints is an outcome of its own, whose cause is the
 * endpoints.
 */
export function partingOf(explanations: readonly Explanation[]): string | undefined {
  const parting = steps.find(
    ([, of]) => new Set(explanations.map((explanation) => explanationKey(of(explanation)))).size > 1,
  )?.[0];
  const isByEndpoints = explanations.some(({ outcomes }) =>
    outcomes.some((outcome) => outcome.kind === 'fail' && outcome.at === 'endpoint'),
  );
  return parting === 'outcome' && isByEndpoints ? 'endpoints' : parting;
}
