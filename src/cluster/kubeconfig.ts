// Which cluster, as whom: kubeconfig files and kubectl's flags, read by client-node's KubeConfig, with what it leaves out put in.
// Source of every rule: client-go tools/clientcmd (loader.go, client_config.go, overrides.go).

import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { type Cluster, type Context, KubeConfig, type User } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { ToolError } from '#core/error.ts';
import { field } from '#core/json.ts';
import type { KubeOptions } from '#core/source.ts';
import { nearest } from '#core/suggestion.ts';
import type { ExecSpec } from './exec-plugin.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What requests are made with. */
export interface Access {
  readonly contextName: string;
  readonly cluster: Cluster;
  readonly user: User;
  /** The plugin that gives the credentials; KubeConfig's own way of running it is not used. */
  readonly exec: ExecSpec | undefined;
  readonly impersonate: Impersonation;
}

export interface Impersonation {
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What KubeConfig does not keep of a user. */
interface UserExtra {
  readonly tokenFile: string | undefined;
  readonly impersonate: Impersonation;
}

interface Loaded {
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
  readonly extras: ReadonlyMap<string, UserExtra>;
  readonly contexts: ReadonlyMap<string, Context>;
  readonly currentContext: string | undefined;
}

/** Throws ToolError `kubeconfig`, or `not-found` for a context, cluster or user that is not there. */
export function readAccess(options: KubeOptions, env: Environment): Access {
  const files = kubeconfigFiles(options.kubeconfig, env);
  if (files.length === 0 && options.server === undefined) return inCluster(env);
  const loaded = files.map(loadFile).reduce(merge, nothing);
  const contextName = options.context ?? loaded.currentContext ?? '';
  const context = contextOf(contextName, loaded, options);
  const user = userOf(options.user ?? context?.user, loaded);
  const extra = loaded.extras.get(user.name);
  return {
    contextName: contextName || '(none)',
    cluster: withClusterFlags(clusterOf(options.cluster ?? context?.cluster, loaded, options), options),
    ...withUserFlags(user, extra, options),
    impersonate: impersonation(extra?.impersonate ?? {}, options),
  };
}

export interface KubeconfigNames {
  readonly context: readonly string[];
  readonly cluster: readonly string[];
  readonly user: readonly string[];
  /** Each file with the time of its last change. */
  readonly files: readonly string[];
}

/** What --context, --cluster and --user can be. Throws ToolError `kubeconfig`. */
export function kubeconfigNames(flag: string | undefined, env: Environment): KubeconfigNames {
  const files = kubeconfigFiles(flag, env);
  const { contexts, clusters, users } = files.map(loadFile).reduce(merge, nothing);
  return {
    context: [...contexts.keys()],
    cluster: [...clusters.keys()],
    user: [...users.keys()],
    files: files.map((file) => `${resolve(file)} ${statSync(file).mtimeMs}`),
  };
}

function kubeconfigFiles(flag: string | undefined, env: Environment): string[] {
  if (flag !== undefined) {
    if (!existsSync(flag)) throw new ToolError('kubeconfig', `cannot read the kubeconfig ${flag}: it does not exist`);
    return [flag];
  }
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const wanted = listed.length > 0 ? listed : [join(env.HOME || homedir(), '.kube', 'config')];
  const found = wanted.filter((file) => existsSync(file));
  if (found.length === 0 && listed.length > 0)
    throw new ToolError('kubeconfig', `cannot read the kubeconfig ${listed.join(', ')} of $KUBECONFIG: it does not exist`);
  return found;
}

function loadFile(file: string): Loaded {
  const config = new KubeConfig();
  let raw: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    raw = text.trim() === '' ? {} : parse(text);
    if (typeof raw !== 'object' || raw === null) throw new Error('it is not a kubeconfig');
    config.loadFromString(text.trim() === '' ? '{}' : text);
  } catch (error) {
    throw new ToolError('kubeconfig', `cannot read the kubeconfig ${file}: ${unreadable(error as Error)}`, { cause: error });
  }
  const root = dirname(resolve(file));
  config.makePathsAbsolute(root);
  for (const cluster of config.clusters) preferData(cluster, 'caFile', cluster.caData);
  for (const user of config.users) {
    preferData(user, 'certFile', user.certData);
    preferData(user, 'keyFile', user.keyData);
    if (user.exec) user.exec.command = commandPath(root, user.exec.command);
  }
  return {
    clusters: byName(config.clusters),
    users: byName(config.users),
    contexts: byName(config.contexts),
    extras: new Map(config.users.map(({ name }) => [name, extraOf(raw, name, root)])),
    currentContext: config.currentContext || undefined,
  };
}

/** The parsers quote the lines around a mistake, and those may hold a token: only the first line, which names the place, is kept. */
const unreadable = (error: Error): string => (error.message.split('\n')[0] ?? '').replace(/:$/, '').slice(0, 200);

function preferData<K extends string>(entry: { [key in K]?: string }, fileKey: K, data: string | undefined): void {
  if (data) delete entry[fileKey];
}

/** A command with a separator in it is a path, which is relative to the kubeconfig. */
const commandPath = (root: string, command: string | undefined): string | undefined =>
  command && /[\\/]/.test(command) && !isAbsolute(command) ? resolve(root, command) : command;

function extraOf(raw: unknown, name: string, root: string): UserExtra {
  const users = field(raw, 'users');
  const entry = (Array.isArray(users) ? users : []).find((user) => field(user, 'name') === name);
  const user = field(entry, 'user') as Readonly<Record<string, unknown>> | undefined;
  const tokenFile = user?.tokenFile as string | undefined;
  return {
    tokenFile: tokenFile === undefined ? undefined : resolve(root, tokenFile),
    impersonate: {
      user: user?.as as string | undefined,
      uid: user?.['as-uid'] as string | undefined,
      groups: user?.['as-groups'] as readonly string[] | undefined,
      extra: user?.['as-user-extra'] as Impersonation['extra'],
    },
  };
}

const nothing: Loaded = { clusters: new Map(), users: new Map(), extras: new Map(), contexts: new Map(), currentContext: undefined };

/** The first file that names a thing wins. */
const merge = (first: Loaded, next: Loaded): Loaded => ({
  clusters: new Map([...next.clusters, ...first.clusters]),
  users: new Map([...next.users, ...first.users]),
  extras: new Map([...next.extras, ...first.extras]),
  contexts: new Map([...next.contexts, ...first.contexts]),
  currentContext: first.currentContext ?? next.currentContext,
});

const byName = <T extends { readonly name: string }>(list: readonly T[]): Map<string, T> => new Map(list.map((entry) => [entry.name, entry]));

function contextOf(name: string, { contexts }: Loaded, options: KubeOptions): Context | undefined {
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

function clusterOf(name: string | undefined, { clusters }: Loaded, { server }: KubeOptions): Cluster {
  const cluster = clusters.get(name ?? '');
  if (cluster !== undefined) return cluster;
  if (name === undefined && server !== undefined) return { name: '', server, skipTLSVerify: false };
  throw new ToolError('not-found', `cannot use cluster "${name}": the kubeconfig has no such cluster`, {
    hint: `clusters that exist: ${[...clusters.keys()].join(', ') || 'none'}`,
  });
}

function userOf(name: string | undefined, { users }: Loaded): User {
  const user = users.get(name ?? '');
  if (user !== undefined) return user;
  if (!name) return { name: '' };
  throw new ToolError('not-found', `cannot use user "${name}": the kubeconfig has no such user`, {
    hint: `users that exist: ${[...users.keys()].join(', ') || 'none'}`,
  });
}

/** CA and skipping of it are replaced together; a server given by flag does not have the kubeconfig's server name. */
function withClusterFlags(cluster: Cluster, options: KubeOptions): Cluster {
  const { caData, caFile, skipTLSVerify, ...rest } = cluster;
  const isTrustGiven = options.insecureSkipTlsVerify === true || options.certificateAuthority !== undefined;
  const trust = isTrustGiven
    ? { skipTLSVerify: options.insecureSkipTlsVerify === true, ...(options.certificateAuthority === undefined ? {} : { caFile: options.certificateAuthority }) }
    : { skipTLSVerify, ...(caData ? { caData } : {}), ...(caFile ? { caFile } : {}) };
  const name = options.tlsServerName ?? (options.server === undefined ? cluster.tlsServerName : undefined);
  return {
    ...rest,
    ...trust,
    server: options.server ?? cluster.server,
    ...(name === undefined ? { tlsServerName: undefined } : { tlsServerName: name }),
  } as Cluster;
}

/** A token or certificate given by flag stands in the place of what the kubeconfig has. */
function withUserFlags(user: User, extra: UserExtra | undefined, options: KubeOptions): Pick<Access, 'user' | 'exec'> {
  const { exec, token, authProvider, certData, certFile, keyData, keyFile, ...rest } = user;
  const certificate = {
    ...(options.clientCertificate === undefined ? { certData, certFile } : { certFile: options.clientCertificate }),
    ...(options.clientKey === undefined ? { keyData, keyFile } : { keyFile: options.clientKey }),
  };
  if (options.token !== undefined) return { user: { ...rest, ...certificate, token: options.token } as User, exec: undefined };
  if (extra?.tokenFile !== undefined) {
    const fromFile = { name: 'tokenFile', config: { tokenFile: extra.tokenFile } };
    return { user: { ...rest, ...certificate, authProvider: fromFile } as User, exec: undefined };
  }
  const isPluginNeeded = options.clientCertificate === undefined && token == null;
  return { user: { ...rest, ...certificate, token, authProvider } as User, exec: isPluginNeeded ? (exec as ExecSpec | undefined) : undefined };
}

function impersonation(own: Impersonation, options: KubeOptions): Impersonation {
  const asked = { user: options.as, uid: options.asUid, groups: options.asGroup?.length ? options.asGroup : undefined };
  const merged = { user: asked.user ?? own.user, uid: asked.uid ?? own.uid, groups: asked.groups ?? own.groups, extra: own.extra };
  if (merged.user === undefined && (asked.uid !== undefined || asked.groups !== undefined)) throw new ToolError('usage', '--as-group and --as-uid need --as');
  return merged;
}

/** The service account of the pod that this runs in. */
function inCluster(env: Environment): Access {
  const isPod = env.KUBERNETES_SERVICE_HOST !== undefined && existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token');
  if (!isPod) {
    throw new ToolError('kubeconfig', 'cannot find a cluster: there is no kubeconfig', {
      hint: 'set $KUBECONFIG or --kubeconfig FILE; to try this tool without a cluster: kubectl istio-ingress demo',
    });
  }
  const config = new KubeConfig();
  config.loadFromCluster();
  return { contextName: '(in cluster)', cluster: config.clusters[0] as Cluster, user: config.users[0] as User, exec: undefined, impersonate: {} };
}
