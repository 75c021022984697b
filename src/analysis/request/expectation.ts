// `explain --expect KEY=VALUE`: what should happen, compared with what would.

import { ToolError } from '#core/error.ts';
import { globMatcher } from '#core/glob.ts';
import type { Explanation, ExplanationItem, Outcome } from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { originsOf } from '#model/route.ts';

const keys = ['code', 'cluster', 'route', 'virtualservice', 'location', 'host'] as const;

export interface Expectation {
  readonly key: (typeof keys)[number];
  readonly value: string;
}

export const readExpectation = (text: string): Expectation => readPair(text, keys);

/** KEY=VALUE with one of these keys; throws `usage` for anything else. */
export function readPair<Key extends string>(
  text: string,
  known: readonly Key[],
): { readonly key: Key; readonly value: string } {
  const at = text.indexOf('=');
  const key = known.find((one) => one === text.slice(0, at));
  if (key === undefined)
    throw new ToolError('usage', `--expect takes ${known.map((one) => `${one}=…`).join(', ')}, not "${text}"`);
  return { key, value: text.slice(at + 1) };
}

/** Lines for people: what is not as expected, and what this tool cannot decide, each with the pods. */
export interface Judgement {
  readonly unmet: readonly string[];
  readonly undecided: readonly string[];
}

export function judgeExpectations(item: OnPods<ExplanationItem>, expectations: readonly Expectation[]): Judgement {
  const judged = expectations.map((expectation) => judge(expectation, item));
  return { unmet: judged.flatMap(({ unmet }) => unmet), undecided: judged.flatMap(({ undecided }) => undecided) };
}

/** The names that one outcome has for a key, empty where it has none; `unsure`: why nobody knows from outside. */
type Actual = { readonly found: readonly string[] } | { readonly unsure: string };

function judge({ key, value }: Expectation, { value: explanation, pods }: OnPods<ExplanationItem>): Judgement {
  const matches = globMatcher(value);
  const all = actualsOf(key, explanation);
  const wrong = all.flatMap((one) => ('found' in one && !one.found.some(matches) ? [one.found[0] ?? `no ${key}`] : []));
  const unsure = value === '*' ? [] : all.flatMap((one) => ('unsure' in one ? [one.unsure] : []));
  const on = pods.join(', ');
  // Where nobody can say which of several outcomes happens, one that fits is enough to know nothing.
  const isOpen = explanation.outcomes.some(({ onlyIf }) => onlyIf !== undefined) && wrong.length < all.length;
  const [other] = wrong;
  if (other !== undefined && !isOpen)
    return { unmet: [`expected ${key}=${value}, would be ${other} on ${on}`], undecided: [] };
  const why = unsure[0] ?? (other === undefined ? undefined : 'a route asks for what cannot be judged from outside');
  return {
    unmet: [],
    undecided: why === undefined ? [] : [`not decided: ${key}=${value} on ${on}: ${why}; --send asks the gateway`],
  };
}

/** What came of requests that were sent decides over the code; else the outcomes do. */
function actualsOf(key: Expectation['key'], explanation: ExplanationItem): Actual[] {
  const { sent = [], outcomes } = explanation;
  if (key === 'code' && sent.length > 0)
    return sent.map(({ code, isDecided }) =>
      isDecided ? { found: [code === undefined ? 'no answer' : String(code)] } : { unsure: 'no answer came in time' },
    );
  return outcomes.map((outcome) => actual(key, outcome, explanation));
}

function actual(key: Expectation['key'], outcome: Outcome, explanation: Explanation): Actual {
  if (outcome.kind === 'unknown') return { unsure: outcome.why };
  switch (key) {
    case 'code':
      return codeOf(outcome, explanation);
    case 'cluster':
      return { found: present('cluster' in outcome ? outcome.cluster : undefined) };
    case 'route':
      return { found: present(outcome.route?.name) };
    case 'virtualservice':
      return {
        found: outcome.route ? originsOf(outcome.route).map(({ namespace, name }) => `${namespace}/${name}`) : [],
      };
    case 'location':
      return locationOf(outcome);
    case 'host':
      return { found: present(explanation.virtualHost?.domain) };
  }
}

function locationOf(outcome: Outcome): Actual {
  if (outcome.kind !== 'redirect') return { found: [] };
  return outcome.location === undefined
    ? { unsure: 'the location cannot be told from outside' }
    : { found: [outcome.location] };
}

const present = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name]);

/** A service's own code is not known without sending, nor what a filter makes of the request. */
function codeOf(outcome: Outcome, { mayAnswer }: Explanation): Actual {
  if (outcome.kind === 'forward' || outcome.kind === 'tcp') return { unsure: 'the application decides over the code' };
  const [filter] = mayAnswer;
  if (filter !== undefined && 'code' in outcome && outcome.code !== undefined)
    return { unsure: `filter ${filter} may answer first` };
  return { found: 'code' in outcome && outcome.code !== undefined ? [String(outcome.code)] : [] };
}
