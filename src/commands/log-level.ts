// `log-level`: the levels of every pod; and the tool's only writes: other levels for a while, and each pod's own back
// again.

import {
  type LevelPlan,
  planLevels,
  previousLevels,
  readWantedLevels,
  type WantedLevel,
} from '#analysis/fleet/log-level.ts';
import { answer, type Context, defineCommand, type Outcome } from '#command/command.ts';
import { confirm } from '#command/confirm.ts';
import type { Admin, LogLevel } from '#core/admin.ts';
import { pause } from '#core/concurrency.ts';
import { describeSpan } from '#core/duration.ts';
import { ToolError } from '#core/error.ts';
import { exitCode } from '#core/exit-code.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { count } from '#core/phrase.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import { raisedLevels } from '#dump/pod-report.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import { compareLoggerRows, isVerbose, type LoggerRow, loggerRowContent, startLevel } from '#model/log-level.ts';
import { mapOutcomes, mergePods } from '#model/merge-pods.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { renderError } from '#render/format/error.ts';
import { logLevelsView, renderLogLines } from '#render/views/log-levels.ts';
import {
  describeBack,
  describeEnd,
  describeNothing,
  describeWanted,
  restoreCommand,
} from '#render/words/describe-level-change.ts';
import { earliestLevels, type LevelRecords, levelRecords, type SavedRecord } from '#questions/levels/level-record.ts';
import { fetchLevels, setLevels } from '#questions/levels/pod-levels.ts';
import { type PutBack, putBack } from '#questions/levels/put-back.ts';

const defaultMs = 300_000;
const longestMs = 3_600_000;
const tickMs = 1_000;
/** Debug of more pods than this fills disks and log systems: it is asked about first. */
const fewPods = 3;

export default defineCommand({
  name: 'log-level',
  group: 'act',
  summary: "Every pod's log levels, those that differ first; set some for a few minutes, and put each pod's own back",
  details: `Without LOGGER:LEVEL nothing is changed. What is set is put back as it was on each pod after --for, and on Ctrl-C; what was there
before is kept in $XDG_STATE_HOME (~/.local/state), so that --restore can do it after a crash or from another terminal. A level that
Envoy was started with is not put back. Names are those of each pod's own Envoy; where one is wrong, no pod is changed.`,
  examples: [
    { args: 'log-level', describe: 'which pod logs more than the others, or more than at start?' },
    { args: 'log-level http:debug,router:debug --pod NAME', describe: 'two loggers of one pod, for five minutes' },
    { args: 'log-level all:debug --for 30s --yes', describe: 'everything, of every pod' },
    { args: 'log-level router:debug --show --for 1m', describe: 'and what they write in that minute' },
    { args: 'log-level --restore', describe: 'put back what a run that ended early, or one with --keep, has left' },
  ],
  arguments: [
    {
      name: 'LOGGER:LEVEL',
      describe: 'a logger, or all, and trace, debug, info, warning, error, critical or off',
      optional: true,
      variadic: true,
      completes: 'logger',
    },
  ],
  flags: {
    level: {
      type: 'strings',
      value: 'LOGGER:LEVEL',
      describe: "the same, as istioctl's flag; a level alone is for all loggers",
    },
    for: { type: 'duration', value: 'TIME', describe: 'how long, 5m by default and 1h at most' },
    keep: { type: 'boolean', describe: 'set the levels and end: they stay until log-level --restore' },
    show: { type: 'boolean', describe: 'print what these loggers write meanwhile, on every pod' },
    restore: { type: 'boolean', describe: 'put back the levels that this tool has set and not put back' },
    yes: { type: 'boolean', short: 'y', describe: 'do not ask before all:debug, or debug of more than three pods' },
  },
  run: async (context, flags, args) => {
    const wanted = readWantedLevels([...args, ...flags.level]);
    checkFlags(flags, wanted.length > 0, context.output);
    if (flags.restore) return restore(context);
    if (wanted.length > 0) {
      return change(context, {
        wanted,
        forMs: flags.keep ? undefined : (flags.for ?? defaultMs),
        isConfirmed: flags.yes,
        isShown: flags.show,
      });
    }
    const source = await context.source();
    return levelsAnswer(source, await source.everyPod(fetchPod), () => true);
  },
});

interface ChangeFlags {
  readonly for: number | undefined;
  readonly keep: boolean;
  readonly show: boolean;
  readonly restore: boolean;
}

/** Throws `usage` for flags that do not go together. */
function checkFlags(flags: ChangeFlags, isChange: boolean, output: Context['output']): void {
  const { keep, show } = flags;
  const given = [
    ...(keep ? ['--keep'] : []),
    ...(flags.for === undefined ? [] : ['--for']),
    ...(show ? ['--show'] : []),
  ];
  if (flags.restore && (isChange || given.length > 0)) throw new ToolError('usage', '--restore stands alone');
  if (keep && given.length > 1) throw new ToolError('usage', `${given.slice(0, 2).join(' and ')} exclude each other`);
  if (!isChange && given.length > 0) throw new ToolError('usage', `log-level needs LOGGER:LEVEL with ${given[0]}`);
  if (show && output !== 'table') throw new ToolError('usage', '--show prints lines, and takes no -o');
  if ((flags.for ?? 0) <= longestMs) return;
  throw new ToolError('usage', '--for takes 1h at most', {
    hint: `leave them with --keep, and put them back with: ${restoreCommand}`,
  });
}

interface PodLevels {
  readonly proxy: ProxyInfo;
  readonly levels: readonly LogLevel[];
}

const fetchPod = async (admin: Admin): Promise<PodLevels> => ({
  proxy: readServerInfo(await fetchJson(admin, { path: 'server_info' })),
  levels: await fetchLevels(admin),
});

async function levelsAnswer(
  source: Source,
  pods: readonly PodOutcome<PodLevels>[],
  isShown: (logger: string) => boolean,
): Promise<Outcome> {
  const rows = mapOutcomes(pods, ({ proxy, levels }): readonly LoggerRow[] =>
    levels
      .filter(({ logger }) => isShown(logger))
      .map((level) => ({ ...level, atStart: startLevel(proxy, level.logger) })),
  );
  const items = mergePods(rows.filter(hasAnswered), loggerRowContent, compareLoggerRows);
  return answer({ view: logLevelsView, gateway: await source.gateway(), pods, items });
}

interface Change {
  readonly wanted: readonly WantedLevel[];
  /** Undefined: the levels stay. */
  readonly forMs: number | undefined;
  readonly isConfirmed: boolean;
  readonly isShown: boolean;
}

async function change(context: Context, asked: Change): Promise<Outcome> {
  const { wanted, forMs } = asked;
  const source = await context.source();
  const { server } = source;
  if (server === undefined)
    throw new ToolError('unsupported', `cannot set log levels of ${source.origin}: it is no cluster`);
  const pods = await source.everyPod(fetchPod);
  const plans = planLevels(
    pods.filter(hasAnswered).map(({ pod, ok }) => ({ pod, current: ok.levels })),
    wanted,
  );
  const isNamed = (logger: string): boolean => wanted.some((one) => one.logger === undefined || one.logger === logger);
  const changing = plans.filter(({ changed }) => changed.length > 0);
  if (changing.length === 0) return levelsAnswer(source, pods, isNamed);
  if (!asked.isConfirmed) await confirmRisk(context, wanted, changing.length);

  const records = levelRecords(context.env);
  const saved = await savePrevious(context, records, { server, origin: source.origin, pods, changing });
  const set = (): Promise<AfterSetting> =>
    setAll(
      context,
      source,
      { pods, changing, wanted },
      describeEnd(saved === undefined ? 'nothing to put back' : forMs),
    );
  const isKept = saved === undefined || forMs === undefined;
  if (isKept) return levelsAnswer(source, await setForGood(context, saved, set), isNamed);
  const meanwhile = asked.isShown ? () => waitAndShow(context, forMs, isNamed) : () => wait(context, forMs);
  const after = await setForAWhile(context, { records, saved, meanwhile }, set);
  return asked.isShown ? failuresOnly(context, after) : levelsAnswer(source, after, isNamed);
}

async function confirmRisk(context: Context, wanted: readonly WantedLevel[], pods: number): Promise<void> {
  const verbose = wanted.filter(({ level }) => isVerbose(level));
  const isRisky = verbose.some(({ logger }) => logger === undefined) || (verbose.length > 0 && pods > fewPods);
  if (isRisky) await confirm(context, `set ${describeWanted(wanted)} on ${count(pods, 'pod')}`);
}

interface Fleet {
  readonly pods: readonly PodOutcome<PodLevels>[];
  readonly changing: readonly LevelPlan[];
}

/** Before the first change. Undefined where nothing will have to be put back. */
async function savePrevious(
  context: Context,
  records: LevelRecords,
  { server, origin, pods, changing }: Fleet & { readonly server: string; readonly origin: string },
): Promise<SavedRecord | undefined> {
  const earliest = earliestLevels(await records.list(context.warn), server);
  const proxies = new Map(pods.filter(hasAnswered).map(({ pod, ok }) => [pod.name, ok.proxy]));
  const previous = changing.flatMap((plan) => {
    const { namespace, name } = plan.pod;
    return previousLevels(plan, proxies.get(name) as ProxyInfo, (logger) => earliest(namespace, name, logger)) ?? [];
  });
  return previous.length === 0
    ? undefined
    : records.add({ server, origin, setAt: context.now.toISOString(), pods: previous });
}

interface AfterSetting {
  readonly pods: readonly PodOutcome<PodLevels>[];
  /** On how many pods the levels were set. */
  readonly set: number;
}

async function setAll(
  context: Context,
  source: Source,
  { pods, changing, wanted }: Fleet & Pick<Change, 'wanted'>,
  end: string,
): Promise<AfterSetting> {
  const plans = new Map(changing.map((plan) => [plan.pod.name, plan]));
  const outcomes = await source.everyPod(
    (admin) => {
      const { current, wanted: levels } = plans.get(admin.pod.name) as LevelPlan;
      return setLevels(admin, current, levels);
    },
    ({ name }) => plans.has(name),
  );
  const set = outcomes.filter(hasAnswered).length;
  context.warn(`${describeWanted(wanted)} on ${set} of ${count(pods.length, 'pod')}${set > 0 ? end : ''}`);
  return { pods: withLevels(pods, new Map(outcomes.map((outcome) => [outcome.pod.name, outcome]))), set };
}

async function setForGood(
  context: Context,
  saved: SavedRecord | undefined,
  set: () => Promise<AfterSetting>,
): Promise<AfterSetting['pods']> {
  try {
    return (await set()).pods;
  } finally {
    if (saved && context.signal.aborted)
      context.warn(`some pods may have been set; put them back with: ${restoreCommand}`);
  }
}

/** However it ends: after its time, by Ctrl-C, by SIGTERM or because setting failed. */
async function setForAWhile(
  context: Context,
  {
    records,
    saved,
    meanwhile,
  }: { readonly records: LevelRecords; readonly saved: SavedRecord; readonly meanwhile: () => Promise<void> },
  setLevelsOfAll: () => Promise<AfterSetting>,
): Promise<AfterSetting['pods']> {
  let after: AfterSetting['pods'] = [];
  try {
    const { pods, set } = await setLevelsOfAll();
    after = pods;
    if (set > 0) await meanwhile();
  } finally {
    if (context.signal.aborted)
      context.warn(`putting the levels back; Ctrl-C again leaves them, and then: ${restoreCommand}`);
    after = withBack(after, await putRecordBack(context, records, saved));
  }
  return after;
}

/** By the clock of the wall: a machine that slept meanwhile does not leave the levels raised for longer. */
async function wait({ signal, progress }: Context, ms: number): Promise<void> {
  const end = Date.now() + ms;
  for (let left = ms; left > 0; left = end - Date.now()) {
    progress(`back in ${describeSpan(left + 999)}; Ctrl-C puts the levels back now`);
    await pause(Math.min(left, tickMs), signal);
  }
}

/**
 * Logs that cannot be read end the wait, as does a reader that has gone: nobody would see what the levels are raised
 * for.
 */
async function waitAndShow(context: Context, ms: number, isChosen: (logger: string) => boolean): Promise<void> {
  const { followLoggers } = await import('#questions/levels/follow-loggers.ts');
  const ending = new AbortController();
  const signal = AbortSignal.any([context.signal, ending.signal]);
  const source = await context.freshSource(signal);
  const waiting = wait({ ...context, signal }, ms);
  const write = (lines: readonly LogLine[]): Promise<void> => context.write(renderLogLines(lines, context.terminal));
  const shown = followLoggers(source, { isChosen, write, note: context.warn });
  try {
    await Promise.race([waiting, shown.then(() => waiting)]);
  } finally {
    ending.abort(new ToolError('interrupted', 'the time is over'));
    await Promise.allSettled([shown]);
    await source.close();
  }
}

function failuresOnly(context: Context, pods: AfterSetting['pods']): Outcome {
  const failed = pods.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  for (const error of failed) context.warn(renderError(error, false).trimEnd());
  return { text: '', exitCode: failed.length > 0 ? exitCode.partial : exitCode.ok };
}

async function putRecordBack(context: Context, records: LevelRecords, saved: SavedRecord): Promise<readonly PutBack[]> {
  if (!records.has(saved)) {
    context.warn('the levels were put back already, by another run');
    return [];
  }
  const back = await putBack(saved.record.pods, {
    open: (signal) => context.freshSource(signal, { pod: undefined, node: undefined }),
    left: (pods) => records.keep(saved, pods),
  });
  for (const line of describeBack(back.map(({ of, result }) => ({ pod: of.pod, result })))) context.warn(line);
  return back;
}

async function restore(context: Context): Promise<Outcome> {
  const source = await context.source();
  const { server } = source;
  if (server === undefined)
    throw new ToolError('unsupported', `cannot set log levels of ${source.origin}: it is no cluster`);
  const records = levelRecords(context.env);
  const all = await records.list(context.warn);
  const own = all.filter(({ record }) => record.server === server);
  const others = [...new Set(all.filter((one) => !own.includes(one)).map(({ record }) => record.origin))];
  if (others.length > 0) context.warn(`levels of another cluster wait to be put back too: ${others.join(', ')}`);
  const back: PutBack[] = [];
  // The newest first, so that of two runs that overlapped the older one has the last word.
  for (const saved of own.toReversed()) back.push(...(await putRecordBack(context, records, saved)));
  const pods = withBack(
    await source.everyPod(fetchPod),
    back.filter(({ result }) => result instanceof ToolError),
  );
  if (own.length === 0)
    for (const line of describeNothing(
      source.origin,
      pods.filter(hasAnswered).find(({ ok }) => raisedLevels(ok.proxy, ok.levels).length > 0)?.ok.proxy,
    ))
      context.warn(line);
  const loggers = new Set(
    own.flatMap(({ record }) => record.pods.flatMap(({ levels }) => levels.map(({ logger }) => logger))),
  );
  return levelsAnswer(source, pods, (logger) => loggers.size === 0 || loggers.has(logger));
}

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

/** A pod that is gone is none of the answer's any more. */
function withBack(pods: readonly PodOutcome<PodLevels>[], back: readonly PutBack[]): readonly PodOutcome<PodLevels>[] {
  const results = new Map(back.map(({ of, result }) => [of.pod, result]));
  return pods.flatMap((outcome): readonly PodOutcome<PodLevels>[] => {
    const result = results.get(outcome.pod.name);
    if (result === 'gone') return [];
    if (result instanceof ToolError) return [{ pod: outcome.pod, failed: result }];
    return [
      result === undefined || !hasAnswered(outcome)
        ? outcome
        : { pod: outcome.pod, ok: { ...outcome.ok, levels: result.levels } },
    ];
  });
}
