// The process: argv, environment, signals, streams and the exit code. Nothing else touches `process`.

import type { Command, Terminal } from '#command/command.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { exitCode } from '#core/exit-code.ts';
import { forgotten, whyRefused } from '#core/node-environment.ts';
import type { Source, Teller } from '#core/source.ts';
import type { SourceOptions } from '#core/source-options.ts';
import { type Output, openOutput } from '#files/output.ts';
import { version } from './version.gen.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export async function main(): Promise<void> {
  endOnDefect();
  const stderr = openOutput(2, () => process.stderr, process.platform);
  const refused = whyRefused(process.env);
  if (refused !== undefined) {
    await stderr.write(refused).catch(() => {});
    process.exit(2);
  }
  const env = { ...process.env };
  for (const name of forgotten) delete process.env[name];
  const argv = process.argv.slice(2);
  const stdout = openOutput(1, () => process.stdout, process.platform);
  // kubectl runs the program by another name to complete its words; shells say it with a word.
  if (/\bkubectl_complete-[^/\\]*$/.test(process.argv0)) return printCompletion(stdout, argv);
  if (argv[0] === '__complete') return printCompletion(stdout, argv.slice(1));
  // The binary has said it already (scripts/binary/boot.cjs).
  if (argv.length === 1 && argv[0] === '--version') {
    return write(stdout, `${version}\n`).catch(onUnwritten);
  }
  const signal = abortOnSignals();
  const [{ run }, commands] = await Promise.all([import('./cli.ts'), commandsFor(argv)]);
  // Until it is known: a process that has nothing left to wait for has not done what it was asked for.
  process.exitCode = exitCode.failed;
  process.once('beforeExit', sayNothingLeft);
  const code = await run(commands, argv, {
    env,
    openStdin: () => process.stdin,
    writeOut: (text) => write(stdout, text),
    // A reader of stderr that has gone is nobody to tell.
    writeError: (text) => void stderr.write(text).catch(() => {}),
    terminal: terminalOf(stdout),
    get errorTerminal() {
      return terminalOf(stderr);
    },
    now: new Date(),
    signal,
    version,
    openSource,
  });
  process.off('beforeExit', sayNothingLeft);
  process.exitCode = code;
}

function sayNothingLeft(): void {
  process.stderr.write('error: the command did not end, and nothing is left that it could wait for\n');
}

/**
 * What nobody caught ends the process as a failure, in one line: Node's own end is a stack trace and a 1, which means
 * findings. Warnings of libraries are for who writes them, and may quote what they read.
 */
function endOnDefect(): void {
  process.removeAllListeners('warning');
  process.on('warning', () => {});
  process.on('uncaughtException', (thrown: unknown) => {
    const { message } = asToolError(thrown, 'go on');
    const line = message.replace(/\p{C}+/gu, ' ').slice(0, 300);
    process.stderr.write(`error: ${line}; this is a defect of kubectl istio-ingress: please report it\n`, () =>
      process.exit(exitCode.failed),
    );
  });
}

/**
 * The command that is meant, where that is plain and it knows no other; a start must not pay for the code of all of
 * them.
 */
async function commandsFor([word = '']: readonly string[]): Promise<readonly Command[]> {
  const { loaders } = await import('#commands/one.gen.ts');
  const one = Object.hasOwn(loaders, word) ? await loaders[word]?.() : undefined;
  return one !== undefined && !one.knowsOthers ? [one] : (await import('#commands/all.gen.ts')).commands;
}

/** Ends the process, whatever is still under way: who pressed Tab waits. */
async function printCompletion(stdout: Output, words: readonly string[]): Promise<void> {
  // A lone word is one that may still become another command's.
  const [{ complete }, commands] = await Promise.all([
    import('#completion/complete.ts'),
    commandsFor(words.length > 1 ? words : []),
  ]);
  const inBackground = process.env.KII_COMPLETION === 'background';
  const text = await complete(commands, words, {
    env: process.env,
    now: Date.now(),
    limitMs: inBackground ? 10_000 : 250,
    openSource: (options, signal) => openSource(options, process.env, signal, { progress: () => {}, note: () => {} }),
    askLater: async () => {
      if (!inBackground) (await import('#completion/background.ts')).completeInBackground(process);
    },
  });
  await stdout.write(text).catch(() => {});
  process.exit(0);
}

/** Loaded only when a command asks for a source: help and wrong flags must not pay for the network code. */
async function openSource(
  options: SourceOptions,
  env: Environment,
  signal: AbortSignal,
  teller: Teller,
): Promise<Source> {
  if (options.from !== undefined) {
    const { openSaved } = await import('#source/saved.ts');
    return openSaved(options.from, options, signal, teller);
  }
  const { openLive } = await import('#source/live.ts');
  return openLive(options, env, signal, teller);
}

/**
 * Ctrl-C and SIGTERM abort the one signal that every stream hangs on; a second one, of whatever name, ends the process
 * at once.
 */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (name: NodeJS.Signals): void => {
    for (const one of names) process.off(one, onSignal);
    controller.abort(new ToolError('interrupted', `interrupted by ${name}`));
  };
  for (const name of names) process.on(name, onSignal);
  return controller.signal;
}

/** Resolves when the text is handed over; rejects when the reader has gone (`| head`), which `run` takes for success. */
async function write(output: Output, text: string): Promise<void> {
  try {
    await output.write(text);
  } catch (error) {
    throw asWriteError(error);
  }
}

function onUnwritten(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = exitCode.failed;
}

/** `run` knows a reader that has gone by the error as it is. */
function asWriteError(error: unknown): unknown {
  const failure = asToolError(error, 'write the output');
  return failure.code === 'machine' ? failure : error;
}

function terminalOf(output: Output): Terminal {
  const device = output.device();
  const isTTY = device?.isTTY === true;
  return {
    isTTY,
    columns: device?.columns || 80,
    color: isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
  };
}
