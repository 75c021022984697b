// `log-level`: the levels of every pod; and the tool's only writes: other levels for a while, and each pod's own back
// again.

import { readWantedLevels, type WantedLevel } from '#analysis/fleet/log-level.ts';
import { answer, type Context, defineCommand, type Outcome } from '#command/command.ts';
import { confirm } from '#command/confirm.ts';
import { ToolError } from '#core/error.ts';
import { exitCode } from '#core/exit-code.ts';
import { hasAnswered } from '#core/fleet.ts';
import { count } from '#core/phrase.ts';
import type { LogLine } from '#core/pod-logs.ts';
import { isVerbose } from '#model/log-level.ts';
import { askChangeLevels, type ChangedLevels, type LevelChangeRun } from '#questions/levels/change-levels.ts';
import { levelRecords } from '#questions/levels/level-record.ts';
import { askLevels } from '#questions/levels/levels.ts';
import type { LevelRun } from '#questions/levels/put-record-back.ts';
import { askRestoreLevels } from '#questions/levels/restore-levels.ts';
import { errorLines } from '#render/format/error.ts';
import { logLevelsView, renderLogLines } from '#render/views/log-levels.ts';
import {
  describeBack,
  describeEnd,
  describeNothing,
  describeWanted,
  restoreCommand,
} from '#render/words/describe-level-change.ts';

const defaultMs = 300_000;
const longestMs = 3_600_000;
/** Debug logs of more pods fill disks and log systems, so the command asks first. */
const fewPods = 3;

export default defineCommand({
  name: 'log-level',
  group: 'act',
  summary: "Every pod's log levels, those that differ first; set some for a few minutes, and put each pod's own back",
  details: `Without LOGGER:LEVEL the command changes nothing. After --for, and on Ctrl-C, it puts each pod's own levels back. It keeps those in
$XDG_STATE_HOME (~/.local/state), so that --restore can put them back after a crash or from another terminal. It does not put back a level
that Envoy was started with. Names are those of each pod's own Envoy; where one is wrong, no pod is changed.`,
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
    if (wanted.length === 0) return answer({ view: logLevelsView, ...(await askLevels(await context.source())) });
    return change(context, wanted, {
      forMs: flags.keep ? undefined : (flags.for ?? defaultMs),
      isConfirmed: flags.yes,
      isShown: flags.show,
    });
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
  if (flags.restore && (isChange || given.length > 0))
    throw new ToolError('usage', '--restore cannot be used with levels or other flags of log-level');
  if (keep && given.length > 1)
    throw new ToolError('usage', `${given.slice(0, 2).join(' and ')} cannot be used together`);
  if (!isChange && given.length > 0) throw new ToolError('usage', `log-level needs LOGGER:LEVEL with ${given[0]}`);
  if (show && output !== 'table') throw new ToolError('usage', '--show prints log lines, so -o cannot be used with it');
  if ((flags.for ?? 0) <= longestMs) return;
  throw new ToolError('usage', '--for takes 1h at most', {
    hint: `to leave them longer, add --keep; to put them back then: ${restoreCommand}`,
  });
}

interface HowToChange {
  /** Undefined: the levels stay. */
  readonly forMs: number | undefined;
  readonly isConfirmed: boolean;
  readonly isShown: boolean;
}

/** A pipe gets Envoy's lines as they came, with their tabs. */
const showLines =
  ({ terminal, writeLines, writeDocument }: Context) =>
  (lines: readonly LogLine[]): Promise<void> =>
    terminal.isTTY
      ? writeLines(renderLogLines(lines, terminal))
      : writeDocument(lines.map(({ pod, text }) => `${pod} ${text}\n`).join(''));

async function change(
  context: Context,
  wanted: readonly WantedLevel[],
  { forMs, isConfirmed, isShown }: HowToChange,
): Promise<Outcome> {
  const show = isShown ? showLines(context) : undefined;
  const run: LevelChangeRun = {
    ...runOf(context),
    confirm: async (pods) => (isConfirmed ? undefined : confirmRisk(context, wanted, pods)),
    set: ({ set, of }, end) =>
      context.warn(`${describeWanted(wanted)} on ${set} of ${count(of, 'pod')}${set > 0 ? describeEnd(end) : ''}`),
    interrupted: (during) => context.warn(interruptions[during]),
  };
  const changed = await askChangeLevels(await context.source(), { wanted, forMs, show }, run, context);
  const { wasHeld, ...levels } = changed;
  // The lines of the loggers were the answer.
  return isShown && wasHeld ? failuresOnly(context, changed) : answer({ view: logLevelsView, ...levels });
}

const interruptions = {
  setting: `some pods may have the new levels; to put them back: ${restoreCommand}`,
  holding: `putting the levels back; a second Ctrl-C leaves them as they are. To put them back later: ${restoreCommand}`,
} as const;

const runOf = (context: Context): LevelRun => ({
  records: levelRecords(context.env),
  open: (signal, pods) => context.freshSource(signal, pods === 'all' ? { pod: undefined, node: undefined } : {}),
  puttingBack: (results) => {
    const lines =
      results === 'done by another run'
        ? ['another run has put the levels back already']
        : describeBack(results.map(({ of, result }) => ({ pod: of.pod, result })));
    for (const line of lines) context.warn(line);
  },
});

async function confirmRisk(context: Context, wanted: readonly WantedLevel[], pods: number): Promise<void> {
  const verbose = wanted.filter(({ level }) => isVerbose(level));
  const isRisky = verbose.some(({ logger }) => logger === undefined) || (verbose.length > 0 && pods > fewPods);
  if (isRisky) await confirm(context, `set ${describeWanted(wanted)} on ${count(pods, 'pod')}`);
}

function failuresOnly(context: Context, { pods }: ChangedLevels): Outcome {
  const failed = pods.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  for (const line of failed.flatMap((error) => errorLines(error, false))) context.warn(line);
  return { text: [], exitCode: failed.length > 0 ? exitCode.partial : exitCode.ok };
}

async function restore(context: Context): Promise<Outcome> {
  const run = {
    ...runOf(context),
    others: (origins: readonly string[]) =>
      context.warn(`this tool has also set levels on another cluster, and not put them back: ${origins.join(', ')}`),
    nothing: (...of: Parameters<typeof describeNothing>) => {
      for (const line of describeNothing(...of)) context.warn(line);
    },
  };
  return answer({ view: logLevelsView, ...(await askRestoreLevels(await context.source(), run, context)) });
}
