// Runs one command line: the command's outcome becomes text and an exit code.

import type { Command, Context, Outcome, Style, Terminal, Text } from '#command/command.ts';
import { flagsOf } from '#command/command-flags.ts';
import { type Output, readFlags, readOutput } from '#command/flag-values.ts';
import { againFor } from '#command/next-step.ts';
import { type ProgressLine, progressLine } from '#command/progress.ts';
import { sourceOptions } from '#command/source-options.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { type ExitCode, exitCode } from '#core/exit-code.ts';
import { namingIllTyped } from '#core/ill-typed.ts';
import { count } from '#core/phrase.ts';
import type { Source, Teller } from '#core/source.ts';
import type { GatewayOptions, SourceOptions } from '#core/source-options.ts';
import { errorLines } from '#render/format/error.ts';
import { renderAnswer } from '#render/format/outcome.ts';
import { cleanText, openGate, terminalLine, terminalText } from '#render/format/terminal.ts';
import { renderCommandHelp, renderOverview } from '#render/views/help.ts';
import { checkArguments, readCommandLine } from './argv.ts';

/** The process, as `main.ts` hands it in. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opened for who reads it: that takes Node 3 ms. */
  openStdin(): NodeJS.ReadableStream;
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
  const found = readCommandLine(commands, argv);
  if (!found) {
    await given.writeOut(renderOverview(commands, given.version, columnsOf(given.terminal)));
    return exitCode.ok;
  }
  const { command, parsed, words } = found;
  if (parsed.help === true) {
    await given.writeOut(renderCommandHelp(command, flagsOf(command), columnsOf(given.terminal)));
    return exitCode.ok;
  }
  const flags = readFlags(flagsOf(command), { ...parsed, ...command.flagsOfWords?.(words, parsed) });
  const output = readOutput(command, flags);
  const progress = progressLine(given.writeError, given.errorTerminal);
  const runtime = clearingFirst(given, progress);
  const terminal = flags['no-color'] === true ? { ...runtime.terminal, color: false } : runtime.terminal;
  const paper = paperOf(runtime, terminal);
  const show: Teller['progress'] = (line) => progress.show(cleanText(line));
  const { source, freshSource, close } = sourcesOf(flags, runtime, { progress: show, note: paper.say });
  // A directory's answers are as old as it is, and so is the clock that they are read by.
  const now = (readsDirectory(command, flags) ? (await source()).asOf : undefined) ?? runtime.now;
  try {
    const context: Context = {
      ...contextOf(commands, runtime),
      warn: paper.say,
      writeLines: paper.writeText,
      writeDocument: (document) => paper.writeText({ document }),
      again: againFor(flags, runtime.env),
      source,
      freshSource,
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
    await close();
  }
}

/** The command's own source, which is opened once, and others, which hear another signal and show no progress. */
function sourcesOf(
  flags: Readonly<Record<string, unknown>>,
  { env, signal, openSource }: Runtime,
  { progress, note }: Teller,
): Pick<Context, 'source' | 'freshSource'> & { close(): Promise<void> } {
  const open = async (heard: AbortSignal, own: Partial<GatewayOptions>, show: Teller['progress']): Promise<Source> => {
    const options = sourceOptions(flags, env);
    const gateway = { ...options.gateway, ...own };
    return namingIllTyped(await openSource({ ...options, gateway }, env, heard, { progress: show, note }), note);
  };
  let opened: Promise<Source> | undefined;
  return {
    source: () => (opened ??= open(signal, {}, progress)),
    freshSource: (heard, gateway = {}) => open(heard, gateway, () => {}),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

/** What a command has of the process, whatever its flags are. */
const contextOf = (commands: readonly Command[], runtime: Runtime) =>
  ({
    invoke: (args, overrides) =>
      run(commands, args, { ...runtime, ...overrides, env: { ...runtime.env, ...overrides?.env } }),
    signal: runtime.signal,
    openStdin: runtime.openStdin,
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
  writeText(text: Text | string): Promise<void>;
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
      const shown = typeof text === 'object' && 'document' in text ? gate.document(text.document) : gate.lines(text);
      if (shown !== '') await runtime.writeOut(shown);
    },
    say,
    end: () => {
      const replaced = gate.takeReplaced();
      if (replaced > 0)
        say(
          `${count(replaced, 'character')} shown as \ufffd, because a terminal may obey or hide them; a pipe gets them unchanged`,
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
