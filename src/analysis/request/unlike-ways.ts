// Pods that answer a request alike and are not alike on its way: what differs is in no line of the answer.

import type { PodOutcome } from '#core/fleet.ts';
import { hasAnswered } from '#core/fleet.ts';
import { andList, someOf } from '#core/phrase.ts';
import { keyOfContent } from '#model/content.ts';
import { type Explanation, type PassedKind, passed } from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';

const mostNamed = 3;

/** `pods`: each with its own explanation; of an item there is that of one pod. */
export function withUnlikeWays(
  items: readonly OnPods<Explanation>[],
  pods: readonly PodOutcome<readonly Explanation[]>[],
): readonly OnPods<Explanation>[] {
  const own = new Map(pods.filter(hasAnswered).map(({ pod, ok }) => [pod.name, ok[0]]));
  return items.map((item) => {
    const caveats = unlikeOf(new Map(item.pods.map((pod) => [pod, contentsOf(own.get(pod))])));
    return caveats.length === 0
      ? item
      : { ...item, value: { ...item.value, caveats: [...item.value.caveats, ...caveats] } };
  });
}

type Contents = ReadonlyMap<PassedKind, string>;

const contentsOf = (explanation: Explanation | undefined): Contents => {
  const all = Map.groupBy(explanation?.[passed] ?? [], ({ kind }) => kind);
  return new Map([...all].map(([kind, elements]) => [kind, elements.map(({ of }) => keyOfContent(kind, of)).join()]));
};

function unlikeOf(pods: ReadonlyMap<string, Contents>): string[] {
  const groups = Map.groupBy(pods, ([, contents]) => JSON.stringify([...contents]));
  const [most = [], ...others] = [...groups.values()].sort((a, b) => b.length - a.length);
  return others.map((group) => {
    const kinds = [...(group[0]?.[1] ?? [])].flatMap(([kind, content]) =>
      most[0]?.[1].get(kind) === content ? [] : [kind],
    );
    const names = group.map(([pod]) => pod);
    return `${someOf(names, mostNamed)} ${names.length === 1 ? 'has' : 'have'} another ${andList(kinds)} than most pods, in what is not shown here: diff shows it`;
  });
}
