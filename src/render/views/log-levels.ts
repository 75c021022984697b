// How `log-level` looks: loggers whose level pods do not share come first, then those that say more than Envoy was
// started with, then the others, all that are alike on one line.

import type { Answer, Style, Terminal, View } from '#command/command.ts';
import type { LogLine } from '#core/pod-logs.ts';
import { isMoreVerbose, type LoggerRow } from '#model/log-level.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { type Column, renderTable } from '#render/format/table.ts';
import { paint } from '#render/format/tone.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';

type Item = OnPods<LoggerRow>;

export const logLevelsView: View<Item> = {
  kind: 'LogLevelList',
  table: renderLevels,
  name: ({ value }) => `logger/${value.logger}:${value.level}`,
  json: ({ value, pods }) => ({ ...value, pods }),
};

interface Line extends Omit<LoggerRow, 'logger'> {
  readonly loggers: readonly string[];
  readonly pods: readonly string[];
}

function renderLevels(items: readonly Item[], answer: Answer<Item>, style: Style): string[] {
  const asked = askedPods(answer);
  const columns: readonly Column<Line>[] = [
    {
      title: 'LEVEL',
      cell: ({ level, atStart }) => ({ text: level, tone: isMoreVerbose(level, atStart) ? 'warning' : undefined }),
    },
    { title: 'AT START', cell: ({ atStart }) => atStart },
    { title: 'PODS', cell: ({ pods }) => describePods(pods, asked), narrow: 'wrap', minimum: 9 },
    { title: 'LOGGERS', cell: ({ loggers }) => loggers.join(', '), narrow: 'wrap', minimum: 20 },
  ];
  return renderTable(columns, linesOf(items, asked.answered.length, style.wide), style);
}

function linesOf(items: readonly Item[], answered: number, eachAlone: boolean): readonly Line[] {
  const [shared, unlike] = partition(items, ({ pods }) => pods.length === answered);
  const [raised, others] = partition(shared, ({ value }) => isMoreVerbose(value.level, value.atStart));
  return [
    ...unlike.map(lineOf),
    ...(eachAlone ? [...raised, ...others].map(lineOf) : [...together(raised), ...together(others)]),
  ];
}

const lineOf = ({ value, pods }: Item): Line => ({ ...value, loggers: [value.logger], pods });

/** Those with the same levels on one line; the fewest first, as they are the exceptions. */
function together(items: readonly Item[]): Line[] {
  const groups = [...Map.groupBy(items, ({ value: { level, atStart } }) => JSON.stringify([level, atStart])).values()];
  return groups
    .toSorted((a, b) => a.length - b.length)
    .flatMap((group) => {
      const [first] = group;
      return first ? [{ ...lineOf(first), loggers: group.map(({ value }) => value.logger) }] : [];
    });
}

function partition<T>(items: readonly T[], is: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(is), items.filter((item) => !is(item))];
}

/** `POD LINE`. */
export const renderLogLines = (lines: readonly LogLine[], { color }: Pick<Terminal, 'color'>): string[] =>
  lines.map(({ pod, text }) => `${paint(pod, 'faint', color)} ${text}`);
