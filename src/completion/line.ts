// The words before the cursor, read as the command line that they will be: which command, which flags so far, what the
// cursor is at.

import type { Command } from '#command/command.ts';
import { flagsOf } from '#command/command-flags.ts';
import type { Flag, Flags } from '#command/flag.ts';
import { commonFlags, gatewayFlags, kubeFlags } from '#command/flags.ts';

export interface Line {
  readonly command: Command | undefined;
  /** Words that belong to no flag, without the command. */
  readonly args: readonly string[];
  /** Flags so far, as yargs would give them. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly flags: Flags;
  /** What the cursor is at the end of; the value alone in `--flag=value`. */
  readonly current: string;
  /** The flag whose value the cursor is at. */
  readonly valueOf: Flag | undefined;
}

/** Those that may stand before the command. */
const sharedFlags: Flags = { ...gatewayFlags, ...kubeFlags, ...commonFlags };

/** `words` are those after the program's name; the last one, which may be empty, is the one under the cursor. */
export function readLine(commands: readonly Command[], words: readonly string[]): Line {
  const [before, last] = [words.slice(0, -1), words.at(-1) ?? ''];
  const inner = innerCommand(commands, before);
  if (inner !== undefined) return readLine(commands, [...inner, last]);
  const command = commandIn(commands, before);
  const flags = command ? flagsOf(command) : sharedFlags;
  const { args, given, waiting } = scan(before, flags);
  const line = { command, given, flags, args: command ? args.slice(1) : args };
  if (waiting !== undefined) return { ...line, current: last, valueOf: flags[waiting] };
  const [, name = '', value] = /^(--?[^=]+)=(.*)$/s.exec(last) ?? [];
  const flag = value === undefined ? undefined : flags[longName(name, flags) ?? ''];
  return { ...line, current: flag === undefined ? last : (value ?? ''), valueOf: flag };
}

/** What stands after `--` of a command that runs another one (`demo -- routes …`). */
function innerCommand(commands: readonly Command[], words: readonly string[]): readonly string[] | undefined {
  const at = words.indexOf('--');
  const isOuter =
    at > 0 && commandIn(commands, words.slice(0, at))?.arguments?.some(({ completes }) => completes === 'command');
  return isOuter ? words.slice(at + 1) : undefined;
}

/** The first word that is no flag and no flag's value. */
function commandIn(commands: readonly Command[], words: readonly string[]): Command | undefined {
  const [name] = scan(words, sharedFlags).args;
  return commands.find((command) => command.name === name || command.aliases?.includes(name ?? ''));
}

interface Scanned {
  readonly args: readonly string[];
  readonly given: Readonly<Record<string, unknown>>;
  /** The flag that the next word is the value of. */
  readonly waiting: string | undefined;
}

function scan(words: readonly string[], flags: Flags): Scanned {
  const args: string[] = [];
  const given: Record<string, unknown> = {};
  let waiting: string | undefined;
  for (const word of words) {
    if (waiting !== undefined) {
      given[waiting] = repeated(given[waiting], word);
      waiting = undefined;
      continue;
    }
    const [, dashed = word, value] = /^(--?[^=]+)=(.*)$/s.exec(word) ?? [];
    const name = longName(dashed, flags);
    if (name === undefined) args.push(...(word.startsWith('-') ? [] : [word]));
    else if (value !== undefined) given[name] = repeated(given[name], value);
    else if (flags[name]?.type === 'boolean') given[name] = true;
    else waiting = name;
  }
  return { args, given, waiting };
}

const repeated = (before: unknown, value: string): unknown => (before === undefined ? value : [before, value].flat());

/** `--namespace` and `-n` are `namespace`. */
function longName(dashed: string, flags: Flags): string | undefined {
  if (dashed.startsWith('--')) return dashed.slice(2) in flags ? dashed.slice(2) : undefined;
  if (!/^-.$/.test(dashed)) return undefined;
  return Object.entries(flags).find(([, { short }]) => short === dashed[1])?.[0];
}
