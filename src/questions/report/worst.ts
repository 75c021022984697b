// The incident in one sentence, with its numbers: which host's clients get errors, and the worst that `check` has found.

import { withoutPort } from '#core/host.ts';
import { count } from '#core/phrase.ts';
import type { CheckResult, Finding } from '#model/finding.ts';
import type { ErrorSignature, Worst } from '#model/report.ts';

export interface WorstFacts {
  /** Undefined: the logs could not be read. */
  readonly requests:
    | {
        readonly requests: number;
        /** Also of those that name no host. */
        readonly errors: number;
        readonly hosts: ReadonlyMap<string, { readonly requests: number; readonly errors: number }>;
        readonly signatures: readonly ErrorSignature[];
        /** What the logs do not tell. */
        readonly gaps: readonly string[];
      }
    | undefined;
  /** Undefined: nothing could be checked. */
  readonly checks: readonly CheckResult[] | undefined;
  readonly pods: number;
}

export function worstOf({ requests, checks, pods }: WorstFacts): Worst {
  const host = requests && (worstHost(requests, pods) ?? withoutHost(requests));
  const finding = checks && worstFinding(checks);
  const parts = [host, finding?.text].flatMap((part) => part ?? []);
  const unknown = unknownOf(requests, checks);
  if (parts.length > 0) {
    const severity = host === undefined ? (finding?.severity ?? 'info') : 'error';
    // "On 2 of 3 pods" is less where the log of the third could not be read.
    const areAllCounted = requests !== undefined && requests.gaps.length === 0;
    return { severity, text: sentence([...parts, ...(areAllCounted ? [] : unknown)]) };
  }
  const fine = [
    ...(requests && requests.requests > 0 ? [`none of ${count(requests.requests, 'request')} failed`] : []),
    ...(checks ? ['no check found anything'] : []),
  ];
  return { severity: unknown.length > 0 ? 'unknown' : 'none', text: sentence([...fine, ...unknown]) };
}

const sentence = (parts: readonly string[]): string => parts.join('; ');

function unknownOf(requests: WorstFacts['requests'], checks: WorstFacts['checks']): string[] {
  const skipped = checks?.filter(({ outcome }) => outcome === 'not-evaluated').length ?? 0;
  return [
    ...(requests === undefined ? ['whether requests failed is not known: there are no logs'] : []),
    ...(requests?.requests === 0 ? ['no request was logged'] : []),
    ...(requests && requests.gaps.length > 0 ? ['not everything that was logged is counted'] : []),
    ...(checks === undefined ? ['nothing could be checked'] : []),
    ...(skipped === 0 ? [] : [`${count(skipped, 'check')} could not be evaluated`]),
  ];
}

/** The one with the most errors; of those alike, the one with the larger share. */
function worstHost({ hosts, signatures }: NonNullable<WorstFacts['requests']>, pods: number): string | undefined {
  const [worst] = [...hosts]
    .filter(([, { errors }]) => errors > 0)
    .sort(([, a], [, b]) => b.errors - a.errors || b.errors / b.requests - a.errors / a.requests);
  if (worst === undefined) return undefined;
  const [name, { requests, errors }] = worst;
  const own = signatures.filter(({ host }) => host !== undefined && withoutPort(host).toLowerCase() === name);
  const [first] = own.map((one) => one.first).sort();
  const most = own.toSorted((a, b) => b.count - a.count)[0];
  const having = new Set(own.flatMap((one) => one.pods));
  const share =
    errors === requests ? `all ${count(requests, 'request')}` : `${errors} of ${count(requests, 'request')}`;
  return [
    `${name}: ${share} failed`,
    first === undefined ? '' : ` from ${first.slice(11, 19)} UTC on`,
    most === undefined ? '' : `, most with ${describeKind(most)}`,
    having.size === 0 ? '' : having.size === pods ? ', on every pod' : `, on ${having.size} of ${count(pods, 'pod')}`,
  ].join('');
}

const withoutHost = ({ requests, errors }: NonNullable<WorstFacts['requests']>): string | undefined =>
  errors === 0 ? undefined : `${errors} of ${count(requests, 'request')} failed, and for which hosts is not known`;

const describeKind = ({ code, flags, details }: ErrorSignature): string =>
  [...(code === undefined ? [] : [String(code)]), ...flags].join(' ') || details?.replace(/[{|].*/s, '') || 'no code';

/** An error from which most others follow, before those that stand alone. */
function worstFinding(checks: readonly CheckResult[]): Finding | undefined {
  const all = checks.flatMap(({ id, findings }) => findings.map((finding) => ({ id, finding })));
  const following = (id: string, text: string): number =>
    all.filter(({ finding: { causedBy } }) => causedBy?.id === id && causedBy.text === text).length;
  const own = all.filter(({ finding }) => !finding.known && !finding.causedBy);
  for (const severity of ['error', 'warning'] as const) {
    const [first] = own
      .filter(({ finding }) => finding.severity === severity)
      .map(({ id, finding }) => ({ finding, weight: following(id, finding.text) }))
      .sort((a, b) => b.weight - a.weight);
    if (first) return first.finding;
  }
  return undefined;
}
