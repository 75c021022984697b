// One cause, one finding: which findings follow from another one, and go with it.

import { type CheckResult, type Finding, severities } from '#model/finding.ts';

interface Rule {
  /** Ids of checks. */
  readonly cause: string;
  readonly consequences: readonly string[];
  relates(cause: Finding, consequence: Finding): boolean;
}

const onItsPods = (cause: Finding, { pods }: Finding): boolean =>
  pods.length > 0 && pods.every((pod) => cause.pods.includes(pod));

const meet = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.some((one) => b.includes(one));

/** `KII013 has rejected listener 0.0.0.0_8443: …` and `… (Envoy rejected the last update of 0.0.0.0_8443: …)`. */
function isOfItsListener(cause: Finding, { text }: Finding): boolean {
  const [, name] = /rejected listener (\S+):/.exec(cause.text) ?? [];
  return name !== undefined && text.includes(`rejected the last update of ${name}`);
}

const isOfListeners = (cause: Finding, consequence: Finding): boolean =>
  cause.text.includes('rejected listener ') && consequence.text.includes('serve a filter chain of it');

const isOfSecrets = ({ text }: Finding): boolean => text.includes('rejected the last SDS update');

/** `svc2/web:80: …`, of both. */
const isOfItsService = ({ text }: Finding, other: Finding): boolean =>
  text.startsWith(`${other.text.split(': ')[0]}: `);

const rules: readonly Rule[] = [
  // What Envoy cannot use it rejects, without a name.
  ...['KII044', 'KII034'].map(
    (cause): Rule => ({
      cause,
      consequences: ['KII013'],
      relates: (one, other) => one.severity === 'error' && isOfSecrets(other) && meet(one.pods, other.pods),
    }),
  ),
  { cause: 'KII013', consequences: ['KII033'], relates: isOfItsListener },
  // What was deleted meanwhile stays with the listener that is kept.
  {
    cause: 'KII013',
    consequences: ['KII047'],
    relates: (one, other) => onItsPods(one, other) && isOfListeners(one, other),
  },
  // A pod that istiod does not reach stays behind in everything.
  { cause: 'KII010', consequences: ['KII012', 'KII020', 'KII035', 'KII038', 'KII047'], relates: onItsPods },
  { cause: 'KII020', consequences: ['KII047'], relates: onItsPods },
  // Outlier detection takes out endpoints that take no connection.
  {
    cause: 'KII056',
    consequences: ['KII053'],
    relates: (one, other) => onItsPods(one, other) && isOfItsService(one, other),
  },
  // What is not renewed ends.
  { cause: 'KII036', consequences: ['KII030', 'KII031'], relates: (one, other) => meet(one.hosts, other.hosts) },
];

/** Each consequence marked with its cause, which is at least as bad. */
export function withCauses(results: readonly CheckResult[]): CheckResult[] {
  return results.map((result) => ({
    ...result,
    findings: result.findings.map((finding) => {
      const causedBy = causeOf(result.id, finding, results);
      return causedBy ? { ...finding, causedBy } : finding;
    }),
  }));
}

/**
 * `kept` with the findings that what is kept follows from: of those that concern an owner, a pod that istiod does not
 * reach is the cause, which is no object of theirs.
 */
export function withKeptCauses(
  kept: readonly CheckResult[],
  all: readonly CheckResult[],
  keep: (cause: Finding) => Finding,
): readonly CheckResult[] {
  const wanted = new Set(
    kept.flatMap(({ findings }) => findings.flatMap(({ causedBy }) => (causedBy ? keyOf(causedBy) : []))),
  );
  const added = kept.map((result) => {
    const own = new Set(result.findings.map(({ text }) => text));
    const others = all.find(({ id }) => id === result.id)?.findings ?? [];
    const causes = others.filter(({ text }) => !own.has(text) && wanted.has(keyOf({ id: result.id, text })));
    if (causes.length === 0) return result;
    const findings = [...result.findings, ...causes.map(keep)];
    return { ...result, findings, outcome: 'found' as const, others: result.others - causes.length };
  });
  return added.some((result, index) => result !== kept[index]) ? withKeptCauses(added, all, keep) : kept;
}

const keyOf = ({ id, text }: NonNullable<Finding['causedBy']>): string => `${id} ${text}`;

function causeOf(id: string, finding: Finding, results: readonly CheckResult[]): Finding['causedBy'] {
  for (const rule of rules.filter(({ consequences }) => consequences.includes(id))) {
    const causes = results.find((one) => one.id === rule.cause)?.findings ?? [];
    const cause = causes.find((one) => isAsBad(one, finding) && rule.relates(one, finding));
    if (cause) return { id: rule.cause, text: cause.text };
  }
  return undefined;
}

const isAsBad = (a: Finding, b: Finding): boolean => severities.indexOf(a.severity) <= severities.indexOf(b.severity);
