// Other log levels for a while, and each pod's own back again: the tool's only writes. A transaction of five steps:
// plan, save, set, hold, put back. What was there before is on disk before the first pod is changed.

import { type LevelPlan, planLevels, previousLevels, type WantedLevel } from '#analysis/fleet/log-level.ts';
import type { LogLevel } from '#core/admin.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { holdAndShow, holdLevels } from './hold-levels.ts';
import { earliestLevels, type SavedRecord } from './level-record.ts';
import { fetchPodLevels, type LevelsAnswer, levelsAnswer, type PodLevels } from './levels.ts';
import { setLevels } from './pod-levels.ts';
import { type LevelRun, putRecordBack, serverOf, withBack } from './put-record-back.ts';

export interface LevelChange {
  readonly wanted: readonly WantedLevel[];
  /** Undefined: the levels stay. */
  readonly forMs: number | undefined;
  /**
   * Gets what the changed loggers write meanwhile; resolves when it takes more. Undefined: their lines are not read.
   */
  readonly show: ((lines: readonly LogLine[]) => Promise<void>) | undefined;
}

/** For how many milliseconds; undefined: until `--restore`. */
export type LevelsEnd = number | undefined | 'nothing to put back';

/** What the user learns or decides while the change runs. */
export interface LevelChangeRun extends LevelRun {
  /** Rejects where the user does not want to change that many pods. */
  confirm(pods: number): Promise<void>;
  set(pods: { readonly set: number; readonly of: number }, end: LevelsEnd): void;
  /** Ctrl-C, while levels that stay were set, or before levels are put back. */
  interrupted(during: 'setting' | 'holding'): void;
}

export interface ChangedLevels extends LevelsAnswer {
  /** True where levels were set for a while, and are back. */
  readonly wasHeld: boolean;
}

export async function askChangeLevels(
  source: Source,
  change: LevelChange,
  run: LevelChangeRun,
  asking: Asking,
): Promise<ChangedLevels> {
  const server = serverOf(source);
  const { wanted, forMs } = change;
  const isNamed = (logger: string): boolean => wanted.some((one) => one.logger === undefined || one.logger === logger);
  const plan = await planChange(source, wanted);
  if (plan.changing.length === 0) return { ...(await levelsAnswer(source, plan.pods, isNamed)), wasHeld: false };
  await run.confirm(plan.changing.length);

  const saved = await savePrevious(plan, { server, origin: source.origin }, run, asking);
  const set = (end: LevelsEnd): Promise<LevelsSet> => setPlanned(source, plan, run, end);
  const wasHeld = saved !== undefined && forMs !== undefined;
  const pods = wasHeld
    ? await setForAWhile({
        set: () => set(forMs),
        hold: () => hold(change, forMs, isNamed, run, asking),
        interrupted: () => asking.signal.aborted && run.interrupted('holding'),
        putBack: () => putRecordBack(run, saved),
      })
    : await setForGood(saved, set, run, asking);
  return { ...(await levelsAnswer(source, pods, isNamed)), wasHeld };
}

interface Plan {
  readonly pods: readonly PodOutcome<PodLevels>[];
  readonly changing: readonly LevelPlan[];
}

async function planChange(source: Source, wanted: readonly WantedLevel[]): Promise<Plan> {
  const pods = await source.everyPod(fetchPodLevels);
  const answers = pods.filter(hasAnswered).map(({ pod, ok }) => ({ pod, current: ok.levels }));
  return { pods, changing: planLevels(answers, wanted).filter(({ changed }) => changed.length > 0) };
}

/** Saves before the first change. Undefined where nothing will have to be put back. */
async function savePrevious(
  { pods, changing }: Plan,
  { server, origin }: { readonly server: string; readonly origin: string },
  { records }: LevelRun,
  { warn, now }: Asking,
): Promise<SavedRecord | undefined> {
  const earliest = earliestLevels(await records.list(warn), server);
  const proxies = new Map(pods.filter(hasAnswered).map(({ pod, ok }) => [pod.name, ok.proxy]));
  const previous = changing.flatMap((plan) => {
    const { namespace, name } = plan.pod;
    return previousLevels(plan, proxies.get(name) as ProxyInfo, (logger) => earliest(namespace, name, logger)) ?? [];
  });
  return previous.length === 0 ? undefined : records.add({ server, origin, setAt: now.toISOString(), pods: previous });
}

interface LevelsSet {
  readonly pods: readonly PodOutcome<PodLevels>[];
  /** On how many pods the levels were set. */
  readonly set: number;
}

async function setPlanned(
  source: Source,
  { pods, changing }: Plan,
  run: LevelChangeRun,
  end: LevelsEnd,
): Promise<LevelsSet> {
  const plans = new Map(changing.map((plan) => [plan.pod.name, plan]));
  const outcomes = await source.everyPod(
    (admin) => {
      const { current, wanted: levels } = plans.get(admin.pod.name) as LevelPlan;
      return setLevels(admin, current, levels);
    },
    ({ name }) => plans.has(name),
  );
  const set = outcomes.filter(hasAnswered).length;
  run.set({ set, of: pods.length }, end);
  return { pods: withLevels(pods, new Map(outcomes.map((outcome) => [outcome.pod.name, outcome]))), set };
}

async function setForGood(
  saved: SavedRecord | undefined,
  set: (end: LevelsEnd) => Promise<LevelsSet>,
  run: LevelChangeRun,
  { signal }: Asking,
): Promise<LevelsSet['pods']> {
  try {
    return (await set(saved === undefined ? 'nothing to put back' : undefined)).pods;
  } finally {
    if (saved && signal.aborted) run.interrupted('setting');
  }
}

interface Steps {
  set(): Promise<LevelsSet>;
  hold(): Promise<void>;
  interrupted(): void;
  putBack(): ReturnType<typeof putRecordBack>;
}

/** The levels go back however it ends: after its time, by Ctrl-C, by SIGTERM or because setting failed. */
async function setForAWhile(steps: Steps): Promise<LevelsSet['pods']> {
  let after: LevelsSet['pods'] = [];
  try {
    const { pods, set } = await steps.set();
    after = pods;
    if (set > 0) await steps.hold();
  } finally {
    steps.interrupted();
    after = withBack(after, await steps.putBack());
  }
  return after;
}

const hold = (
  { show }: LevelChange,
  ms: number,
  isChosen: (logger: string) => boolean,
  run: LevelRun,
  asking: Asking,
): Promise<void> =>
  show === undefined
    ? holdLevels(asking, ms)
    : holdAndShow(asking, ms, { isChosen, open: (signal) => run.open(signal, 'chosen'), write: show });

/** The pods with what they answered last. */
const withLevels = (
  pods: readonly PodOutcome<PodLevels>[],
  levels: ReadonlyMap<string, PodOutcome<readonly LogLevel[]>>,
): readonly PodOutcome<PodLevels>[] =>
  pods.map((pod) => {
    const outcome = levels.get(pod.pod.name);
    if (outcome === undefined || !hasAnswered(pod)) return pod;
    return hasAnswered(outcome) ? { pod: pod.pod, ok: { ...pod.ok, levels: outcome.ok } } : outcome;
  });
