// What a check is: data about it, and a pure function from facts to findings. One that lacks a fact is not evaluated,
// and says why.

import { illTypedIn } from '#core/ill-typed.ts';
import type { NextStep } from '#core/shell.ts';
import {
  type CheckResult,
  type Concerned,
  type Finding,
  type Section,
  type Severity,
  severities,
} from '#model/finding.ts';
import { describeObject } from '#model/resource.ts';
import { type FactName, type Facts, type FactTypes, objectFacts } from './facts.ts';
import { partFor } from './owner.ts';
import { type PlacedFinding, together } from './places.ts';

/** A finding as a check returns it: without severity it has the check's own, and empty lists may be left out. */
export interface FoundProblem {
  readonly severity?: Severity;
  /** `a.example:443`, one of several perhaps: what is the same in all of them is said once. */
  readonly place?: string;
  readonly text: string;
  readonly pods?: readonly string[];
  readonly concerns?: readonly Concerned[];
  readonly hosts?: readonly string[];
  readonly secrets?: readonly string[];
  readonly clusters?: readonly string[];
  readonly avoid?: string;
  readonly next?: readonly NextStep[];
}

export interface Check {
  /** `KII001`: never used again for something else. */
  readonly id: string;
  readonly section: Section;
  /** The worst that it finds. */
  readonly severity: Severity;
  /** `node-without-pod`. */
  readonly name: string;
  /** What is so where it passes. */
  readonly title: string;
  /** Why it matters, and what users notice. */
  readonly reason: string;
  /** What to do, for the documentation; findings name the very command. */
  readonly remedy: string;
  readonly avoid?: string;
  readonly needs: readonly FactName[];
  /** Facts that say more where they are known; the check passes and fails without them. */
  readonly uses?: readonly FactName[];
  /** True: the check says which pods it knows nothing of, because they did not answer. */
  readonly perPod?: boolean;
  find(given: Given<FactName>): readonly FoundProblem[];
  /** What these facts do not tell, as a sentence: where nothing is found either, the check has not passed. */
  unjudged?(given: Given<FactName>): string | undefined;
}

export type Given<Name extends FactName, Used extends FactName = never> = Pick<FactTypes, Name> &
  Partial<Pick<FactTypes, Used>> & { readonly now: Date };

type CheckOf<Name extends FactName, Used extends FactName> = Omit<Check, 'needs' | 'uses' | 'find' | 'unjudged'> & {
  readonly needs: readonly Name[];
  readonly uses?: readonly Used[];
  find(given: Given<Name, Used>): readonly FoundProblem[];
  unjudged?(given: Given<Name, Used>): string | undefined;
};

/** The identity function, for its types. */
export const defineCheck = <Name extends FactName, Used extends FactName = never>(check: CheckOf<Name, Used>): Check =>
  check as unknown as Check;

export function evaluate(check: Check, facts: Facts): CheckResult {
  const { id, name, section, severity, title, reason, avoid } = check;
  const about = { id, name, section, severity, title, reason, avoid, others: 0 };
  const missing = missingFor(check, facts);
  if (missing.length > 0)
    return { ...about, outcome: 'not-evaluated', notEvaluated: [...new Set(missing)], findings: [] };
  const illTyped = illTypedFor(check, facts);
  const given = givenTo(check, facts);
  const owner = 'known' in facts.owner ? facts.owner.known : undefined;
  const findings = together(findingsApart(check, facts), owner && ((one) => partFor(owner, one)));
  const unjudged =
    findings.length > 0 ? [] : [...illTyped.map((name) => `${name} is left out`), check.unjudged?.(given) ?? []].flat();
  return {
    ...about,
    outcome: findings.length > 0 ? 'found' : unjudged.length === 0 ? 'passed' : 'not-evaluated',
    notEvaluated: [...unjudged, ...(check.perPod ? facts.silent.map(({ pod, why }) => `${pod}: ${why}`) : [])],
    findings: worstFirst(findings),
  };
}

export const worstFirst = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));

/** One for each place. None of a check that cannot be evaluated. */
export function findingsApart(check: Check, facts: Facts): PlacedFinding[] {
  if (missingFor(check, facts).length > 0) return [];
  const illTyped = illTypedFor(check, facts);
  return check
    .find(givenTo(check, facts))
    .map((found) => complete(found, check))
    .filter(({ concerns }) => !concerns.some((one) => illTyped.includes(describeObject({ kind: '', ...one }))));
}

/** What would be said of these, or of others beside them, nobody knows. */
const illTypedFor = ({ needs }: Check, facts: Facts): string[] =>
  illTypedIn(
    facts,
    objectFacts.filter((name) => needs.includes(name)),
  );

/** Of a check that has all of its facts. */
export const unjudgedBy = (check: Check, facts: Facts): string | undefined =>
  missingFor(check, facts).length > 0 ? undefined : check.unjudged?.(givenTo(check, facts));

const missingFor = (check: Check, facts: Facts): string[] =>
  check.needs.flatMap((need) => {
    const fact = facts[need];
    return 'missing' in fact ? [fact.missing] : [];
  });

function givenTo(check: Check, facts: Facts): Given<FactName> {
  const given = Object.fromEntries(
    [...check.needs, ...(check.uses ?? [])].flatMap((name) => {
      const fact = facts[name];
      return 'known' in fact ? [[name, fact.known] as const] : [];
    }),
  );
  return { ...given, now: facts.now } as Given<FactName>;
}

const complete = (
  {
    severity,
    place,
    text,
    pods = [],
    concerns = [],
    hosts = [],
    secrets = [],
    clusters = [],
    avoid,
    next = [],
  }: FoundProblem,
  check: Check,
): PlacedFinding => ({
  severity: severity ?? check.severity,
  ...(place === undefined ? {} : { place }),
  text,
  pods,
  concerns,
  ...(hosts.length === 0 ? {} : { hosts }),
  ...(secrets.length === 0 ? {} : { secrets }),
  ...(clusters.length === 0 ? {} : { clusters }),
  ...(avoid === undefined ? {} : { avoid }),
  next,
});

export const isIdOrName = ({ id, name }: Pick<Check, 'id' | 'name'>, word: string): boolean =>
  [id.toLowerCase(), name].includes(word.toLowerCase());

/** By id, name or section; a pattern that is none of them matches nothing. */
export const isNamed = (check: Pick<Check, 'id' | 'name' | 'section'>, words: readonly string[]): boolean =>
  words.some((word) => isIdOrName(check, word) || check.section === word.toLowerCase());

export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  severities.indexOf(severity) <= severities.indexOf(least);
