// What `config-dump --dir` or `snapshot` has written, read as a Source: the same questions as of a cluster, the answers
// of that time.

import { join } from 'node:path';
import type { Admin } from '#core/admin.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { type Gateway, type Pod, type PodOutcome, podsOf } from '#core/fleet.ts';
import { globMatcher } from '#core/glob.ts';
import { field } from '#core/json.ts';
import { limits } from '#core/limits.ts';
import { onceEach } from '#core/once-each.ts';
import { checked } from '#core/schema.ts';
import { step, stepText } from '#core/shell.ts';
import type { Source, Teller } from '#core/source.ts';
import type { SourceOptions } from '#core/source-options.ts';
import { notSaved, type SavedAnswers, savedAdmin } from './saved-admin.ts';
import { openSavedFiles, type SavedFiles } from './saved-files.ts';
import {
  type Failure,
  formatVersion,
  indexFile,
  indexSchema,
  istiodFiles,
  type SavedIndex,
  savedFailure,
  sharedFile,
} from './saved-format.ts';
import { listSaved, readSaved } from './saved-objects.ts';

/** A directory, or the file of a snapshot. Throws ToolError `not-found` or `bad-answer` for what is neither. */
export async function openSaved(
  path: string,
  options: Pick<SourceOptions, 'gateway'>,
  signal: AbortSignal,
  { note }: Pick<Teller, 'note'> = { note: () => {} },
): Promise<Source> {
  const files = await openSavedFiles(path, signal);
  const index = await readIndex(files, path);
  const gateway = narrowed(index.gateway, options.gateway, path);
  const { snapshot } = index;
  const answersOf = await answersReader(files, index);
  const noteOnce = onceEach(note);
  const askPods = <T>(pods: readonly Pod[], ask: (admin: Admin) => Promise<T>): Promise<PodOutcome<T>[]> =>
    askEach(pods, index.failedPods, signal, (pod) => ask(savedAdmin(answersOf(`pods/${pod.name}`), pod, noteOnce)));
  return {
    origin: files.origin,
    asOf: new Date(index.generatedAt),
    ...(snapshot === undefined ? {} : { chosenBy: snapshot.chosenBy }),
    ...(snapshot?.server === undefined ? {} : { server: snapshot.server }),
    gateway: async () => gateway,
    everyPod: (ask, only = () => true, { withOthers = false } = {}) =>
      askPods(podsOf(gateway, withOthers).filter(only), ask),
    onePod: async <T>(pod: Pod, ask: (admin: Admin) => Promise<T>) => (await askPods([pod], ask))[0] as PodOutcome<T>,
    everyIstiod: async (ask) => {
      if (index.noIstiods) throw savedFailure(index.noIstiods);
      return askEach(index.istiods, index.failedIstiods, signal, (pod) =>
        ask({
          pod,
          get: (asked) =>
            files.read(`istiods/${pod.name}/${istiodFiles.find(({ path: one }) => one === asked)?.file ?? asked}`),
        }),
      );
    },
    handshake: async (pod, port, hello) => {
      if (snapshot === undefined) throw unsupported('open TLS to a pod of a directory');
      return (await import('./saved-handshakes.ts')).savedHandshake(files, pod, port, hello);
    },
    send: async () => {
      throw unsupported('send through a pod of what is saved');
    },
    dial: async (pod, port) => {
      throw notSaved(`port ${port} of ${pod.name}`);
    },
    logs: async (request) => {
      const { of = 'gateway' } = request;
      const saved = snapshot?.logs[of];
      if (saved === undefined) throw snapshot ? notInSnapshot('the logs', files) : notSaved('the logs');
      const { openSavedLogs } = await import('./saved-logs.ts');
      return openSavedLogs(files, saved, of === 'gateway' ? gateway.pods : index.istiods, request);
    },
    list: (resource, list = {}) => listSaved(files, index, resource, list),
    read: (resource, namespace, name) => readSaved(files, index, resource, { namespace, name }),
    access: async () => {
      if (snapshot === undefined) throw unsupported('ask the API server of a directory');
      return (await import('./saved-access.ts')).savedAccess(files);
    },
    close: async () => {},
  };
}

const unsupported = (what: string): ToolError =>
  new ToolError('unsupported', `cannot ${what}`, { hint: 'to ask the cluster, leave --from out' });

const notInSnapshot = (what: string, { origin }: SavedFiles): ToolError =>
  new ToolError('not-found', `cannot read ${what} of ${origin}: they are not in it`);

/** Throws `not-found` or `bad-answer` where it is no index of this tool. */
export async function readIndex(files: SavedFiles, path: string): Promise<SavedIndex> {
  const index = await files.json(indexFile).catch((error: unknown) => {
    if (!(error instanceof ToolError) || error.code !== 'not-found') throw error;
    throw new ToolError('not-found', `cannot read ${path}: it has no ${indexFile}`, {
      hint: files.size
        ? [
            'make a snapshot with: kubectl istio-ingress snapshot FILE',
            `read packed logs with: ${stepText(step`tar xzOf ${path} | kubectl istio-ingress logs --from -`)}`,
          ]
        : [
            'make such a directory with: kubectl istio-ingress config-dump --dir DIR',
            'or one file with all the rest: kubectl istio-ingress snapshot FILE',
          ],
    });
  });
  const kind = field(index, 'kind');
  if (field(index, 'apiVersion') === formatVersion && (kind === 'ConfigDump' || kind === 'Snapshot'))
    return checked(indexSchema, index, join(path, indexFile));
  throw ofAnother(path, field(index, 'apiVersion'));
}

function ofAnother(path: string, version: unknown): ToolError {
  const isOurs = typeof version === 'string' && version.startsWith('istio-ingress/') && version !== formatVersion;
  return isOurs
    ? new ToolError('bad-answer', `cannot read ${path}: it is of another version of this tool`, {
        hint: `read it with that version, or a newer one: it is ${version.slice(0, 40)}, and this one reads ${formatVersion}`,
      })
    : new ToolError('bad-answer', `cannot read ${path}: its ${indexFile} is not one of config-dump or snapshot`);
}

/** Files of a pod by its directory; in a snapshot, with what pods share. */
async function answersReader(files: SavedFiles, { kind }: SavedIndex): Promise<(directory: string) => SavedAnswers> {
  if (kind === 'ConfigDump')
    return (directory) => ({
      read: (file) => files.read(`${directory}/${file}`),
      json: (file) => files.json(`${directory}/${file}`),
    });
  const { sharedReader } = await import('#dump/shared-values.ts');
  let whole: Promise<(json: unknown) => unknown> | undefined;
  const loadShared = async (): Promise<(json: unknown) => unknown> => {
    const list = await files.json(sharedFile);
    if (!Array.isArray(list))
      throw new ToolError('bad-answer', `cannot read ${sharedFile} of ${files.origin}: it is no list`);
    return sharedReader(list, limits.snapshotValues);
  };
  const json = async (file: string): Promise<unknown> => {
    whole ??= loadShared();
    return (await whole)(await files.json(file));
  };
  return (directory) => ({
    read: async (file) =>
      file.endsWith('.json')
        ? Buffer.from(JSON.stringify(await json(`${directory}/${file}`)))
        : files.read(`${directory}/${file}`),
    json: (file) => json(`${directory}/${file}`),
  });
}

function narrowed(gateway: Gateway, { pod, node }: SourceOptions['gateway'], path: string): Gateway {
  const hasName = pod === undefined ? () => true : globMatcher(pod);
  const hasNode = node === undefined ? () => true : globMatcher(node);
  // Those that were narrowed away when it was made were not saved.
  const all = gateway.pods;
  const isChosen = (one: Pod): boolean => hasName(one.name) && hasNode(one.node ?? '');
  const pods = all.filter(isChosen);
  if (pods.length === 0 && all.length > 0) {
    throw new ToolError('not-found', `cannot narrow the gateway: no pod of ${path} matches`, {
      hint: `there are ${all
        .map(({ name }) => name)
        .slice(0, 5)
        .join(', ')}`,
    });
  }
  const nodesWithoutPod = pod === undefined ? gateway.nodesWithoutPod.filter((one) => hasNode(one.node)) : [];
  return { ...gateway, pods, others: all.filter((one) => !isChosen(one)), nodesWithoutPod };
}

/** Asks one pod after the other, so that only one pod's answers are in memory. */
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
      outcomes.push(failure ? { pod, failed: savedFailure(failure) } : { pod, ok: await ask(pod) });
    } catch (thrown) {
      outcomes.push({ pod, failed: asToolError(thrown, `read what ${pod.name} answered`) });
    }
  }
  return outcomes;
}
