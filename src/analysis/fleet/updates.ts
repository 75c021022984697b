// When Envoy took what: the times of single elements on single pods → lines of a time line.

import { describeNames, type Moment } from '#model/timeline.ts';

export interface Update {
  readonly pod: string;
  /** `route configuration`, `cluster`… */
  readonly kind: string;
  readonly name: string;
  /** RFC 3339. */
  readonly at: string;
}

/** One push reaches all pods within so long. */
const pushMs = 5_000;
/** Elements of one push on the same pods. */
const togetherMs = 1_000;

interface Burst {
  readonly kind: string;
  readonly names: readonly string[];
  readonly pods: readonly string[];
  readonly at: string;
  readonly until: string;
}

/** One line for what one push changed: an element on several pods, several elements on the same pods. */
export function momentsOfUpdates(updates: readonly Update[]): Moment[] {
  const byElement = Map.groupBy(updates, ({ kind, name }) => `${kind}\n${name}`);
  const bursts = [...byElement.values()].flatMap(burstsOf).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const byPods = Map.groupBy(bursts, ({ kind, pods }) => `${kind}\n${pods.join()}`);
  return [...byPods.values()].flatMap(joined).map(momentOf);
}

function burstsOf(updates: readonly Update[]): Burst[] {
  const sorted = updates.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return split(sorted, ({ at }) => Date.parse(at), pushMs).map((some) => ({
    kind: (some[0] as Update).kind,
    names: [(some[0] as Update).name],
    pods: [...new Set(some.map(({ pod }) => pod))].sort(),
    at: (some[0] as Update).at,
    until: (some.at(-1) as Update).at,
  }));
}

const joined = (bursts: readonly Burst[]): Burst[] =>
  split(bursts, ({ at }) => Date.parse(at), togetherMs).map((some) => ({
    ...(some[0] as Burst),
    names: some.flatMap(({ names }) => names).sort(),
    until: some.map(({ until }) => until).reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b)),
  }));

/** Of what is sorted: a new part begins after a gap. */
export function split<T>(sorted: readonly T[], timeOf: (one: T) => number, gapMs: number): T[][] {
  const parts: T[][] = [];
  for (const one of sorted) {
    const last = parts.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && timeOf(one) - timeOf(before) <= gapMs) last.push(one);
    else parts.push([one]);
  }
  return parts;
}

const momentOf = ({ kind, names, pods, at, until }: Burst): Moment => ({
  at,
  until: until === at ? undefined : until,
  kind: 'configuration',
  what: describeNames(kind, names),
  by: undefined,
  pods,
  count: undefined,
});
