// What is wrong right now, why does it matter, and what is there to do about it?

import { type Check, evaluate, isAtLeast } from '#analysis/check/check.ts';
import { type FactName, factsFrom, objectFacts } from '#analysis/check/facts.ts';
import { concerning, ownerOf } from '#analysis/check/owner.ts';
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
  const gathered = await gather(source, wantedBy(checks, owner));
  const facts = factsFrom(gathered, now);
  const all = checks.map((check) => evaluate(check, facts));
  const results = owner === undefined ? all : concerningOwner(all, ownerOf(owner, facts));
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

const concerningOwner = (all: readonly CheckResult[], owner: ReturnType<typeof ownerOf>): CheckResult[] =>
  all.map((result) => concerning(result, owner));

/** A finding about certificates is of more use with Gateways and Secrets beside it. */
function wantedBy(checks: readonly Check[], owner: string | undefined): Wanted {
  // Whose hosts a finding hurts is only asked for an owner.
  const needs = new Set<FactName>(
    checks.flatMap(({ needs: own, uses = [] }) => (owner === undefined ? own : [...own, ...uses])),
  );
  const needsAny = (...names: readonly FactName[]): boolean => names.some((name) => needs.has(name));
  return {
    comparisons: needsAny('comparisons'),
    pods: needsAny('statuses', 'comparisons', 'istiods', 'pods', 'configurations', 'certificates'),
    configurations: needsAny('configurations', 'certificates'),
    secrets: checks.some(({ section }) => section === 'certificates'),
    objects: objectFacts.filter(
      (name) =>
        needs.has(name) ||
        (objectsOfCertificates.has(name) && needs.has('certificates')) ||
        // By them it is known which hosts are the owner's.
        (name === 'virtualservices' && owner !== undefined),
    ),
  };
}
