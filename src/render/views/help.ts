// Help, from the command objects themselves: an overview on one screen, and one page per command.

import type { Argument, Command } from '#command/command.ts';
import type { Flag, Flags } from '#command/flag.ts';
import { commonFlags, directoryFlags, gatewayFlags, kubeFlags, outputFlags } from '#command/flags.ts';
import { topics } from './help-topics.ts';

const program = 'kubectl istio-ingress';

const groups: readonly (readonly [Command['group'], string])[] = [
  ['ask', 'Ask'],
  ['look', 'Look at the live configuration of every gateway pod'],
  ['act', 'Act'],
  ['tool', 'The tool itself'],
];

/** `columns` of the terminal, Infinity when piped: lines are broken between words. */
export function renderOverview(commands: readonly Command[], version: string, columns: number): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const sections = groups.flatMap(([group, title]) => {
    const rows = commands.filter((command) => command.group === group);
    return rows.length === 0
      ? []
      : [`${title}:\n${rows.map((c) => hanging(`  ${c.name.padEnd(width)}  `, c.summary, columns)).join('\n')}\n`];
  });
  return [
    `${program} ${version}: every pod of an Istio ingress gateway at once\n`,
    `Usage: ${program} COMMAND [flags]\n`,
    ...sections,
    `Help for one command: ${program} COMMAND --help\n${topics.map(({ name, summary }) => hanging(`  ${program} help ${name}: `, summary, columns)).join('\n')}\n`,
  ].join('\n');
}

export function renderCommandHelp(command: Command, flags: Flags, columns: number): string {
  const own = pick(flags, (name) => name in command.flags);
  const output = pick(flags, (name) => name in outputFlags && !(name in command.flags));
  const gateway = pick(flags, (name) => (name in gatewayFlags || name in directoryFlags) && !(name in command.flags));
  const kube = pick(flags, (name) => name in kubeFlags && !(name in command.flags));
  return [
    `${hanging('', command.summary, columns)}\n`,
    `Usage: ${[program, command.name, ...(command.arguments ?? []).map(describeArgument)].join(' ')} [flags]`,
    command.aliases?.length ? `Alias: ${command.aliases.join(', ')}` : '',
    (command.arguments ?? []).map((a) => hanging(`  ${a.name}: `, a.describe, columns)).join('\n'),
    command.details === undefined ? '' : `\n${paragraphs(command.details, columns)}`,
    section('Examples', command.examples.map((e) => `  # ${e.describe}\n  ${program} ${e.args}`).join('\n')),
    section('Flags', renderFlags({ ...own, ...output, ...pick(flags, (name) => name in commonFlags) }, columns)),
    section('Which gateway', renderFlags(gateway, columns)),
    section('How to reach the API server', renderNames(kube, columns)),
  ]
    .filter((part) => part !== '')
    .join('\n')
    .concat('\n');
}

const pick = (flags: Flags, wanted: (name: string) => boolean): Flags =>
  Object.fromEntries(Object.entries(flags).filter(([name]) => wanted(name)));

const section = (title: string, body: string): string => (body === '' ? '' : `\n${title}:\n${body}`);

function describeArgument(argument: Argument): string {
  const name = argument.variadic ? `${argument.name}...` : argument.name;
  return argument.optional ? `[${name}]` : name;
}

function renderFlags(flags: Flags, columns: number): string {
  const rows = Object.entries(flags).map(([name, flag]) => [describeFlag(name, flag), describeValues(flag)] as const);
  const width = Math.min(34, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) =>
      left.length > width
        ? `  ${left}\n${hanging(' '.repeat(width + 4), right, columns)}`
        : hanging(`  ${left.padEnd(width)}  `, right, columns),
    )
    .join('\n');
}

/** `text` behind `head`, and its other lines under it. On a narrow terminal it may take half of the line at least. */
function hanging(head: string, text: string, columns: number): string {
  const indent = Math.min(head.length, Math.floor(columns / 2));
  const lines: string[] = [];
  let room = columns - head.length;
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
    if (lines.length > 1) room = columns - indent;
  }
  return head + lines.join(`\n${' '.repeat(indent)}`);
}

/** What is indented is for copying, and stays. */
function paragraphs(text: string, columns: number): string {
  return text
    .trim()
    .split('\n')
    .map((line) => (line.startsWith(' ') ? line : hanging('', line, columns)))
    .join('\n');
}

/** kubectl's own flags by their names only: users of kubectl know them, and help stays on one screen. */
function renderNames(flags: Flags, columns: number): string {
  const names = Object.entries(flags).map(
    ([name, flag]) => `${flag.short === undefined ? '' : `-${flag.short},\u00a0`}--${name}`,
  );
  if (names.length === 0) return '';
  return `${hanging('  ', names.join(' '), Math.min(columns, 98)).replaceAll('\u00a0', ' ')}\n  (as kubectl takes them)`;
}

function describeFlag(name: string, flag: Flag): string {
  const long = flag.type === 'boolean' ? `--${name}` : `--${name} ${flag.value ?? flag.type.toUpperCase()}`;
  return flag.short === undefined ? `    ${long}` : `-${flag.short}, ${long}`;
}

function describeValues(flag: Flag): string {
  const choices = 'choices' in flag && flag.choices ? ` (${flag.choices.join(', ')})` : '';
  const preset = 'default' in flag && flag.default !== undefined ? ` (default ${flag.default})` : '';
  return `${flag.describe}${choices}${preset}`;
}
