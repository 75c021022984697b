// The process: argv, environment, signals, streams and the exit code. Nothing else touches `process`.

import { run } from './cli.ts';
import { commands } from '#commands/all.gen.ts';
import { ToolError } from '#core/error.ts';
import type { Source, SourceOptions } from '#core/source.ts';
import type { Terminal } from '#core/command.ts';
import { version } from './version.gen.ts';

export async function main(): Promise<void> {
  const signal = abortOnSignals();
  const stdout = process.stdout;
  process.exitCode = await run(commands, process.argv.slice(2), {
    env: process.env,
    stdin: process.stdin,
    writeOut: (text) => write(stdout, text),
    writeError: (text) => void process.stderr.write(text),
    terminal: terminalOf(stdout),
    errorTerminal: terminalOf(process.stderr),
    now: new Date(),
    signal,
    version,
    openSource,
  });
}

/** Loaded only when a command asks for a source: help and wrong flags must not pay for the network code. */
async function openSource(options: SourceOptions, signal: AbortSignal): Promise<Source> {
  const { openLive } = await import('#source/live.ts');
  return openLive(options, process.env, signal);
}

/** Ctrl-C and SIGTERM abort the one signal that every stream hangs on; a second Ctrl-C ends the process at once. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => controller.abort(new ToolError('interrupted', `interrupted by ${name}`)));
  }
  return controller.signal;
}

/** A reader that has gone (`| head`) is success: the write never settles, and the process ends with what it has. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function terminalOf(stream: NodeJS.WriteStream): Terminal {
  const isTTY = stream.isTTY === true;
  return { isTTY, columns: stream.columns || 80, color: isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb' };
}
