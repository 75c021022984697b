// What is wrong right now, why does it matter, and what is there to do about it?

import { type Check, concerning, evaluate, isAtLeast } from '#analysis/check/check.ts';
import { type FactName, factsFrom, objectFacts } from '#analysis/check/facts.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { CheckResult, Severity } from '#model/finding.ts';
import { gather, type Wanted } from './gather.ts';

export interface CheckQuestion {
  /** All are `checks` of analysis/checks/all.gen.ts. */
  readonly checks: readonly Check[];
  /** NAMESPACE or NAMESPACE/NAME: only what concerns the owner of these objects. */
  readonly for?: string | undefined;
  /** From this severity on there are `findings`. */
  readonly failOn?: Severity;
}

/** Asks only for what these checks need; what cannot be had makes a check `not-evaluated`, with the reason. */
export async function askCheck(
  source: Source,
  { checks, for: owner, failOn = 'error' }: CheckQuestion,
  { now }: Pick<Asking, 'now'>,
): Promise<QuestionAnswer<CheckResult>> {
  const gathered = await gather(source, wantedBy(checks));
  const facts = factsFrom(gathered, now);
  const results = checks
    .map((check) => evaluate(check, facts))
    .map((result) => (owner === undefined ? result : concerning(result, owner)));
  return {
    gateway: gathered.gateway,
    pods: 'known' in gathered.pods ? gathered.pods.known : [],
    items: results,
    extra: owner === undefined ? {} : { for: owner },
    findings: results.some(({ findings }) => findings.some(({ severity }) => isAtLeast(severity, failOn))),
    incomplete: results.some(({ outcome }) => outcome === 'not-evaluated'),
  };
}

const objectsOfCertificates: ReadonlySet<FactName> = new Set(['gateways', 'services']);

/** A finding about certificates is of more use with Gateways and Secrets beside it. */
function wantedBy(checks: readonly Check[]): Wanted {
  const needs = new Set<FactName>(checks.flatMap((check) => check.needs));
  const needsAny = (...names: readonly FactName[]): boolean => names.some((name) => needs.has(name));
  return {
    comparisons: needsAny('comparisons'),
    pods: needsAny('statuses', 'comparisons', 'istiods', 'pods', 'configurations', 'certificates'),
    configurations: needsAny('configurations', 'certificates'),
    secrets: checks.some(({ section }) => section === 'certificates'),
    objects: objectFacts.filter(
      (name) => needs.has(name) || (objectsOfCertificates.has(name) && needs.has('certificates')),
    ),
  };
}
