// What may stand at the cursor, as far as the commands themselves say it; what only a cluster knows is named.

import type { Argument, Command } from '#command/command.ts';
import { formatsOf } from '#command/command-flags.ts';
import type { Completes, Flag, Flags } from '#command/flag.ts';
import { readableAdminPaths } from '#core/admin.ts';
import type { Line } from './line.ts';

export interface Candidate {
  readonly value: string;
  readonly describe?: string | undefined;
}

export interface Candidates {
  readonly items: readonly Candidate[];
  /** Values of this kind belong to them. */
  readonly live: Completes | undefined;
  /** What stands before the candidates in the same word: `a,b,` of a list. */
  readonly before: string;
}

export function candidatesOf(line: Line, commands: readonly Command[]): Candidates {
  if (line.valueOf !== undefined) return valuesOf(line.valueOf, line);
  if (line.current.startsWith('-')) return known(flagNames(line.flags, line.given));
  if (line.command === undefined) return known(line.args.length > 0 ? [] : commandNames(commands));
  const argument = argumentAt(line.command, line.args.length);
  return argument === undefined ? known([]) : argumentValues(argument, commands);
}

const known = (items: readonly Candidate[]): Candidates => ({ items, live: undefined, before: '' });

const commandNames = (commands: readonly Command[]): Candidate[] =>
  commands.map(({ name, summary }) => ({ value: name, describe: summary }));

function flagNames(flags: Flags, given: Line['given']): Candidate[] {
  return Object.entries(flags)
    .filter(([name, flag]) => !(name in given) || flag.type === 'strings')
    .map(([name, { describe }]) => ({ value: `--${name}`, describe }));
}

function valuesOf(flag: Flag, { command, current, flags }: Line): Candidates {
  const isOutput = command !== undefined && flag === flags['output'];
  const formats = isOutput ? formatsOf(command).map((format) => (format === 'jsonpath' ? 'jsonpath=' : format)) : [];
  const choices = 'choices' in flag ? (flag.choices ?? []) : [];
  const isList = flag.type === 'strings' && flag.raw !== true;
  return {
    items: [...formats, ...choices].map((value) => ({ value })),
    live: flag.completes,
    before: isList ? current.slice(0, current.lastIndexOf(',') + 1) : '',
  };
}

function argumentAt({ arguments: all = [] }: Command, index: number): Argument | undefined {
  return all[index] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
}

function argumentValues({ choices = [], completes }: Argument, commands: readonly Command[]): Candidates {
  const items = choices.map((value) => ({ value }));
  if (completes === 'command') return known([...items, ...commandNames(commands)]);
  if (completes === 'admin-path') return known(readableAdminPaths.map((path) => ({ value: `/${path}` })));
  return { items, live: completes, before: '' };
}
