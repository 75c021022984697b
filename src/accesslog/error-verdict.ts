// What (nearly) all errors have in common, where one thing explains them: `logs --summary` says it first.

import type { Counted, ErrorVerdict, SharedBy } from '#model/log-summary.ts';

/** How often a value stands among the errors and among all, the most frequent among the errors. */
export type Worst = Counted | undefined;

export interface ErrorFacts {
  readonly errors: number;
  readonly all: number;
  /** By flag and code. */
  readonly flag: Worst;
  readonly code: Worst;
  /** The most convincing first: a pod explains more than the host of its requests. */
  readonly by: readonly (readonly [SharedBy['by'], Worst])[];
  /** Milliseconds of the errors with the flag. */
  readonly durationOf: (flag: string) => Span | undefined;
}

/** How many numbers, the least, the largest and their sum. */
export interface Span {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

/** Fewer errors may have something in common by chance. */
const fewest = 3;
const nearlyAll = 0.9;
/** A value that a larger share of all requests has as well explains no error. */
const common = 0.7;
const mostShared = 2;

/** Flags of timeouts. */
const timeouts = new Set(['DC', 'DR', 'UT', 'SI', 'DT', 'UMSDR']);
const ofClient = new Set(['DC', 'DR']);

/** Undefined where they have nothing in common that other requests do not have. */
export function errorVerdict(facts: ErrorFacts): ErrorVerdict | undefined {
  const { errors } = facts;
  if (errors < fewest) return undefined;
  const kind = [facts.flag, facts.code].find((worst) => isNearlyAll(worst, errors) && worst.value !== '200');
  const isFlag = kind !== undefined && kind === facts.flag;
  const span = isFlag && timeouts.has(kind.value) ? facts.durationOf(kind.value) : undefined;
  const after = span && isNarrow(span) ? span.sum / span.count : undefined;
  const shared = facts.by
    .flatMap(([by, worst]) =>
      isNearlyAll(worst, errors) && tells(by, worst, facts, after !== undefined) ? [{ by, worst }] : [],
    )
    .slice(0, mostShared);
  if (shared.length === 0 && after === undefined) return undefined;
  const isOfClient = isFlag && ofClient.has(kind.value);
  return {
    errors: atLeast(errors, [...(kind ? [kind] : []), ...shared.map(({ worst }) => worst)]),
    of: errors,
    ...(kind === undefined ? {} : { kind: kind.value }),
    shared: shared.map(({ by, worst }) => ({ by, value: worst.value })),
    ...(after === undefined ? {} : { afterMs: Math.round(after) }),
    ...(after === undefined || !isOfClient ? {} : { clientTimeoutMs: roundTime(after) }),
  };
}

/** The least number of errors that have all of these at once, however the others are spread. */
const atLeast = (errors: number, having: readonly Counted[]): number =>
  having.reduce((left, one) => left - (errors - one.errors), errors);

const isNearlyAll = (worst: Worst, errors: number): worst is Counted =>
  worst !== undefined && worst.errors >= errors * nearlyAll;

/**
 * Where every request is an error, only a pod or a subset tells something: the requests of the others are elsewhere.
 */
const telling: ReadonlySet<SharedBy['by']> = new Set(['pod', 'subset', 'user agent']);

function tells(by: SharedBy['by'], worst: Counted, { errors, all }: ErrorFacts, isTimed: boolean): boolean {
  if (errors < all) return worst.requests <= all * common;
  return telling.has(by) && (by !== 'user agent' || isTimed);
}

/** Errors that all took the same time are timeouts; people give up at any time. */
const isNarrow = ({ count, min, max }: Span): boolean =>
  count >= fewest && max > 0 && max - min <= Math.max(50, max * 0.1);

/** The next value that somebody would set as timeout: the time before a request arrived is not in its duration. */
function roundTime(ms: number): number | undefined {
  const seconds = [
    0.1, 0.2, 0.25, 0.3, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 45, 60, 90, 100, 120, 180, 300,
    600, 900, 1800, 3600,
  ];
  return seconds.map((one) => one * 1000).find((one) => one >= ms * 0.98 && one <= ms * 1.12);
}
