// Findings that somebody knows of, for a time: `check --known FILE`.

import { globMatcher } from '#core/glob.ts';
import type { CheckResult, Finding, KnownFinding } from '#model/finding.ts';
import { isIdOrName } from './check.ts';

const dayMs = 86_400_000;

/** True from the end of its last day on, UTC. */
export const hasExpired = ({ until }: Pick<KnownFinding, 'until'>, now: Date): boolean =>
  now.getTime() >= Date.parse(until) + dayMs;

/** The results with what is known marked. What follows from a known finding is known with it. */
export function withKnown(results: readonly CheckResult[], entries: readonly KnownFinding[], now: Date): CheckResult[] {
  const matchers = entries.filter((entry) => !hasExpired(entry, now)).map(matcherOf);
  const knownAs = (result: CheckResult, finding: Finding): Finding['known'] =>
    matchers.find((matches) => matches(result, finding) !== undefined)?.(result, finding);
  const marked = results.map((result) => ({
    ...result,
    findings: result.findings.map((finding) => marking(finding, knownAs(result, finding))),
  }));
  const causes = new Map(
    marked.flatMap(({ id, findings }) => findings.map((one) => [`${id} ${one.text}`, one.known] as const)),
  );
  return marked.map((result) => ({
    ...result,
    findings: result.findings.map((finding) => {
      const { causedBy, known } = finding;
      return known || !causedBy ? finding : marking(finding, causes.get(`${causedBy.id} ${causedBy.text}`));
    }),
  }));
}

const marking = (finding: Finding, known: Finding['known']): Finding => (known ? { ...finding, known } : finding);

type Matcher = (result: CheckResult, finding: Finding) => Finding['known'];

function matcherOf({ id, subject, until, reason }: KnownFinding): Matcher {
  const matches = globMatcher(subject);
  return (result, finding) => {
    return isIdOrName(result, id) && subjectsOf(finding).some(matches) ? { until, reason } : undefined;
  };
}

/** What an entry may name of it. */
const subjectsOf = ({ text, pods, concerns, hosts = [], secrets = [] }: Finding): string[] => [
  text,
  ...concerns.flatMap(({ kind, namespace, name }) => [`${namespace}/${name}`, `${kind} ${namespace}/${name}`]),
  ...hosts,
  ...secrets,
  ...pods,
];

/** Entries that match nothing of what was found, of the checks that were made. */
export function unusedEntries(results: readonly CheckResult[], entries: readonly KnownFinding[]): KnownFinding[] {
  return entries.filter((entry) => {
    const matches = matcherOf(entry);
    const own = results.filter((result) => isIdOrName(result, entry.id));
    return own.length > 0 && !own.some((result) => result.findings.some((finding) => matches(result, finding)));
  });
}
