// A workload's LabelSelector as the text that lists take. Source: apimachinery pkg/apis/meta/v1 FormatLabelSelector.

import type { KubeObject } from '#core/kube-object.ts';

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export function selectorOf({ spec }: KubeObject): string {
  const { matchLabels = {}, matchExpressions = [] } = ((spec as { selector?: LabelSelector } | undefined)?.selector ??
    {}) as LabelSelector;
  return [...equalities(matchLabels), ...matchExpressions.map(expression)].join(',');
}

/** A Service's selector is a plain map. */
export function serviceSelectorOf({ spec }: KubeObject): string {
  return equalities((spec as { selector?: Readonly<Record<string, string>> } | undefined)?.selector ?? {}).join(',');
}

const equalities = (labels: Readonly<Record<string, string>>): string[] =>
  Object.entries(labels).map(([key, value]) => `${key}=${value}`);

function expression({
  key,
  operator,
  values = [],
}: {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator.toLowerCase()} (${values.join(',')})`;
}
