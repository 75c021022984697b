// Commands that are printed for the next step ask the same cluster and gateway: what chose them is repeated.

import { gatewayFlags } from './flags.ts';

/** Repeats the flags in a command of kubectl or of this tool; other advice stays as it is. */
export type Again = (step: string) => string;

/** `--token` is not among them: what is printed ends up in tickets. */
const ofCluster = ['kubeconfig', 'context', 'cluster', 'user', 'server', 'as', 'as-group'];
const ofGateway = ['namespace', 'gateway', 'selector', 'istio-namespace'];

/** `flags` as they are after reading, and the environment, which may choose the gateway too. A directory (`--from`) is not repeated: some steps need the cluster. */
export function againFor(flags: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string | undefined>>): Again {
  if (flags.from !== undefined) return (step) => step;
  const cluster = wordsOf(ofCluster, flags);
  const gateway = wordsOf(ofGateway, {
    namespace: env.KII_NAMESPACE,
    ...(flags.selector === undefined ? { gateway: env.KII_GATEWAY } : {}),
    ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
  });
  return (step) => {
    if (step.startsWith('kubectl istio-ingress ')) return `${step}${gateway}${cluster}`;
    return step.replace(/^kubectl(?= )/, () => `kubectl${cluster}`);
  };
}

function wordsOf(names: readonly string[], values: Readonly<Record<string, unknown>>): string {
  const given = names.filter((name) => values[name] !== undefined && values[name] !== defaults[name]);
  return given.flatMap((name) => [values[name]].flat().map((value) => ` --${name} ${quoted(`${value}`)}`)).join('');
}

const defaults: Readonly<Record<string, unknown>> = { namespace: 'istio-system', 'istio-namespace': gatewayFlags['istio-namespace'].default };

/** For a POSIX shell. */
const quoted = (value: string): string => (/^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);

export const nextStepsAgain = <T extends { readonly next: readonly string[] }>(all: readonly T[], again: Again): T[] =>
  all.map((one) => ({ ...one, next: one.next.map(again) }));
