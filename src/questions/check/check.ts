// What is wrong right now, why does it matter, and what is there to do about it?

import { doubtfulRows } from '#analysis/certificates/certificate-facts.ts';
import type { HostRow } from '#analysis/certificates/doubtful-hosts.ts';
import { withCauses, withKeptCauses } from '#analysis/check/causes.ts';
import { type Check, evaluate, isAtLeast, isNamed, unjudgedBy } from '#analysis/check/check.ts';
import { type FactName, type Facts, factsFrom, type Owner, objectFacts } from '#analysis/check/facts.ts';
import { unusedEntries, withKnown } from '#analysis/check/known-findings.ts';
import { concerning, inOtherHands, isKnownOwner, isServedFor, ownerIn, ownerOf } from '#analysis/check/owner.ts';
import { illTypedIn } from '#core/ill-typed.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { CheckResult, KnownFinding, Severity } from '#model/finding.ts';
import type { Gathered } from '#model/gathered.ts';
import { pluralOf } from '#model/status.ts';
import { tryDoubtful } from '#questions/certs/doubtful-handshakes.ts';
import { notCompared } from '#questions/compared-configuration.ts';
import { gather, type Wanted } from './gather.ts';
import type { WithNotTaken } from './not-taken.ts';
import { bringers, withRejectedContents } from './rejected-contents.ts';

export interface CheckQuestion {
  /** All are `checks` of analysis/checks/all.gen.ts. */
  readonly checks: readonly Check[];
  /** Ids, names and sections that were asked for by name: these have to be judged. */
  readonly named?: readonly string[];
  /** NAMESPACE or NAMESPACE/NAME: only what concerns the owner of these objects. */
  readonly for?: string | undefined;
  /** From this severity on there are `findings`. */
  readonly failOn?: Severity;
  /** Findings that somebody knows of; undefined without a file of them. */
  readonly known?: readonly KnownFinding[] | undefined;
  /** False: no handshake for hosts of which there are doubts that they are served what Envoy holds. */
  readonly handshake?: boolean;
}

/** Asks only for what these checks need; what cannot be had makes a check `not-evaluated`, with the reason. */
export async function askCheck(
  source: Source,
  { checks, named = [], for: owner, failOn = 'error', known = [], handshake = true }: CheckQuestion,
  { now }: Pick<Asking, 'now'>,
): Promise<QuestionAnswer<CheckResult>> {
  const first = await gather(source, wantedBy(checks, owner));
  const needsContents = checks.some(({ uses = [] }) => uses.includes('rejectedContents'));
  const { gathered, notes: more } = needsContents
    ? await withRejections(source, first, now)
    : { gathered: first, notes: [] };
  const needsCertificates = checks.some(({ needs }) => needs.includes('certificates'));
  const doubtful = needsCertificates ? doubtfulRows(gathered) : [];
  const isTried = owner === undefined ? () => true : isServedFor(ownerIn(owner, gathered, doubtful));
  const { rows, notes, made } = await tryDoubtful(source, doubtful.filter(isTried), handshake);
  const others = doubtful.filter((row) => !isTried(row)).map(leftOut);
  const ofAll = factsFrom(gathered, now, { rows: [...rows, ...others], knownFindings: known });
  const asked = owner === undefined ? undefined : ownerOf(owner, ofAll);
  const facts = asked === undefined ? ofAll : { ...ofAll, owner: { known: asked } };
  const all = withCauses(checks.map((check) => evaluate(check, facts)));
  const own = asked === undefined ? all : concerningOwner(all, asked);
  const unjudged = checks.flatMap((check) => {
    const what = unjudgedBy(check, facts);
    return what === undefined ? [] : [`${what} (${check.id})`];
  });
  const isNobody = asked !== undefined && !isKnownOwner(asked, facts);
  const results = withKnown(own, known, now);
  const unused = unusedEntries(all, known).map(
    ({ id, subject, line }) =>
      `line ${line} of the known findings is not needed: nothing of ${id} is found for "${subject}"`,
  );
  return {
    gateway: gathered.gateway,
    pods: 'known' in gathered.pods ? gathered.pods.known : [],
    items: results,
    notes: [
      ...(gathered.notGiven.length === 0 ? [] : [notCompared(gathered.notGiven.map(pluralOf))]),
      ...(isNobody ? [`no host, route or object of ${owner} is known here: is the name right?`] : []),
      ...notes,
      ...more,
      ...unjudged,
      ...(owner === undefined ? unused : []),
    ],
    extra: {
      ...(owner === undefined ? {} : { for: owner }),
      ...(made.length === 0 ? {} : { handshakes: made }),
    },
    findings: results.some(({ findings }) =>
      findings.some(({ severity, known: isKnown }) => !isKnown && isAtLeast(severity, failOn)),
    ),
    incomplete:
      isNobody ||
      unjudged.length > 0 ||
      illTypedIn(gathered.objects, objectFacts).length > 0 ||
      results.some(isDoubtful) ||
      checks.some((check) => isOpen(check, named, facts)),
  };
}

const leftOut = (row: HostRow): HostRow => (row.doubts.length === 0 ? row : { ...row, isLeftOut: true });

/** Remembered ones and forgotten ones, for which objects are translated. */
async function withRejections(source: Source, gathered: Gathered, now: Date): Promise<WithNotTaken> {
  const { withNotTaken } = await import('./not-taken.ts');
  return withNotTaken(source, await withRejectedContents(source, gathered), now);
}

/** One that nobody named may lack a right: a line says so, and who has no more rights cannot do better. */
function isOpen(check: Check, named: readonly string[], facts: Facts): boolean {
  const missing = check.needs.flatMap((need) => ('missing' in facts[need] ? [facts[need]] : []));
  return missing.length > 0 && (isNamed(check, named) || !missing.every((fact) => fact.isOutOfReach));
}

/** A host of which there are doubts that nothing has settled: whether it is well is not known. */
const isDoubtful = ({ name, findings }: CheckResult): boolean =>
  name === 'certificate-served' && findings.some(({ severity, known }) => severity === 'warning' && !known);

const objectsOfCertificates: ReadonlySet<FactName> = new Set(['gateways', 'services']);

function concerningOwner(all: readonly CheckResult[], owner: Owner): readonly CheckResult[] {
  const kept = all.map((result) => (result.name === 'known-expired' ? result : concerning(result, owner)));
  return withKeptCauses(kept, all, inOtherHands);
}

/** Listed where something is rejected. */
const isBringer = (name: FactName): boolean => (bringers as readonly FactName[]).includes(name);

/** Whose hosts a finding hurts is only asked for an owner. */
const isDear = (name: FactName): boolean => name === 'configurations' || name === 'certificates';

/** A finding about certificates is of more use with Gateways and Secrets beside it. */
function wantedBy(checks: readonly Check[], owner: string | undefined): Wanted {
  const needs = new Set<FactName>(
    checks.flatMap(({ needs: own, uses = [] }) => [
      ...own,
      ...uses.filter((name) => !isBringer(name) && (owner !== undefined || !isDear(name))),
    ]),
  );
  const needsAny = (...names: readonly FactName[]): boolean => names.some((name) => needs.has(name));
  return {
    comparisons: needsAny('comparisons'),
    pods: needsAny('statuses', 'comparisons', 'istiods', 'pods', 'configurations', 'certificates', 'unserved'),
    configurations: needsAny('configurations', 'certificates', 'notTaken', 'unserved'),
    secrets: checks.some(({ section }) => section === 'certificates'),
    servicePods: needs.has('servicePods'),
    owner: owner === undefined ? undefined : (gathered) => ownerIn(owner, gathered, doubtfulRows(gathered)),
    objects: objectFacts.filter(
      (name) =>
        needs.has(name) ||
        (objectsOfCertificates.has(name) && needs.has('certificates')) ||
        // VirtualServices say which hosts are the owner's.
        (name === 'virtualservices' && owner !== undefined),
    ),
  };
}
