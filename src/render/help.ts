// Help, from the command objects themselves: an overview on one screen, and one page per command.

import type { Argument, Command, Flag, Flags } from '#core/command.ts';
import { commonFlags, directoryFlags, gatewayFlags, kubeFlags, outputFlags } from '#core/flags.ts';

const program = 'kubectl istio-ingress';

const groups: readonly (readonly [Command['group'], string])[] = [
  ['ask', 'Ask'],
  ['look', 'Look at the live configuration of every gateway pod'],
  ['act', 'Act'],
  ['tool', 'The tool itself'],
];

export function renderOverview(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const sections = groups.flatMap(([group, title]) => {
    const rows = commands.filter((command) => command.group === group);
    return rows.length === 0 ? [] : [`${title}:\n${rows.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`).join('\n')}\n`];
  });
  return [
    `${program} ${version}: every pod of an Istio ingress gateway at once\n`,
    `Usage: ${program} COMMAND [flags]\n`,
    ...sections,
    `Help for one command: ${program} COMMAND --help\n`,
  ].join('\n');
}

export function renderCommandHelp(command: Command, flags: Flags): string {
  const own = pick(flags, (name) => name in command.flags);
  const output = pick(flags, (name) => name in outputFlags && !(name in command.flags));
  const gateway = pick(flags, (name) => (name in gatewayFlags || name in directoryFlags) && !(name in command.flags));
  const kube = pick(flags, (name) => name in kubeFlags && !(name in command.flags));
  return [
    `${command.summary}\n`,
    `Usage: ${[program, command.name, ...(command.arguments ?? []).map(describeArgument)].join(' ')} [flags]`,
    command.aliases?.length ? `Alias: ${command.aliases.join(', ')}` : '',
    (command.arguments ?? []).map((a) => `  ${a.name}: ${a.describe}`).join('\n'),
    command.details === undefined ? '' : `\n${command.details.trim()}`,
    section('Examples', command.examples.map((e) => `  # ${e.describe}\n  ${program} ${e.args}`).join('\n')),
    section('Flags', renderFlags({ ...own, ...output, ...pick(flags, (name) => name in commonFlags) })),
    section('Which gateway', renderFlags(gateway)),
    section('How to reach the API server', renderNames(kube)),
  ]
    .filter((part) => part !== '')
    .join('\n')
    .concat('\n');
}

const pick = (flags: Flags, wanted: (name: string) => boolean): Flags =>
  Object.fromEntries(Object.entries(flags).filter(([name, flag]) => wanted(name) && flag.hidden !== true));

const section = (title: string, body: string): string => (body === '' ? '' : `\n${title}:\n${body}`);

function describeArgument(argument: Argument): string {
  const name = argument.variadic ? `${argument.name}...` : argument.name;
  return argument.optional ? `[${name}]` : name;
}

function renderFlags(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, flag]) => [describeFlag(name, flag), describeValues(flag)] as const);
  const width = Math.min(34, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => (left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`)).join('\n');
}

/** kubectl's own flags are known to whoever calls it: names only, so that help stays on one screen. */
function renderNames(flags: Flags): string {
  const names = Object.entries(flags).map(([name, flag]) => `${flag.short === undefined ? '' : `-${flag.short}, `}--${name}`);
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < 96) lines[lines.length - 1] = `${last}  ${name}`;
    else lines.push(`  ${name}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n  (as kubectl takes them)`;
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
