// Kubeconfig files, merged as kubectl merges them. client-node's KubeConfig does not read them: it drops fields and
// entries. Source of every rule: client-go tools/clientcmd (loader.go, helpers.go, api/v1/conversion.go);
// test/support/access-rows.ts has a row for each rule.

import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node';
import { reasonOf, ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import { type FileLimits, readWholeFile } from '#files/read-file.ts';
import type { ExecSpec } from './exec-plugin.ts';
import {
  type ClusterFields,
  type ContextFields,
  type Entry,
  readKubeconfigFile,
  type UserFields,
} from './kubeconfig-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Impersonation {
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface KubeUser extends Omit<User, 'exec'> {
  readonly exec?: ExecSpec | undefined;
  readonly tokenFile?: string | undefined;
  readonly impersonate?: Impersonation;
}

export interface KubeCluster extends Cluster {
  /** What a credential plugin learns of the cluster besides its address. */
  readonly pluginConfig?: unknown;
}

/** Entries may lack anything: that is an error only once they are chosen. */
export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, KubeCluster>;
  readonly users: ReadonlyMap<string, KubeUser>;
  readonly contexts: ReadonlyMap<string, ContextFields>;
  readonly currentContext: string | undefined;
}

export interface KubeconfigNames {
  readonly context: readonly string[];
  readonly cluster: readonly string[];
  readonly user: readonly string[];
  /** Each file with the time of its last change. */
  readonly files: readonly string[];
}

/** What --context, --cluster and --user can be. Throws ToolError `kubeconfig`. */
export async function kubeconfigNames(flag: string | undefined, env: Environment): Promise<KubeconfigNames> {
  const { files } = kubeconfigFiles(flag, env);
  // A pipe can be read only once, and the command itself has to read it.
  const { contexts, clusters, users } = await loadFiles(files, { isRegular: true });
  return {
    context: [...contexts.keys()],
    cluster: [...clusters.keys()],
    user: [...users.keys()],
    files: files.map((file) => `${resolve(file)} ${statSync(file).mtimeMs}`),
  };
}

export const giveAnother =
  'set $KUBECONFIG or --kubeconfig FILE; to try this tool without a cluster: kubectl istio-ingress demo';

/**
 * The existing files, and the names in $KUBECONFIG that do not exist. Throws ToolError `kubeconfig` where the file of
 * --kubeconfig does not exist.
 */
export function kubeconfigFiles(
  flag: string | undefined,
  env: Environment,
): { readonly files: readonly string[]; readonly absent: readonly string[] } {
  if (flag !== undefined) {
    if (!existsSync(flag))
      throw new ToolError('kubeconfig', `cannot read the kubeconfig ${flag}: it does not exist`, { hint: giveAnother });
    return { files: [flag], absent: [] };
  }
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const wanted = listed.length > 0 ? listed : [join(env.HOME || homedir(), '.kube', 'config')];
  return { files: wanted.filter((file) => existsSync(file)), absent: listed.filter((file) => !existsSync(file)) };
}

/** The first file that names a thing wins; things of the same name are not mixed. Throws ToolError `kubeconfig`. */
export async function loadFiles(files: readonly string[], how: Reading = {}): Promise<Kubeconfig> {
  const loaded: Kubeconfig[] = [];
  for (const file of files) loaded.push(await loadFile(file, how));
  return loaded.reduce(merge, nothing);
}

export type Reading = Pick<FileLimits, 'signal' | 'isRegular'>;

export const isEmpty = ({ clusters, users, contexts, currentContext }: Kubeconfig): boolean =>
  clusters.size + users.size + contexts.size === 0 && currentContext === undefined;

async function loadFile(file: string, how: Reading): Promise<Kubeconfig> {
  const fields = readKubeconfigFile(await bytesOf(file, how), file);
  const root = dirname(resolve(file));
  return {
    clusters: byName(fields.clusters, 'cluster', file, (name, one: ClusterFields = {}) => clusterOf(name, one, root)),
    users: byName(fields.users, 'user', file, (name, one: UserFields = {}) => userOf(name, one, root)),
    contexts: byName(fields.contexts, 'context', file, (_, one: ContextFields = {}) => one),
    currentContext: fields['current-context'] || undefined,
  };
}

async function bytesOf(file: string, how: Reading): Promise<Buffer> {
  try {
    return await readWholeFile(file, { mostBytes: limits.kubeconfigBytes, ...how });
  } catch (error) {
    how.signal?.throwIfAborted();
    const why = error instanceof ToolError ? error.message.split(': ').at(-1) : reasonOf(error);
    throw new ToolError('kubeconfig', `cannot read the kubeconfig ${file}: ${why}`, { cause: error });
  }
}

/** What is no path stays; data is preferred, where kubectl refuses both together. */
const pathFrom = (root: string, path: string | undefined, data?: string): string | undefined =>
  path && !data ? resolve(root, path) : undefined;

function clusterOf(name: string, one: ClusterFields, root: string): KubeCluster {
  const caData = one['certificate-authority-data'];
  return {
    name,
    server: (one.server ?? '').replace(/\/+$/, ''),
    skipTLSVerify: one['insecure-skip-tls-verify'] === true,
    caData,
    caFile: pathFrom(root, one['certificate-authority'], caData),
    tlsServerName: one['tls-server-name'],
    proxyUrl: one['proxy-url'],
    pluginConfig: one.extensions?.find((extension) => extension?.name === reserved)?.extension,
  } as KubeCluster;
}

/** Source: client-go tools/auth/exec, ClusterToExecConfig. */
const reserved = 'client.authentication.k8s.io/exec';

function userOf(name: string, one: UserFields, root: string): KubeUser {
  const [certData, keyData] = [one['client-certificate-data'], one['client-key-data']];
  const { exec, token, username, password = '' } = one;
  return {
    name,
    token,
    username,
    password,
    certData,
    keyData,
    certFile: pathFrom(root, one['client-certificate'], certData),
    keyFile: pathFrom(root, one['client-key'], keyData),
    authProvider: one['auth-provider'],
    exec: exec && { ...exec, command: commandPath(root, exec.command) },
    tokenFile: pathFrom(root, one.tokenFile),
    impersonate: {
      user: one.as || undefined,
      uid: one['as-uid'] || undefined,
      groups: one['as-groups'],
      extra: one['as-user-extra'],
    },
  } as KubeUser;
}

/** A command with a separator in it is a path, which is relative to the kubeconfig. */
const commandPath = (root: string, command: string | undefined): string | undefined =>
  command && /[\\/]/.test(command) && !isAbsolute(command) ? resolve(root, command) : command;

const nothing: Kubeconfig = {
  clusters: new Map(),
  users: new Map(),
  contexts: new Map(),
  currentContext: undefined,
};

const merge = (first: Kubeconfig, next: Kubeconfig): Kubeconfig => ({
  clusters: new Map([...next.clusters, ...first.clusters]),
  users: new Map([...next.users, ...first.users]),
  contexts: new Map([...next.contexts, ...first.contexts]),
  currentContext: first.currentContext ?? next.currentContext,
});

/** By their names; what has none cannot be chosen. */
function byName<K extends string, F, T>(
  list: readonly Entry<K, F>[] = [],
  kind: K,
  file: string,
  made: (name: string, fields: F | undefined) => T,
): Map<string, T> {
  const entries = new Map<string, T>();
  for (const entry of list) {
    const name = entry?.name ?? '';
    if (entries.has(name))
      throw new ToolError(
        'kubeconfig',
        `cannot read the kubeconfig ${file}: it has two ${kind}s with the name "${name}"`,
      );
    entries.set(name, made(name, entry?.[kind]));
  }
  entries.delete('');
  return entries;
}
