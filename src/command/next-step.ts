// Commands that are printed for the next step ask the same cluster and gateway: what chose them is repeated.

import { flagWords, type NextStep, type Step, stepText } from '#core/shell.ts';
import { defaultNamespace } from '#core/source-options.ts';
import type { Context } from './command.ts';

/** Advice that is no command of kubectl or of this tool stays as it is. */
type Again = Context['again'];

/** `--token` is not among them: what is printed ends up in tickets. */
const ofCluster = [
  'kubeconfig',
  'context',
  'cluster',
  'user',
  'server',
  'certificate-authority',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'client-certificate',
  'client-key',
  'as',
  'as-group',
  'as-uid',
];
const ofGateway = ['namespace', 'gateway', 'selector', 'istio-namespace'];

/** Of these a directory knows nothing. */
const needsCluster: ReadonlySet<string | undefined> = new Set([
  'admin',
  'config-dump',
  'doctor',
  'log-level',
  'logs',
  'port-forward',
  'snapshot',
  'top',
  'wait',
]);

/** `flags` as they are after reading, and the environment, which may choose the gateway too. */
export function againFor(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Again {
  const { from } = flags;
  const words = from === undefined ? wordsOfCluster(flags, env) : wordsOfDirectory(`${from}`);
  return (next) => stepText(typeof next === 'string' ? next : { ...next, words: words(next.words) });
}

type AddWords = (words: Step['words']) => Step['words'];

const isOurs = ([, name]: Step['words']): boolean => name === 'istio-ingress';

const wordsOfDirectory =
  (from: string): AddWords =>
  (words) =>
    isOurs(words) && !needsCluster.has(words[2]) && !words.includes('--served')
      ? [...words, ...flagWords({ from })]
      : words;

/** kubectl's own commands take them before, as its manual has them. */
function wordsOfCluster(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): AddWords {
  const cluster = flagWords(chosen(ofCluster, flags));
  const gateway = flagWords(chosen(ofGateway, inEnvironment(flags, env)));
  const extra = flagWords(chosen(['as-user-extra'], flags));
  return (words) => {
    const [program = '', ...rest] = words;
    if (program !== 'kubectl') return words;
    return isOurs(words) ? [...words, ...gateway, ...cluster, ...extra] : [program, ...cluster, ...rest];
  };
}

/** Defaults are left out. What the environment says is added: the command may be pasted into another environment. */
function inEnvironment(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const { KII_NAMESPACE: namespaceByItself = defaultNamespace } = env;
  const namespace = flags.namespace ?? namespaceByItself;
  const istioNamespace = flags['istio-namespace'];
  return {
    namespace: namespace === defaultNamespace && namespaceByItself === namespace ? undefined : namespace,
    gateway: flags.gateway ?? (flags.selector === undefined ? env.KII_GATEWAY : undefined),
    selector: flags.selector,
    'istio-namespace': istioNamespace === defaultNamespace ? undefined : istioNamespace,
  };
}

const chosen = (names: readonly string[], values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, values[name]]));

/** What is printed of it is text. */
type Printed<T> = Omit<T, 'next'> & { readonly next: readonly string[] };

export const nextStepsAgain = <T extends { readonly next: readonly NextStep[] }>(
  all: readonly T[],
  again: Again,
): Printed<T>[] => all.map((one) => ({ ...one, next: one.next.map(again) }));
