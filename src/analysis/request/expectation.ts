// `explain --expect KEY=VALUE`: what should happen, held against what would.

import { ToolError } from '#core/error.ts';
import { globMatcher } from '#core/glob.ts';
import type { Explanation, Outcome } from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';

const keys = ['code', 'cluster', 'route', 'virtualservice', 'location', 'host'] as const;

export interface Expectation {
  readonly key: (typeof keys)[number];
  readonly value: string;
}

export function readExpectation(text: string): Expectation {
  const at = text.indexOf('=');
  const key = keys.find((one) => one === text.slice(0, at));
  if (key === undefined)
    throw new ToolError('usage', `--expect takes ${keys.map((one) => `${one}=…`).join(', ')}, not "${text}"`);
  return { key, value: text.slice(at + 1) };
}

/** A line for each expectation that some outcome does not meet, with the pods. */
export function unmetExpectations(item: OnPods<Explanation>, expectations: readonly Expectation[]): string[] {
  return expectations.flatMap(({ key, value }) => {
    const matches = globMatcher(value);
    const others = item.value.outcomes
      .map((outcome) => actual(key, outcome, item.value))
      .filter((found) => found === undefined || !matches(found));
    const [other] = others;
    return others.length === 0
      ? []
      : [`expected ${key}=${value}, would be ${other ?? `no ${key}`} on ${item.pods.join(', ')}`];
  });
}

/** A service's own code is not known without sending: a forwarded request counts as 200. */
function actual(key: Expectation['key'], outcome: Outcome, explanation: Explanation): string | undefined {
  switch (key) {
    case 'code':
      return codeOf(outcome);
    case 'cluster':
      return 'cluster' in outcome ? outcome.cluster : undefined;
    case 'route':
      return outcome.route?.name;
    case 'virtualservice':
      return outcome.route?.from && `${outcome.route.from.namespace}/${outcome.route.from.name}`;
    case 'location':
      return outcome.kind === 'redirect' ? outcome.location : undefined;
    case 'host':
      return explanation.virtualHost?.domain;
  }
}

function codeOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'forward' || outcome.kind === 'tcp') return '200';
  return 'code' in outcome && outcome.code !== undefined ? String(outcome.code) : undefined;
}
