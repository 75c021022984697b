// The PODS column: on how many pods a row is, and which ones where it is not on all.

import type { Answer } from '#command/command.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Cell } from '#render/format/table.ts';

/** More names than this are a number: the others are in JSON. */
const mostNames = 3;

export interface Asked {
  /** Names of the pods that answered. */
  readonly answered: readonly string[];
  readonly all: number;
}

export const askedPods = (answer: Pick<Answer, 'pods'>): Asked => ({
  answered: answer.pods.filter(hasAnswered).map(({ pod }) => pod.name),
  all: answer.pods.length,
});

/**
 * `3/3`; `2/3, not istio-ingressgateway-x`; `1/9, only istio-ingressgateway-x`; `2/3, 1 unknown` where one did not
 * answer.
 */
export function describePods(pods: readonly string[], asked: Asked): Cell {
  // The log of a pod may be read that does not answer itself.
  const silent = asked.answered.length === asked.all ? 0 : without(pods, asked.answered).length;
  const lacking = pods.length - silent === asked.answered.length ? [] : without(asked.answered, pods);
  const unknown = asked.all - asked.answered.length - silent;
  const text = [
    `${pods.length}/${asked.all}`,
    describeLacking(pods, lacking),
    unknown === 0 ? '' : `${unknown} unknown`,
  ];
  return { text: text.filter((part) => part !== '').join(', '), tone: lacking.length > 0 ? 'warning' : undefined };
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const left = new Set(others);
  return names.filter((name) => !left.has(name));
}

function describeLacking(pods: readonly string[], lacking: readonly string[]): string {
  if (lacking.length === 0) return '';
  if (pods.length < lacking.length && pods.length <= mostNames) return `only ${pods.join(', ')}`;
  if (lacking.length <= mostNames) return `not ${lacking.join(', ')}`;
  return `not ${lacking.length} pods`;
}
