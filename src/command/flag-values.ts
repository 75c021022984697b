// From what yargs found to what a command gets: one value per flag, of the flag's type, or a usage error.

import { parseDuration } from '#core/duration.ts';
import { ToolError } from '#core/error.ts';
import { nearest } from '#core/suggestion.ts';
import type { Command, OutputFormat } from './command.ts';
import { outputFormats } from './command.ts';
import type { Flag, Flags } from './flag.ts';

/** The value of every flag by its name; throws `usage` for repeats, wrong types and values that are no choice. */
export function readFlags(flags: Flags, parsed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, readFlag(name, flag, parsed[name])]));
}

function readFlag(name: string, flag: Flag, value: unknown): unknown {
  if (flag.type === 'boolean') return Array.isArray(value) ? repeated(name) : value === true;
  if (flag.type === 'strings') return readList(name, flag, value);
  if (Array.isArray(value)) return repeated(name);
  const given = value ?? flag.default;
  return given === undefined ? undefined : readText(name, flag, String(given));
}

function readList(
  name: string,
  { choices, raw }: Flag & { readonly type: 'strings' },
  value: unknown,
): readonly string[] {
  const given = value === undefined ? [] : [value].flat().map(String);
  const values = raw ? given : given.flatMap((one) => one.split(','));
  for (const one of values) checkChoice(name, choices, one);
  return values;
}

function readText(name: string, flag: Exclude<Flag, { readonly type: 'boolean' | 'strings' }>, text: string): unknown {
  if (flag.type === 'duration') return parseDuration(text, name);
  if (flag.type === 'number') return readNumber(name, text, flag.least);
  checkChoice(name, flag.choices, text);
  if (text === '') throw new ToolError('usage', `--${name} needs a value`);
  return text;
}

/** yargs makes an array of a repeated flag; a filter that silently became one would answer another question. */
function repeated(name: string): never {
  throw new ToolError('usage', `--${name} is given more than once`);
}

function readNumber(name: string, text: string, least = 0): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least || text.trim() === '')
    throw new ToolError('usage', `--${name} takes a number, not "${text}"`);
  return value;
}

function checkChoice(name: string, choices: readonly string[] | undefined, value: string): void {
  if (choices === undefined || choices.includes(value)) return;
  const near = nearest(value, choices);
  throw new ToolError('usage', `--${name} takes ${choices.join(', ')}; not "${value}"`, {
    hint: near && `did you mean ${near}?`,
  });
}

export interface Output {
  readonly format: OutputFormat;
  /** Of `jsonpath=TEMPLATE`. */
  readonly template: string | undefined;
}

/** `-o` as this command takes it. */
export function readOutput(command: Command, flags: Record<string, unknown>): Output {
  const text = flags.output;
  if (typeof text !== 'string') return { format: 'table', template: undefined };
  const [name, ...rest] = text.split('=');
  const template = name === 'jsonpath' ? rest.join('=') : undefined;
  const offered = command.outputs ?? outputFormats.filter((format) => format !== 'envoy');
  const format = offered.find((one) => one === name);
  if (format === undefined || (format !== 'jsonpath' && rest.length > 0)) {
    const near = nearest(String(name), offered);
    throw new ToolError('usage', `-o of ${command.name} takes ${offered.join(', ')}; not "${text}"`, {
      hint: near && `did you mean ${near}?`,
    });
  }
  if (format === 'jsonpath' && template === '')
    throw new ToolError('usage', "-o jsonpath needs a template, e.g. -o jsonpath='{.items[*].name}'");
  return { format, template };
}
