// Kubeconfig files, merged as kubectl merges them: client-node's KubeConfig reads them, and this file adds the fields
// that it drops. Source of every rule: client-go tools/clientcmd (loader.go, helpers.go, api/v1/conversion.go);
// test/support/access-rows.ts has a row for each rule.

import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { type Cluster, type Context, KubeConfig, type User } from '@kubernetes/client-node';
import { ToolError } from '#core/error.ts';
import { field } from '#core/json.ts';
import { limits } from '#core/limits.ts';
import { type FileLimits, readWholeFile } from '#files/read-file.ts';
import { readKubeconfigYaml } from './kubeconfig-yaml.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Impersonation {
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What KubeConfig does not keep of a user. */
export interface UserExtra {
  readonly tokenFile: string | undefined;
  readonly impersonate: Impersonation;
}

export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
  readonly extras: ReadonlyMap<string, UserExtra>;
  /** By the cluster's name: what a credential plugin learns of the cluster besides its address. */
  readonly pluginConfigs: ReadonlyMap<string, unknown>;
  readonly contexts: ReadonlyMap<string, Context>;
  /** `context NAME` or `cluster NAME` of an incomplete entry → the field that it lacks. */
  readonly incomplete: ReadonlyMap<string, string>;
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
  const config = new KubeConfig();
  let raw: unknown;
  try {
    raw = readKubeconfigYaml(await readWholeFile(file, { mostBytes: limits.kubeconfigBytes, ...how })) ?? {};
    if (typeof raw !== 'object' || Array.isArray(raw)) throw new Error('it is not a kubeconfig');
    // An incomplete entry is an error only once it is chosen.
    config.loadFromString(JSON.stringify(raw), { onInvalidEntry: 'filter' });
  } catch (error) {
    how.signal?.throwIfAborted();
    throw new ToolError('kubeconfig', `cannot read the kubeconfig ${file}: ${unreadable(error as Error)}`, {
      cause: error,
    });
  }
  mustBeTyped(raw, file);
  const root = dirname(resolve(file));
  config.makePathsAbsolute(root);
  for (const cluster of config.clusters) preferData(cluster, 'caFile', cluster.caData);
  for (const user of config.users) {
    preferData(user, 'certFile', user.certData);
    preferData(user, 'keyFile', user.keyData);
    if (user.exec) user.exec.command = commandPath(root, user.exec.command);
  }
  return {
    clusters: byName(config.clusters, 'cluster', file),
    users: byName(config.users, 'user', file),
    contexts: byName(config.contexts, 'context', file),
    pluginConfigs: new Map(config.clusters.map(({ name }) => [name, pluginConfigOf(raw, name)])),
    extras: new Map(config.users.map(({ name }) => [name, extraOf(raw, name, file)])),
    incomplete: new Map([...incompleteOf(raw, 'context', 'cluster'), ...incompleteOf(raw, 'cluster', 'server')]),
    currentContext: config.currentContext || undefined,
  };
}

const typed: Readonly<Record<string, Readonly<Record<string, 'string' | 'boolean'>>>> = {
  cluster: {
    server: 'string',
    'certificate-authority': 'string',
    'certificate-authority-data': 'string',
    'tls-server-name': 'string',
    'proxy-url': 'string',
    'insecure-skip-tls-verify': 'boolean',
  },
  user: {
    token: 'string',
    'client-certificate': 'string',
    'client-certificate-data': 'string',
    'client-key': 'string',
    'client-key-data': 'string',
    username: 'string',
    password: 'string',
  },
  context: { cluster: 'string', user: 'string', namespace: 'string' },
};

/** As client-go's decoder: refuses a wrong type anywhere, also in an entry that nobody chose. */
function mustBeTyped(raw: unknown, file: string): void {
  const fields = Object.entries(typed).flatMap(([kind, types]) =>
    entriesOf(raw, kind).flatMap((entry, index) =>
      Object.entries(types).map(([key, type]) => ({
        place: `${kind}s[${index}].${kind}.${key}`,
        value: field(field(entry, kind), key) ?? undefined,
        type,
      })),
    ),
  );
  const wrong = fields.find(({ value, type }) => value !== undefined && typeof value !== type);
  if (wrong === undefined) return;
  const wanted = wrong.type === 'string' ? 'a text: put it in quotes' : 'true or false';
  throw new ToolError('kubeconfig', `cannot read the kubeconfig ${file}: ${wrong.place} is not ${wanted}`);
}

const entriesOf = (raw: unknown, kind: string): readonly unknown[] => {
  const list = field(raw, `${kind}s`);
  return Array.isArray(list) ? list : [];
};

const incompleteOf = (raw: unknown, kind: string, needed: string): [string, string][] =>
  entriesOf(raw, kind)
    .filter((entry) => !field(field(entry, kind), needed))
    .map((entry) => [`${kind} ${field(entry, 'name')}`, needed]);

/**
 * Keeps only the first line, which names the place. Parsers quote the lines around a mistake, and those may hold a
 * token.
 */
const unreadable = (error: Error): string =>
  (error instanceof ToolError ? (error.message.split(': ').at(-1) ?? '') : (error.message.split('\n')[0] ?? ''))
    .replace(/:$/, '')
    .slice(0, 200);

function preferData<K extends string>(entry: { [key in K]?: string }, fileKey: K, data: string | undefined): void {
  if (data) delete entry[fileKey];
}

/** A command with a separator in it is a path, which is relative to the kubeconfig. */
const commandPath = (root: string, command: string | undefined): string | undefined =>
  command && /[\\/]/.test(command) && !isAbsolute(command) ? resolve(root, command) : command;

/** As client-go: null and an empty text count as absent, any other type is refused. */
function extraOf(raw: unknown, name: string, file: string): UserExtra {
  const user = field(named(field(raw, 'users'), name), 'user');
  const refuse = (key: string, wanted: string): never => {
    throw new ToolError('kubeconfig', `cannot read the kubeconfig ${file}: ${key} of user "${name}" is not ${wanted}`);
  };
  const text = (key: string): string | undefined => {
    const value = field(user, key) || undefined;
    return value === undefined || typeof value === 'string' ? value : refuse(key, 'a text');
  };
  const texts = (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'string');
  const [groups, extra] = [field(user, 'as-groups') ?? undefined, field(user, 'as-user-extra') ?? undefined];
  const isMap = typeof extra === 'object' && !Array.isArray(extra) && Object.values(extra as object).every(texts);
  const tokenFile = text('tokenFile');
  return {
    tokenFile: tokenFile === undefined ? undefined : resolve(dirname(resolve(file)), tokenFile),
    impersonate: {
      user: text('as'),
      uid: text('as-uid'),
      groups: groups === undefined || texts(groups) ? groups : refuse('as-groups', 'a list of texts'),
      extra:
        extra === undefined || isMap
          ? (extra as Impersonation['extra'])
          : refuse('as-user-extra', 'a map of lists of texts'),
    },
  };
}

const named = (list: unknown, name: string): unknown =>
  (Array.isArray(list) ? list : []).find((entry) => field(entry, 'name') === name);

/** Source: client-go tools/auth/exec, ClusterToExecConfig's reserved extension. */
const pluginConfigOf = (raw: unknown, cluster: string): unknown =>
  field(
    named(
      field(field(named(field(raw, 'clusters'), cluster), 'cluster'), 'extensions'),
      'client.authentication.k8s.io/exec',
    ),
    'extension',
  );

const nothing: Kubeconfig = {
  clusters: new Map(),
  users: new Map(),
  extras: new Map(),
  pluginConfigs: new Map(),
  contexts: new Map(),
  incomplete: new Map(),
  currentContext: undefined,
};

const merge = (first: Kubeconfig, next: Kubeconfig): Kubeconfig => ({
  clusters: new Map([...next.clusters, ...first.clusters]),
  users: new Map([...next.users, ...first.users]),
  extras: new Map([...next.extras, ...first.extras]),
  pluginConfigs: new Map([...next.pluginConfigs, ...first.pluginConfigs]),
  contexts: new Map([...next.contexts, ...first.contexts]),
  incomplete: new Map([...next.incomplete, ...first.incomplete]),
  currentContext: first.currentContext ?? next.currentContext,
});

function byName<T extends { readonly name: string }>(list: readonly T[], kind: string, file: string): Map<string, T> {
  const entries = new Map(list.map((entry) => [entry.name, entry]));
  const twice = list.find((entry) => entries.get(entry.name) !== entry);
  if (twice)
    throw new ToolError(
      'kubeconfig',
      `cannot read the kubeconfig ${file}: it has two ${kind}s with the name "${twice.name}"`,
    );
  return entries;
}
