// What a command is: data about it, and a function from what was typed to an outcome that `cli.ts` prints.

import type { ExitCode } from '#core/exit-code.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { NextStep } from '#core/shell.ts';
import type { Source } from '#core/source.ts';
import type { GatewayOptions } from '#core/source-options.ts';
import type { Completes, Flags, FlagValues } from './flag.ts';

export interface Example {
  /** The words after `kubectl istio-ingress`. */
  readonly args: string;
  readonly describe: string;
}

export interface Argument {
  readonly name: string;
  readonly describe: string;
  readonly optional?: boolean;
  readonly variadic?: boolean;
  /** Beside names of commands, where it completes those. */
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

export const outputFormats = ['table', 'wide', 'json', 'yaml', 'name', 'jsonpath', 'envoy'] as const;
/** `openmetrics` is for the few commands whose answers are measured. */
export type OutputFormat = (typeof outputFormats)[number] | 'openmetrics';

export interface Terminal {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly color: boolean;
}

/** Everything a command may use. What needs a cluster is behind a function, so that help and bad flags need none. */
export interface Context {
  source(): Promise<Source>;
  /**
   * Another source, which hears only this signal and finds the gateway anew: for what must still be done after Ctrl-C,
   * and for what changes in the meantime. `gateway` replaces flags. The caller closes it.
   */
  freshSource(signal: AbortSignal, gateway?: Partial<GatewayOptions>): Promise<Source>;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly output: OutputFormat;
  /** Repeats the flags that chose cluster and gateway in a command of kubectl or of this tool. */
  again(step: NextStep): string;
  /** One line for people, on stderr. */
  warn(line: string): void;
  /** What long work is at, in one line on stderr that the next one replaces; nothing where stderr is no terminal. */
  progress(line: string): void;
  /**
   * stdout, for commands that stream; both resolve when more may follow (back-pressure). Lines that are one text have
   * their ends.
   */
  writeLines(lines: readonly string[] | string): Promise<void>;
  writeDocument(text: string): Promise<void>;
  readonly terminal: Terminal;
  /** stdin, environment: read by the few commands that need them. */
  openStdin(): NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All commands, for help, completion and the demo's tour. */
  readonly commands: readonly Command[];
  readonly version: string;
  /** Runs another command line of this tool in the same process, with another environment or clock. */
  invoke(
    args: readonly string[],
    overrides?: { readonly env?: Readonly<Record<string, string>>; readonly now?: Date },
  ): Promise<ExitCode>;
}

/**
 * What goes to stdout: lines of ours, without their ends, in each of which a line end is somebody else's; or a document,
 * whose bytes stay as they are but on a terminal.
 */
export type Text = readonly string[] | { readonly document: string };

export interface Style {
  readonly color: boolean;
  /** Columns of the terminal; Infinity when piped. */
  readonly columns: number;
  readonly wide: boolean;
  readonly now: Date;
}

/** How items of one kind become text; implementations are in `render`. */
export interface View<Item> {
  /** `RouteList`: the kind of the JSON document, and the name of its schema. */
  readonly kind: string;
  table(items: readonly Item[], answer: Answer<Item>, style: Style): Text;
  /** `-o name`: one line per item, whatever is in it. */
  name(item: Item): string;
  /** What `-o json` shows of the item; the item itself where it is not given. */
  json?(item: Item, now: Date): unknown;
  /** `-o envoy`: one pod's document, of the dumps that its question kept. */
  envoy?(...dumps: readonly unknown[]): unknown;
  /** `-o openmetrics`: the whole exposition. */
  openmetrics?(items: readonly Item[], answer: Answer<Item>, now: Date): string;
}

/** A question's answer and how it is shown. */
export interface Answer<Item = unknown> extends QuestionAnswer<Item> {
  readonly view: View<Item>;
  /** The flag whose limit or expectation a script goes by: with nothing to hold it against, the exit code is 3. */
  readonly judges?: string | undefined;
}

/** An outcome without pods: text that is ready, or what was streamed already. */
export interface TextOutcome {
  readonly text: Text;
  readonly exitCode?: ExitCode;
}

export type Outcome = Answer | TextOutcome;

export interface Command<F extends Flags = Flags> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, no final stop. */
  readonly summary: string;
  /** More for `--help`; plain text. */
  readonly details?: string;
  readonly group: 'look' | 'ask' | 'act' | 'tool';
  readonly examples: readonly Example[];
  readonly arguments?: readonly Argument[];
  readonly flags: F;
  /** Flags that words stand for: `diff BEFORE AFTER` is `diff --against BEFORE --from AFTER`. Throws `usage`. */
  readonly flagsOfWords?: (
    words: readonly string[],
    flags: Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, string>>;
  /** Formats that `-o` takes; all but `envoy` where not given. Empty: there is no `-o`. */
  readonly outputs?: readonly OutputFormat[];
  /** False: the command never reads a cluster; kubectl's flags are not offered. */
  readonly usesCluster?: boolean;
  /** True: it needs the cluster itself, a directory (`--from`) does not do. */
  readonly needsLive?: boolean;
  /** True: it runs or describes other commands, which are then loaded with it. */
  readonly knowsOthers?: boolean;
  run(context: Context, flags: FlagValues<F>, args: readonly string[]): Promise<Outcome>;
}

/** The identity function, for its types. The result is erased to what the list of commands holds. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  return command as unknown as Command;
}

/** An answer typed by its items, erased to what `cli.ts` prints. */
export function answer<Item>(a: Answer<Item>): Answer {
  return a as unknown as Answer;
}
