// From words to a command's outcome, and from that to text and an exit code. Alone knows yargs.

import yargs, { type Argv } from 'yargs';
import type { Command, Context, Outcome, Style, Terminal, Text } from '#command/command.ts';
import { flagsOf } from '#command/command-flags.ts';
import type { Flags } from '#command/flag.ts';
import { type Output, readFlags, readOutput } from '#command/flag-values.ts';
import { commonFlags } from '#command/flags.ts';
import { inOurWords } from '#command/istioctl-words.ts';
import { againFor } from '#command/next-step.ts';
import { type ProgressLine, progressLine } from '#command/progress.ts';
import { sourceOptions } from '#command/source-options.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { type ExitCode, exitCode } from '#core/exit-code.ts';
import { count } from '#core/phrase.ts';
import type { Source, Teller } from '#core/source.ts';
import type { GatewayOptions, SourceOptions } from '#core/source-options.ts';
import { nearest } from '#core/suggestion.ts';
import { errorLines } from '#render/format/error.ts';
import { renderAnswer } from '#render/format/outcome.ts';
import { cleanText, openGate, terminalLine, terminalText } from '#render/format/terminal.ts';
import { renderCommandHelp, renderOverview } from '#render/views/help.ts';

/** The process, as `main.ts` hands it in. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  /** Resolves when more may be written; rejects when the reader is gone. */
  writeOut(text: string): Promise<void>;
  writeError(text: string): void;
  readonly terminal: Terminal;
  readonly errorTerminal: Terminal;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly version: string;
  openSource(options: SourceOptions, env: Runtime['env'], signal: AbortSignal, teller: Teller): Promise<Source>;
}

type Parsed = Readonly<Record<string, unknown>>;

/** Runs one command line. Never throws: whatever happens becomes lines on stderr and an exit code. */
export async function run(commands: readonly Command[], argv: readonly string[], runtime: Runtime): Promise<ExitCode> {
  try {
    return await runCommand(commands, argv, runtime);
  } catch (thrown) {
    if (isReaderGone(thrown)) return exitCode.ok;
    const error =
      runtime.signal.aborted && runtime.signal.reason instanceof ToolError
        ? runtime.signal.reason
        : asToolError(thrown, 'run the command');
    if (error.code === 'interrupted') return exitCode.interrupted;
    runtime.writeError(terminalText(errorLines(error, runtime.errorTerminal.color)));
    return exitCode.failed;
  }
}

/** `| head` ends the reader early: it has what it wanted. */
const isReaderGone = (thrown: unknown): boolean =>
  thrown instanceof Error && ['EPIPE', 'ERR_STREAM_DESTROYED'].includes((thrown as NodeJS.ErrnoException).code ?? '');

async function runCommand(commands: readonly Command[], argv: readonly string[], given: Runtime): Promise<ExitCode> {
  const found = parse(commands, argv);
  if (!found) {
    await given.writeOut(renderOverview(commands, given.version, columnsOf(given.terminal)));
    return exitCode.ok;
  }
  const { command, parsed, words } = found;
  if (parsed.help === true) {
    await given.writeOut(renderCommandHelp(command, flagsOf(command), columnsOf(given.terminal)));
    return exitCode.ok;
  }
  const flags = readFlags(flagsOf(command), parsed);
  const output = readOutput(command, flags);
  const progress = progressLine(given.writeError, given.errorTerminal);
  const runtime = clearingFirst(given, progress);
  const terminal = flags['no-color'] === true ? { ...runtime.terminal, color: false } : runtime.terminal;
  const paper = paperOf(runtime, terminal);
  const openSource: OpenSource = (signal, gateway, show) => {
    const options = sourceOptions(flags, runtime.env);
    return runtime.openSource({ ...options, gateway: { ...options.gateway, ...gateway } }, runtime.env, signal, {
      progress: show,
      note: paper.say,
    });
  };
  const show: Teller['progress'] = (line) => progress.show(cleanText(line));
  let opened: Promise<Source> | undefined;
  const source = (): Promise<Source> => (opened ??= openSource(runtime.signal, {}, show));
  // A directory's answers are as old as it is, and so is the clock that they are read by.
  const now = (readsDirectory(command, flags) ? (await source()).asOf : undefined) ?? runtime.now;
  try {
    const fresh: Context['freshSource'] = (signal, gateway = {}) => openSource(signal, gateway, () => {});
    const context: Context = {
      ...contextOf(commands, runtime),
      warn: paper.say,
      writeLines: paper.writeText,
      writeDocument: (document) => paper.writeText({ document }),
      again: againFor(flags, runtime.env),
      source,
      freshSource: fresh,
      progress: show,
      now,
      output: output.format,
      terminal,
    };
    const outcome = await command.run(context, flags as never, checkArguments(command, words));
    return await print(outcome, output, { ...terminal, columns: columnsOf(terminal), now }, paper);
  } finally {
    progress.clear();
    paper.end();
    await (await opened?.catch(() => undefined))?.close();
  }
}

type OpenSource = (signal: AbortSignal, gateway: Partial<GatewayOptions>, show: Teller['progress']) => Promise<Source>;

/** What a command has of the process, whatever its flags are. */
const contextOf = (commands: readonly Command[], runtime: Runtime) =>
  ({
    invoke: (args, overrides) =>
      run(commands, args, { ...runtime, ...overrides, env: { ...runtime.env, ...overrides?.env } }),
    signal: runtime.signal,
    stdin: runtime.stdin,
    env: runtime.env,
    commands,
    version: runtime.version,
  }) satisfies Partial<Context>;

/** A pipe has no columns: lines are as long as they are. */
const columnsOf = ({ isTTY, columns }: Terminal): number => (isTTY ? columns : Number.POSITIVE_INFINITY);

/** A command that needs a cluster may have a `--from` of its own, for something else. */
const readsDirectory = (command: Command, flags: Readonly<Record<string, unknown>>): boolean =>
  command.needsLive !== true && flags.from !== undefined;

const clearingFirst = (runtime: Runtime, progress: ProgressLine): Runtime => ({
  ...runtime,
  writeOut: (text) => {
    progress.clear();
    return runtime.writeOut(text);
  },
  writeError: (text) => {
    progress.clear();
    runtime.writeError(text);
  },
});

/** Where a command writes: the one way out of the process, and all of it through the gate. */
interface Paper {
  writeText(text: Text): Promise<void>;
  /** One line on stderr. */
  say(line: string): void;
  /** Says what of the documents a terminal was spared. */
  end(): void;
}

function paperOf(runtime: Runtime, terminal: Terminal): Paper {
  const gate = openGate(terminal.isTTY);
  const say: Paper['say'] = (line) => runtime.writeError(`${terminalLine(line)}\n`);
  return {
    writeText: async (text) => {
      const shown = 'document' in text ? gate.document(text.document) : gate.lines(text);
      if (shown !== '') await runtime.writeOut(shown);
    },
    say,
    end: () => {
      const replaced = gate.takeReplaced();
      if (replaced > 0)
        say(
          `${count(replaced, 'character')} that a terminal may obey or hide: shown as \ufffd; a pipe gets the text as it is`,
        );
    },
  };
}

async function print(
  outcome: Outcome,
  output: Output,
  terminal: Omit<Style, 'wide'>,
  { writeText, say }: Paper,
): Promise<ExitCode> {
  if ('text' in outcome) {
    await writeText(outcome.text);
    return outcome.exitCode ?? exitCode.ok;
  }
  const style: Style = {
    color: terminal.color,
    columns: terminal.columns,
    wide: output.format === 'wide',
    now: terminal.now,
  };
  const rendered = await renderAnswer(outcome, output.format, output.template, style);
  await writeText(rendered.stdout);
  for (const line of rendered.stderr) say(line);
  return rendered.exitCode;
}

interface CommandLine {
  readonly command: Command;
  readonly parsed: Parsed;
  readonly words: readonly string[];
}

function parse(commands: readonly Command[], argv: readonly string[]): CommandLine | undefined {
  let found: { command: Command; parsed: Parsed } | undefined;
  const words = inOurWords(argv, commands);
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
  const [word] = top._ as readonly (string | number)[];
  if (word === undefined && unknownKeys(top, commonFlags).length === 0) return undefined;
  if (word === undefined)
    throw unknownFlag(unknownKeys(top, commonFlags)[0] as string, commonFlags, 'kubectl istio-ingress');
  throw unknownCommand(String(word), commands);
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
  const hint = `see: kubectl istio-ingress ${command === undefined ? '' : `${command.name} `}--help`;
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
      type: flag.type === 'boolean' ? 'boolean' : 'string',
      ...(flag.type === 'boolean' ? {} : { requiresArg: true }),
    });
  }
}

function checked(command: Command, parsed: Parsed): CommandLine {
  const known = flagsOf(command);
  const [unknown] = unknownKeys(parsed, known);
  if (unknown !== undefined) throw unknownFlag(unknown, known, command.name);
  return { command, parsed, words: (parsed._ as readonly (string | number)[]).slice(1).map(String) };
}

function unknownKeys(parsed: Parsed, known: Flags): string[] {
  const shorts = new Set(Object.values(known).map((flag) => flag.short));
  return Object.keys(parsed).filter((key) => key !== '_' && key !== '$0' && !(key in known) && !shorts.has(key));
}

function unknownFlag(key: string, known: Flags, where: string): ToolError {
  const dashed = key.length === 1 ? `-${key}` : `--${key}`;
  const near = nearest(key, Object.keys(known));
  return new ToolError('usage', `unknown flag ${dashed} of ${where}`, {
    hint: near === undefined ? `see: kubectl istio-ingress ${where} --help` : `did you mean --${near}?`,
  });
}

function unknownCommand(word: string, commands: readonly Command[]): ToolError {
  const near = nearest(
    word,
    commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]),
  );
  return new ToolError('usage', `unknown command "${word}"`, {
    hint: near === undefined ? 'see: kubectl istio-ingress --help' : `did you mean "${near}"?`,
  });
}

function checkArguments(command: Command, words: readonly string[]): readonly string[] {
  const wanted = command.arguments ?? [];
  const most = wanted.some((argument) => argument.variadic) ? Number.POSITIVE_INFINITY : wanted.length;
  if (words.length > most)
    throw new ToolError('usage', `${command.name} does not take "${words[most]}"`, { hint: usageHint(command) });
  const missing = wanted.find((argument, index) => argument.optional !== true && words[index] === undefined);
  if (missing)
    throw new ToolError('usage', `${command.name} needs ${missing.name}: ${missing.describe}`, {
      hint: usageHint(command),
    });
  for (const [index, { name, choices }] of wanted.entries()) checkChoice(command, name, choices, words[index]);
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

const usageHint = (command: Command): string => `see: kubectl istio-ingress ${command.name} --help`;
