// istioctl's command lines in our words: what runbooks and fingers know leads to the command that answers.
//   pc routes ds/istio-ingressgateway -n NS        routes -g ds/istio-ingressgateway -n NS
//   proxy-config secret POD.NS                     secret --pod POD -n NS
//   routes ds/istio-ingressgateway                 routes -g ds/istio-ingressgateway
//   proxy-status                                   status
// Source: istioctl proxy-config and proxy-status; istio istioctl/pkg/util/handlers (InferPodInfo).

import { ToolError } from '#core/error.ts';
import type { Command } from './command.ts';

/** Kinds of `proxy-config` whose name is not a command's. */
const kinds: Readonly<Record<string, string>> = { all: 'config-dump', log: 'log-level' };

/** The same words where the first is none of istioctl's. Throws `usage` for a kind that no command answers. */
export function inOurWords(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  const [first = '', ...rest] = argv;
  if (first === 'proxy-status') return ['status', ...target(rest)];
  if (first !== 'pc' && first !== 'proxy-config')
    return takesWorkload(first, rest, commands) ? [first, ...target(rest)] : argv;
  const [kind = '', ...after] = rest;
  const name = kinds[kind] ?? kind;
  if (commands.some((command) => command.group !== 'tool' && [command.name, ...(command.aliases ?? [])].includes(name)))
    return [name, ...target(after)];
  const looks = commands.filter(({ group }) => group === 'look').map((command) => command.name);
  throw new ToolError('usage', `${first} needs a kind${kind === '' ? '' : `, not "${kind}"`}`, {
    hint: `one of ${looks.join(', ')}; all of them are commands of their own`,
  });
}

/** `routes ds/istio-ingressgateway`: fingers that know istioctl leave out `pc` sooner than the workload. */
function takesWorkload(first: string, [word]: readonly string[], commands: readonly Command[]): boolean {
  const command = commands.find(({ name, aliases = [] }) => [name, ...aliases].includes(first));
  const isPlain = command?.group === 'look' && (command.arguments ?? []).length === 0;
  return isPlain && /^[a-z]+\/./.test(word ?? '');
}

/** istioctl's first word after the kind is a workload or a pod; ours are flags. */
function target([word, ...rest]: readonly string[]): readonly string[] {
  if (word === undefined || word.startsWith('-')) return word === undefined ? [] : [word, ...rest];
  if (word.includes('/')) return ['--gateway', word, ...rest];
  const [pod = '', namespace] = word.split('.');
  return ['--pod', pod, ...(namespace === undefined ? [] : ['--namespace', namespace]), ...rest];
}
