// From the words of a command line to a command, its flags and its arguments. Alone knows yargs.

import yargs, { type Argv } from 'yargs';
import type { Command } from '#command/command.ts';
import { flagsOf } from '#command/command-flags.ts';
import type { Flags } from '#command/flag.ts';
import { commonFlags } from '#command/flags.ts';
import { inOurWords } from '#command/istioctl-words.ts';
import { ToolError } from '#core/error.ts';
import { nearest } from '#core/suggestion.ts';

type Parsed = Readonly<Record<string, unknown>>;

export interface CommandLine {
  readonly command: Command;
  /** The flags as they stand there, for `readFlags`. */
  readonly parsed: Parsed;
  /** The words after the command that are no flags. */
  readonly words: readonly string[];
}

/** Undefined where there are no words at all. Throws ToolError `usage`. */
export function readCommandLine(commands: readonly Command[], argv: readonly string[]): CommandLine | undefined {
  let found: { command: Command; parsed: Parsed } | undefined;
  const words = inOurWords(withValuesApart(argv, commands), commands);
  const parser = bare(yargs([...words]), (message) => unreadable(message, commands, words));
  declare(parser, commonFlags);
  for (const command of commands) {
    parser.command({
      command: command.name,
      aliases: command.aliases ?? [],
      describe: false,
      builder: (sub: Argv) => {
        declare(sub, flagsOf(command));
        return sub;
      },
      handler: (parsed: Parsed) => {
        found = { command, parsed };
      },
    });
  }
  const top = parser.parseSync() as Parsed;
  if (found) return checked(found.command, found.parsed);
  // A flag that is not known may have taken the command for its value.
  const [unknown] = unknownKeys(top, commonFlags);
  if (unknown !== undefined) throw unknownFlag(unknown, commonFlags);
  const [word] = top._ as readonly (string | number)[];
  if (word === undefined) return undefined;
  throw unknownCommand(String(word), commands);
}

/** `-ojson`, `-XPOST`, `-fojson`: yargs takes each letter for a flag. Source: spf13/pflag parseSingleShortArg. */
function withValuesApart(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  if (!argv.some((word) => attached.test(word))) return argv;
  const all = [commonFlags, ...commands.map(flagsOf)].flatMap((flags) => Object.values(flags));
  const takesValue = new Map(all.map(({ short, type }) => [short, type !== 'boolean']));
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return [...argv.slice(0, end).flatMap((word) => valueApart(word, takesValue)), ...argv.slice(end)];
}

const attached = /^-([A-Za-z])([^=].*)$/s;

function valueApart(word: string, takesValue: ReadonlyMap<string | undefined, boolean>): readonly string[] {
  const [, short, rest] = attached.exec(word) ?? [];
  if (short === undefined) return [word];
  // One that nobody knows is said to be so, and not what yargs makes of the letters behind it.
  return takesValue.get(short) === false ? [`-${short}`, ...valueApart(`-${rest}`, takesValue)] : [`-${short}=${rest}`];
}

function bare(parser: Argv, unreadableAs: (message: string) => ToolError): Argv {
  return parser
    .parserConfiguration({
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': false,
      'strip-aliased': true,
      'greedy-arrays': false,
    })
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message: string, error?: Error) => {
      throw error instanceof ToolError ? error : unreadableAs(message);
    });
}

/** What yargs itself refuses. Source: yargs lib/validation.ts. */
function unreadable(message: string, commands: readonly Command[], argv: readonly string[]): ToolError {
  const command = commands.find(({ name, aliases = [] }) => [name, ...aliases].some((word) => word === argv[0]));
  const hint = usageHint(command);
  const [, key] = /^Not enough arguments following: (\S+)$/.exec(message) ?? [];
  if (key === undefined) return new ToolError('usage', message, { hint });
  const [name] = Object.entries(command === undefined ? commonFlags : flagsOf(command)).find(
    ([long, { short }]) => key === long || key === short,
  ) ?? [key];
  return new ToolError('usage', `--${name} needs a value`, { hint });
}

/** Values stay text, and repeats stay visible (as an array): `readFlags` knows what each flag takes. */
function declare(parser: Argv, flags: Flags): void {
  for (const [name, flag] of Object.entries(flags)) {
    parser.option(name, {
      ...(flag.short === undefined ? {} : { alias: flag.short }),
      hidden: true, // from the help that yargs makes after each command, for nobody
      type: flag.type === 'boolean' ? 'boolean' : 'string',
      ...(flag.type === 'boolean' ? {} : { requiresArg: true }),
    });
  }
}

function checked(command: Command, parsed: Parsed): CommandLine {
  const known = flagsOf(command);
  const [unknown] = unknownKeys(parsed, known);
  if (unknown !== undefined) throw unknownFlag(unknown, known, command);
  return { command, parsed, words: (parsed._ as readonly (string | number)[]).slice(1).map(String) };
}

function unknownKeys(parsed: Parsed, known: Flags): string[] {
  const shorts = new Set(Object.values(known).map((flag) => flag.short));
  return Object.keys(parsed).filter((key) => key !== '_' && key !== '$0' && !(key in known) && !shorts.has(key));
}

function unknownFlag(key: string, known: Flags, command?: Command): ToolError {
  const dashed = key.length === 1 ? `-${key}` : `--${key}`;
  const near = nearest(key, Object.keys(known));
  return new ToolError('usage', `unknown flag ${dashed}${command === undefined ? '' : ` of ${command.name}`}`, {
    hint: near === undefined ? usageHint(command) : `did you mean --${near}?`,
  });
}

function unknownCommand(word: string, commands: readonly Command[]): ToolError {
  const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
  if (names.includes(word))
    return new ToolError('usage', `cannot run "${word}" behind --`, { hint: 'the command comes first' });
  const near = nearest(word, names);
  return new ToolError('usage', `unknown command "${word}"`, {
    hint: near === undefined ? usageHint() : `did you mean "${near}"?`,
  });
}

/** The words, where they are the arguments that the command takes. Throws ToolError `usage`. */
export function checkArguments(command: Command, words: readonly string[]): readonly string[] {
  const wanted = command.arguments ?? [];
  const most = wanted.some((argument) => argument.variadic) ? Number.POSITIVE_INFINITY : wanted.length;
  if (words.length > most)
    throw new ToolError('usage', `${command.name} does not take "${words[most]}"`, { hint: usageHint(command) });
  const missing = wanted.find((argument, index) => argument.optional !== true && words[index] === undefined);
  if (missing)
    throw new ToolError('usage', `${command.name} needs ${missing.name}: ${missing.describe}`, {
      hint: usageHint(command),
    });
  for (const [index, { name, choices, completes }] of wanted.entries())
    if (completes !== 'command') checkChoice(command, name, choices, words[index]);
  return words;
}

function checkChoice(
  command: Command,
  name: string,
  choices: readonly string[] | undefined,
  word: string | undefined,
): void {
  if (word === undefined || choices === undefined || choices.includes(word)) return;
  const near = nearest(word, choices);
  throw new ToolError('usage', `${name} of ${command.name} is one of ${choices.join(', ')}; not "${word}"`, {
    hint: near === undefined ? usageHint(command) : `did you mean ${near}?`,
  });
}

const usageHint = (command?: Command): string =>
  `see: kubectl istio-ingress ${command === undefined ? '' : `${command.name} `}--help`;
