// A directory written by `config-dump --dir`, asked as a cluster is: the same questions, the answers of then.

import { join } from 'node:path';
import type { Admin, AdminRequest } from '#core/admin.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { type Gateway, type Pod, type PodOutcome, podsOf } from '#core/fleet.ts';
import { globMatcher } from '#core/glob.ts';
import { field, parseJson } from '#core/json.ts';
import type { Resource } from '#core/kinds.ts';
import type { KubeObject, ListOptions } from '#core/kube-object.ts';
import { objectSchema } from '#core/kube-schema.ts';
import { labelSelector as labelMatcher } from '#core/label-selector.ts';
import { limits } from '#core/limits.ts';
import { checked, list } from '#core/schema.ts';
import type { Source } from '#core/source.ts';
import type { SourceOptions } from '#core/source-options.ts';
import { queryDump } from '#dump/query.ts';
import { pathInside } from '#files/private-directory.ts';
import { readWholeFile } from '#files/read-file.ts';
import {
  type DirectoryIndex,
  dumpFile,
  type Failure,
  formatVersion,
  indexFile,
  indexSchema,
  istiodFiles,
  loggingFile,
  podFiles,
  savedResources,
} from './dump-directory.ts';

/** Throws ToolError `not-found` or `bad-answer` for what is no such directory. */
export async function openDirectory(
  directory: string,
  options: Pick<SourceOptions, 'gateway'>,
  signal: AbortSignal,
): Promise<Source> {
  const index = await readIndex(directory, signal);
  const read: ReadSaved = (...parts) => readSaved(directory, parts, signal);
  const gateway = narrowed(index.gateway, options.gateway, directory);
  const askPods = <T>(pods: readonly Pod[], ask: (admin: Admin) => Promise<T>): Promise<PodOutcome<T>[]> =>
    askEach(pods, index.failedPods, signal, (pod) => ask(savedAdmin((file) => read('pods', pod.name, file), pod)));
  return {
    origin: `directory ${directory}`,
    asOf: new Date(index.generatedAt),
    gateway: async () => gateway,
    everyPod: (ask, only = () => true, { withOthers = false } = {}) =>
      askPods(podsOf(gateway, withOthers).filter(only), ask),
    onePod: async <T>(pod: Pod, ask: (admin: Admin) => Promise<T>) => (await askPods([pod], ask))[0] as PodOutcome<T>,
    everyIstiod: async (ask) => {
      if (index.noIstiods) throw again(index.noIstiods);
      return askEach(index.istiods, index.failedIstiods, signal, (pod) =>
        ask({
          pod,
          get: (path) => read('istiods', pod.name, istiodFiles.find((one) => one.path === path)?.file ?? path),
        }),
      );
    },
    handshake: async () => {
      throw new ToolError('unsupported', 'cannot open TLS to a pod of a directory', {
        hint: 'ask the cluster, without --from',
      });
    },
    send: async () => {
      throw new ToolError('unsupported', 'cannot send through a pod of a directory', {
        hint: 'ask the cluster, without --from',
      });
    },
    dial: async (pod, port) => {
      throw notSaved(`port ${port} of ${pod.name}`);
    },
    logs: async () => {
      throw notSaved('the logs');
    },
    list: (resource, options = {}) => listSaved(read, index, resource, options),
    read: async (resource, namespace, name) =>
      (await listSaved(read, index, resource, { namespace })).find(({ metadata }) => metadata.name === name),
    access: async () => {
      throw new ToolError('unsupported', 'cannot ask the API server of a directory', {
        hint: 'ask the cluster, without --from',
      });
    },
    close: async () => {},
  };
}

/** A file of the directory, by the parts of its path. */
type ReadSaved = (...parts: readonly string[]) => Promise<Buffer>;

async function readIndex(directory: string, signal: AbortSignal): Promise<DirectoryIndex> {
  const file = join(directory, indexFile);
  const body = await readSaved(directory, [indexFile], signal).catch((error: unknown) => {
    if (!(error instanceof ToolError) || error.code !== 'not-found') throw error;
    throw new ToolError('not-found', `cannot read ${directory}: it has no ${indexFile}`, {
      hint: 'make such a directory with: kubectl istio-ingress config-dump --dir DIR',
    });
  });
  const index = parseJson(body, file);
  if (field(index, 'kind') === 'ConfigDump' && field(index, 'apiVersion') === formatVersion)
    return checked(indexSchema, index, file);
  throw new ToolError(
    'bad-answer',
    `cannot read ${directory}: its ${indexFile} is not one of config-dump, or of a newer version of this tool`,
  );
}

function narrowed(gateway: Gateway, { pod, node }: SourceOptions['gateway'], directory: string): Gateway {
  const hasName = pod === undefined ? () => true : globMatcher(pod);
  const hasNode = node === undefined ? () => true : globMatcher(node);
  // Those that config-dump narrowed away were not saved.
  const all = gateway.pods;
  const isChosen = (one: Pod): boolean => hasName(one.name) && hasNode(one.node ?? '');
  const pods = all.filter(isChosen);
  if (pods.length === 0 && all.length > 0) {
    throw new ToolError('not-found', `cannot narrow the gateway: no pod of ${directory} matches`, {
      hint: `there are ${all
        .map(({ name }) => name)
        .slice(0, 5)
        .join(', ')}`,
    });
  }
  const nodesWithoutPod = pod === undefined ? gateway.nodesWithoutPod.filter((one) => hasNode(one.node)) : [];
  return { ...gateway, pods, others: all.filter((one) => !isChosen(one)), nodesWithoutPod };
}

const again = ({ code, message, hint }: Failure): ToolError => new ToolError(code, message, { hint });

/** One after the other: answers of many pods need not be in memory together. */
async function askEach<T>(
  pods: readonly Pod[],
  failures: Readonly<Record<string, Failure>>,
  signal: AbortSignal,
  ask: (pod: Pod) => Promise<T>,
): Promise<PodOutcome<T>[]> {
  const outcomes: PodOutcome<T>[] = [];
  for (const pod of pods) {
    signal.throwIfAborted();
    const failure = failures[pod.name];
    try {
      outcomes.push(failure ? { pod, failed: again(failure) } : { pod, ok: await ask(pod) });
    } catch (thrown) {
      outcomes.push({ pod, failed: asToolError(thrown, `read what ${pod.name} answered`) });
    }
  }
  return outcomes;
}

function savedAdmin(read: ReadSaved, pod: Pod): Admin {
  let whole: Promise<unknown> | undefined;
  const dump = (): Promise<unknown> => {
    whole ??= read(dumpFile).then((body) => parseJson(body, `config_dump of ${pod.name}`));
    return whole;
  };
  return {
    pod,
    get: async (request) => {
      const saved = podFiles.find((one) => isSame(one.request, unfiltered(request)));
      if (saved) return read(saved.file);
      if (request.path === 'config_dump') return queryWhole(await dump(), request, pod);
      throw notSaved(`${request.path} of ${pod.name}`);
    },
    logging: async (change) => {
      if (change) throw new ToolError('unsupported', 'cannot change log levels of a directory');
      return (await read(loggingFile)).toString('utf8');
    },
  };
}

const isSame = (a: AdminRequest, b: AdminRequest): boolean =>
  a.path === b.path && describeQuery(a) === describeQuery(b);

/** The order of a query's parameters means nothing. */
function describeQuery({ query }: AdminRequest): string {
  const parameters = new URLSearchParams(query);
  parameters.sort();
  return String(parameters);
}

/** The whole stats are saved: whoever asks for some of them gets more. */
function unfiltered(request: AdminRequest): AdminRequest {
  const { filter: _, ...query } = request.query ?? {};
  return request.path === 'stats' ? { path: 'stats', query } : request;
}

function queryWhole(dump: unknown, { query }: AdminRequest, pod: Pod): Buffer {
  const { status, body } = queryDump(dump, new URLSearchParams(query));
  if (status === 200) return Buffer.from(body);
  throw new ToolError('unsupported', `cannot read config_dump of ${pod.name}: ${body}`);
}

/** A stranger's directory may hold links and devices: what leads out of it, or is no file, is refused. */
async function readSaved(directory: string, parts: readonly string[], signal: AbortSignal): Promise<Buffer> {
  const file = join(directory, ...parts);
  try {
    const path = await pathInside(directory, ...parts);
    return await readWholeFile(path, { mostBytes: limits.savedFileBytes, signal, isRegular: true });
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(
      'not-found',
      `cannot read ${file}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : (error as Error).message}`,
      { cause: error },
    );
  }
}

const notSaved = (what: string): ToolError =>
  new ToolError('unsupported', `cannot read ${what}: config-dump does not save it`, {
    hint: 'ask the cluster, without --from',
  });

async function listSaved(
  read: ReadSaved,
  index: DirectoryIndex,
  resource: Resource,
  { namespace, labelSelector, fieldSelector }: ListOptions,
): Promise<KubeObject[]> {
  const failure = index.failedResources[resource];
  if (failure) throw again(failure);
  if (!savedResources.includes(resource) || fieldSelector !== undefined) throw notSaved(resource);
  const file = `${resource}.json`;
  const json = parseJson(await read('objects', file), `objects/${file}`);
  const objects = checked(list(objectSchema(resource)), json, `objects/${file}`);
  const isSelected = labelMatcher(labelSelector ?? '');
  if ('wrong' in isSelected) throw new ToolError('usage', isSelected.wrong);
  return objects.filter(
    ({ metadata }) =>
      (namespace === undefined || metadata.namespace === namespace) && isSelected(metadata.labels ?? {}),
  );
}
