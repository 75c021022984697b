// Which cluster, as whom: what kubectl's flags choose from the kubeconfig, or the service account of the pod that this
// runs in. Source of every rule: client-go tools/clientcmd (client_config.go, overrides.go, validation.go),
// rest/config.go InClusterConfig; test/support/access-rows.ts has a row for each rule, and says where the real kubectl
// does otherwise.

import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node';
import { ToolError } from '#core/error.ts';
import type { KubeOptions } from '#core/source-options.ts';
import { nearest } from '#core/suggestion.ts';
import type { ExecSpec } from './exec-plugin.ts';
import {
  giveAnother,
  type Impersonation,
  isEmpty,
  type KubeCluster,
  type Kubeconfig,
  type KubeUser,
  kubeconfigFiles,
  loadFiles,
} from './kubeconfig.ts';
import type { ContextFields } from './kubeconfig-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What requests are made with. */
export interface Access {
  readonly contextName: string;
  /** Kubeconfigs that were read; none in a pod. */
  readonly files: readonly string[];
  readonly cluster: Cluster;
  /** Without the token file and the plugin, which are fields of their own. */
  readonly user: User;
  /** Read again every minute; before the user's token. */
  readonly tokenFile: string | undefined;
  /** The plugin that gives the credentials. exec-plugin.ts runs it, not client-node's KubeConfig. */
  readonly exec: ExecSpec | undefined;
  readonly impersonate: Impersonation;
}

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Throws ToolError `kubeconfig`, `usage`, or `not-found` for a context, cluster or user that is not there. */
export async function readAccess(
  options: KubeOptions,
  env: Environment,
  { serviceAccount = serviceAccountFolder, signal }: { serviceAccount?: string; signal?: AbortSignal } = {},
): Promise<Access> {
  checkFlags(options);
  const { files, absent } = kubeconfigFiles(options.kubeconfig, env);
  const loaded = await loadFiles(files, { signal });
  if (isEmpty(loaded) && options.server === undefined)
    return inCluster(options, env, serviceAccount) ?? nowhere(files, absent, withoutToken(env, serviceAccount));
  const contextName = options.context ?? loaded.currentContext ?? '';
  const context = contextOf(contextName, loaded, options);
  const user = userOf(context, loaded, options);
  const { pluginConfig, ...cluster } = clusterOf(contextName, context, loaded, options);
  return {
    contextName: contextName || '(none)',
    files,
    cluster: withClusterFlags(cluster, options),
    ...withUserFlags(user, options, pluginConfig),
    impersonate: impersonation(user.impersonate, options),
  };
}

function checkFlags({ insecureSkipTlsVerify, certificateAuthority }: KubeOptions): void {
  if (insecureSkipTlsVerify && certificateAuthority !== undefined)
    throw new ToolError('usage', '--insecure-skip-tls-verify and --certificate-authority cannot be used together');
}

/** `files`: those that are there, with nothing in them. `besides`: what else there could be. */
function nowhere(files: readonly string[], absent: readonly string[], besides: string): never {
  if (absent.length > 0)
    throw new ToolError(
      'kubeconfig',
      `cannot read the kubeconfig ${absent.join(', ')} of $KUBECONFIG: it does not exist`,
      { hint: giveAnother },
    );
  const why =
    files.length > 0
      ? `the first document of ${files.join(', ')} has no cluster, user or context`
      : 'there is no kubeconfig';
  throw new ToolError('kubeconfig', `cannot find a cluster: ${why}${besides}`, { hint: giveAnother });
}

function contextOf(name: string, { contexts }: Kubeconfig, options: KubeOptions): ContextFields | undefined {
  const context = contexts.get(name);
  if (context !== undefined) return context;
  const names = [...contexts.keys()];
  if (name !== '') {
    const near = nearest(name, names);
    throw new ToolError('not-found', `cannot use context "${name}": the kubeconfig has no such context`, {
      hint: near === undefined ? `contexts that exist: ${names.join(', ') || 'none'}` : `did you mean ${near}?`,
    });
  }
  if (options.cluster !== undefined || options.server !== undefined) return undefined;
  throw new ToolError('kubeconfig', 'cannot choose a cluster: the kubeconfig has no current context', {
    hint: names.length === 0 ? 'it has no context at all' : `choose one with --context: ${names.join(', ')}`,
  });
}

/** A cluster that only the context names may be absent where --server gives the address. */
function clusterOf(
  contextName: string,
  context: ContextFields | undefined,
  { clusters }: Kubeconfig,
  options: KubeOptions,
): KubeCluster {
  const name = options.cluster ?? context?.cluster ?? '';
  const cluster = clusters.get(name);
  const server = options.server ?? cluster?.server;
  const lacks = (entry: string, what: string): ToolError =>
    new ToolError('kubeconfig', `cannot use ${entry}: its entry in the kubeconfig has no ${what}`);
  if (cluster !== undefined && server) return cluster;
  if (cluster !== undefined) throw lacks(`cluster "${name}"`, 'server');
  if (options.cluster === undefined && server !== undefined) return { name: '', server, skipTLSVerify: false };
  if (name === '') throw lacks(`context "${contextName}"`, 'cluster');
  throw new ToolError('not-found', `cannot use cluster "${name}": the kubeconfig has no such cluster`, {
    hint: `clusters that exist: ${[...clusters.keys()].join(', ') || 'none'}`,
  });
}

/** A user that only the context names may be absent where flags say who it is. */
function userOf(context: ContextFields | undefined, { users }: Kubeconfig, options: KubeOptions): KubeUser {
  const name = options.user ?? context?.user;
  const user = users.get(name ?? '');
  if (user !== undefined) return user;
  const isGiven = options.token !== undefined || options.clientCertificate !== undefined;
  if (!name || (options.user === undefined && isGiven)) return { name: '' };
  throw new ToolError('not-found', `cannot use user "${name}": the kubeconfig has no such user`, {
    hint: `users that exist: ${[...users.keys()].join(', ') || 'none'}`,
  });
}

/**
 * A flag for the CA replaces insecure-skip-tls-verify too, and the other way round. The kubeconfig's tls-server-name is
 * not for a server that a flag gives.
 */
function withClusterFlags(cluster: Cluster, options: KubeOptions): Cluster {
  const { caData, caFile, skipTLSVerify, ...rest } = cluster;
  const isTrustGiven = options.insecureSkipTlsVerify === true || options.certificateAuthority !== undefined;
  const trust = isTrustGiven
    ? {
        skipTLSVerify: options.insecureSkipTlsVerify === true,
        ...(options.certificateAuthority === undefined ? {} : { caFile: options.certificateAuthority }),
      }
    : { skipTLSVerify, ...(caData ? { caData } : {}), ...(caFile ? { caFile } : {}) };
  const name = options.tlsServerName ?? (options.server === undefined ? cluster.tlsServerName : undefined);
  if (trust.skipTLSVerify && ('caData' in trust || 'caFile' in trust)) {
    throw new ToolError(
      'kubeconfig',
      `cannot use cluster "${cluster.name}": it has a CA, and insecure-skip-tls-verify, which would not look at it`,
    );
  }
  return {
    ...rest,
    ...trust,
    server: options.server ?? cluster.server,
    ...(name === undefined ? { tlsServerName: undefined } : { tlsServerName: name }),
  } as Cluster;
}

/**
 * A token or certificate of a flag replaces the kubeconfig's. The plugin runs only where there is neither. kubectl lets
 * the kubeconfig's tokenFile win over --token; this tool does not, because a user who gives a token means that one.
 */
function withUserFlags(
  user: KubeUser,
  options: KubeOptions,
  pluginConfig?: unknown,
): Pick<Access, 'user' | 'tokenFile' | 'exec'> {
  const {
    exec,
    token,
    authProvider,
    certData,
    certFile,
    keyData,
    keyFile,
    impersonate: _,
    tokenFile: file,
    ...rest
  } = user;
  const given: Certificate = {
    ...(options.clientCertificate === undefined ? { certData, certFile } : { certFile: options.clientCertificate }),
    ...(options.clientKey === undefined ? { keyData, keyFile } : { keyFile: options.clientKey }),
  };
  checkUser(user, given, options.token);
  // As kubectl: a key alone is passed over.
  const certificate = given.certData || given.certFile ? given : {};
  const tokenFile = options.token === undefined ? file : undefined;
  const isKnown = [options.token, token, tokenFile, user.username, ...Object.values(certificate)].some(Boolean);
  return {
    user: { ...rest, ...certificate, token: options.token ?? token, ...(isKnown ? {} : { authProvider }) } as User,
    tokenFile,
    exec: exec && !isKnown ? { ...exec, clusterConfig: pluginConfig } : undefined,
  };
}

type Certificate = { readonly [K in 'certData' | 'certFile' | 'keyData' | 'keyFile']?: string | undefined };

function checkUser(user: KubeUser, certificate: Certificate, givenToken: string | undefined): void {
  const wrong = (why: string): ToolError => new ToolError('kubeconfig', `cannot use user "${user.name}": ${why}`);
  if ((certificate.certData || certificate.certFile) && !(certificate.keyData || certificate.keyFile))
    throw wrong('it has a client certificate without its key');
  if (user.username && (user.token || user.tokenFile)) throw wrong('it has both a password and a token');
  if (user.username && givenToken) throw wrong('it has a password, in whose place --token does not come');
  const provider = user.authProvider as { readonly name?: string } | undefined;
  // client-node would still run such a provider; kubectl has refused it since 1.26.
  if (provider != null && provider.name !== 'oidc') {
    throw new ToolError(
      'kubeconfig',
      `cannot use user "${user.name}": its auth-provider ${provider.name ?? ''} is not supported, by kubectl neither since 1.26`,
      {
        hint: 'let the cloud provider write the kubeconfig anew, with a credential plugin (exec:)',
      },
    );
  }
}

function impersonation(own: Impersonation = {}, options: KubeOptions): Impersonation {
  const merged = {
    user: options.as ?? own.user,
    uid: options.asUid ?? own.uid,
    groups: options.asGroup?.length ? options.asGroup : own.groups,
    extra: options.asUserExtra?.length ? extraOfFlags(options.asUserExtra) : own.extra,
  };
  if (merged.user !== undefined) return merged;
  if (options.asUid !== undefined || options.asGroup?.length || options.asUserExtra?.length)
    throw new ToolError('usage', '--as-group, --as-uid and --as-user-extra need --as');
  if (merged.uid === undefined && !merged.groups?.length && Object.keys(merged.extra ?? {}).length === 0) return {};
  throw new ToolError(
    'kubeconfig',
    'cannot use the user of the context: it has as-uid, as-groups or as-user-extra without as',
  );
}

function extraOfFlags(pairs: readonly string[]): Impersonation['extra'] {
  const split = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new ToolError('usage', `--as-user-extra takes KEY=VALUE, not "${pair}"`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  const byKey = Map.groupBy(split, ([key]) => key);
  return Object.fromEntries([...byKey].map(([key, values]) => [key, values.map(([, value]) => value)]));
}

/** Of a pod that automountServiceAccountToken gives none. */
const withoutToken = ({ KUBERNETES_SERVICE_HOST: host }: Environment, folder: string): string =>
  host && !existsSync(join(folder, 'token')) ? `, and this pod has no token of a service account in ${folder}` : '';

/** The service account of the pod that this runs in; undefined where it is no pod. */
function inCluster(options: KubeOptions, env: Environment, folder: string): Access | undefined {
  // What these name is in a kubeconfig: this cluster is another, perhaps.
  if ([options.context, options.cluster, options.user].some((name) => name !== undefined)) return undefined;
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const tokenFile = join(folder, 'token');
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const caFile = join(folder, 'ca.crt');
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const cluster: Cluster = { name: '', server, skipTLSVerify: false, ...(existsSync(caFile) ? { caFile } : {}) };
  return {
    contextName: '(in cluster)',
    files: [],
    cluster: withClusterFlags(cluster, options),
    ...withUserFlags({ name: '', tokenFile }, options),
    impersonate: impersonation(undefined, options),
  };
}
