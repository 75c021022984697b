// Commands that are printed for the next step ask the same cluster and gateway: what chose them is repeated.

import { quoted } from '#core/shell.ts';
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
const needsCluster =
  /^kubectl istio-ingress (?:admin|config-dump|doctor|log-level|logs|port-forward|top|wait)(?: |$)| --served$/;

/** `flags` as they are after reading, and the environment, which may choose the gateway too. */
export function againFor(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Again {
  const { from } = flags;
  if (from !== undefined)
    return (step) => (isOurs(step) && !needsCluster.test(step) ? `${step} --from ${quoted(`${from}`)}` : step);
  const cluster = wordsOf(ofCluster, flags);
  const gateway = wordsOf(ofGateway, inEnvironment(flags, env));
  const extra = wordsOf(['as-user-extra'], flags);
  return (step) =>
    isOurs(step) ? `${step}${gateway}${cluster}${extra}` : step.replace(/^kubectl(?= )/, () => `kubectl${cluster}`);
}

const isOurs = (step: string): boolean => step.startsWith('kubectl istio-ingress ');

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

function wordsOf(names: readonly string[], values: Readonly<Record<string, unknown>>): string {
  const words = names.flatMap((name) => [values[name]].flat().map((value) => [name, value] as const));
  return words
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? ` --${name}` : ` --${name} ${quoted(`${value}`)}`))
    .join('');
}

export const nextStepsAgain = <T extends { readonly next: readonly string[] }>(all: readonly T[], again: Again): T[] =>
  all.map((one) => ({ ...one, next: one.next.map(again) }));
