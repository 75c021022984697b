// A pod that has not answered is not asked again: each question would wait for it as long as `--pod-timeout` allows.

import { hasAnswered, type PodOutcome, type PodRef } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';

/** For as long as many questions are asked about one moment. */
export function rememberingFailures(source: Source): Source {
  const failures = new Map<string, Error>();
  const keyOf = ({ namespace, name }: PodRef): string => `${namespace}/${name}`;
  const unlessFailed =
    <Asked extends { readonly pod: PodRef }, T>(ask: (asked: Asked) => Promise<T>) =>
    async (asked: Asked): Promise<T> => {
      const failure = failures.get(keyOf(asked.pod));
      if (failure) throw failure;
      return ask(asked);
    };
  const remember = <Outcomes extends readonly PodOutcome<unknown>[]>(outcomes: Outcomes): Outcomes => {
    for (const outcome of outcomes) if (!hasAnswered(outcome)) failures.set(keyOf(outcome.pod), outcome.failed);
    return outcomes;
  };
  return {
    ...source,
    everyPod: async (ask, only, fanOut) => remember(await source.everyPod(unlessFailed(ask), only, fanOut)),
    onePod: async (pod, ask) => {
      const outcome = await source.onePod(pod, unlessFailed(ask));
      remember([outcome]);
      return outcome;
    },
    everyIstiod: async (ask) => remember(await source.everyIstiod(unlessFailed(ask))),
  };
}
