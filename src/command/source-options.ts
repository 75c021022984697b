// The shared flags of flags.ts, read into what opens a source.

import { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import { defaultNamespace, type SourceOptions } from '#core/source-options.ts';

/** What the shared flags and the environment say about the cluster and the gateway. */
export function sourceOptions(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): SourceOptions {
  const text = (name: string): string | undefined => flags[name] as string | undefined;
  if (text('gateway') !== undefined && text('selector') !== undefined)
    throw new ToolError('usage', '--gateway and --selector cannot be used together');
  const from = text('from');
  const live = ['kubeconfig', 'context', 'cluster', 'server', 'namespace', 'gateway', 'selector'].find(
    (name) => text(name) !== undefined,
  );
  if (from !== undefined && live !== undefined)
    throw new ToolError('usage', `--from and --${live} cannot be used together: what is saved is one gateway`);
  return {
    from,
    kube: {
      kubeconfig: text('kubeconfig'),
      context: text('context'),
      cluster: text('cluster'),
      user: text('user'),
      server: text('server'),
      token: text('token'),
      as: text('as'),
      asGroup: flags['as-group'] as readonly string[],
      asUid: text('as-uid'),
      asUserExtra: flags['as-user-extra'] as readonly string[],
      certificateAuthority: text('certificate-authority'),
      clientCertificate: text('client-certificate'),
      clientKey: text('client-key'),
      insecureSkipTlsVerify: flags['insecure-skip-tls-verify'] as boolean,
      tlsServerName: text('tls-server-name'),
      requestTimeoutMs: flags['request-timeout'] as number | undefined,
    },
    gateway: {
      namespace: text('namespace') ?? env.KII_NAMESPACE ?? defaultNamespace,
      gateway: text('gateway') ?? (text('selector') === undefined ? env.KII_GATEWAY : undefined),
      selector: text('selector'),
      pod: text('pod'),
      node: text('node'),
      istioNamespace: text('istio-namespace') as string,
    },
    parallel: atLeastOne((flags.parallel as number | undefined) ?? limits.parallelPods),
    podTimeoutMs: (flags['pod-timeout'] as number | undefined) ?? limits.podMs,
    maxAnswerBytes: ((flags['max-dump'] as number | undefined) ?? limits.answerBytes / 1024 / 1024) * 1024 * 1024,
    dumpsThroughExec: flags['exec-dump'] === true,
  };
}

function atLeastOne(parallel: number): number {
  if (Number.isInteger(parallel) && parallel >= 1) return parallel;
  throw new ToolError('usage', `--parallel takes a whole number from 1 on, not ${parallel}`);
}
