// Everything that the commands read, of all pods, in one file without secrets. What cannot be had is in it as a reason,
// and what is there when it is interrupted is a whole file.

import { ToolError } from '#core/error.ts';
import type { Gateway, PodOutcome } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { SharedValues } from '#dump/shared-values.ts';
import { expectWritable, writePrivateFile } from '#files/private-file.ts';
import { createTgz, type TgzWriter } from '#files/tgz.ts';
import { failuresOf, indented, indexGateway, indexPod } from '#questions/dump/save-answers.ts';
import {
  accessFile,
  type Failure,
  formatVersion,
  handshakesFile,
  indexFile,
  podFiles,
  replacedFile,
  type SavedIndex,
  savedResources,
  sharedFile,
} from '#source/saved-format.ts';
import { type AnonymousKey, anonymizer } from './anonymous.ts';
import { rememberingFailures } from './failures-remembered.ts';
import { type Making, notReached, type SnapshotQuestion } from './making.ts';
import { parts } from './parts.ts';
import { recorded } from './recorded.ts';
import { type Replaced, ReplacedCounter } from './replaced.ts';

export interface SnapshotFile {
  readonly path: string;
  /** Where the key of an anonymous one goes. */
  readonly keyPath: string;
  readonly mayReplace: boolean;
}

export interface SnapshotAnswer {
  readonly bytes: number;
  readonly pods: readonly PodOutcome<number>[];
  /** Why something is not in it, beside what single pods failed at. */
  readonly missing: readonly Failure[];
  readonly replaced: readonly Replaced[];
  /** The part that was under way when it was interrupted. */
  readonly interruptedAt: string | undefined;
}

/** Throws where the file cannot be written, or the gateway cannot be found. */
export async function askSnapshot(
  live: Source,
  question: SnapshotQuestion,
  { path, keyPath, mayReplace }: SnapshotFile,
  asking: Asking,
): Promise<SnapshotAnswer> {
  const source = rememberingFailures(live);
  const gateway = await source.gateway();
  if (question.anonymous) await expectWritable(keyPath, mayReplace);
  const archive = await createTgz(path, asking.now, mayReplace);
  const kept = new Map<string, string>();
  try {
    const write = question.anonymous ? async (name: string, text: string) => void kept.set(name, text) : archive.add;
    const making = begin(source, gateway, question, write, asking);
    const interruptedAt = await saveParts(making);
    const index = indexOf(making, interruptedAt);
    await saveRest(making, index);
    const key = question.anonymous ? await addAnonymous(archive, kept, making.names ?? []) : undefined;
    const bytes = await archive.finish();
    if (key) await writePrivateFile(keyPath, indented(key), mayReplace);
    return {
      bytes,
      pods: [...making.pods.values()],
      missing: missingIn(index),
      replaced: making.replaced.list(),
      interruptedAt,
    };
  } catch (error) {
    await archive.abandon();
    throw error;
  }
}

function begin(
  source: Source,
  gateway: Gateway,
  question: SnapshotQuestion,
  write: TgzWriter['add'],
  asking: Asking,
): Making {
  const shared = new SharedValues();
  const replaced = new ReplacedCounter();
  return {
    source,
    recorded: recorded(source),
    gateway,
    question,
    asking,
    shared,
    replaced,
    saving: {
      write: async (path, text) => {
        replaced.countIn(path, text);
        await write(path, text);
      },
      jsonText: (json) => `${shared.textOf(json)}\n`,
      podFiles: podFiles.filter(({ request }) => question.withCerts || request.path !== 'certs'),
    },
    pods: new Map(gateway.pods.map((pod) => [pod.name, { pod, failed: interrupted() }])),
    istiods: { outcomes: [], failure: notReached },
    failedResources: Object.fromEntries([...savedResources.Snapshot, 'secrets'].map((one) => [one, notReached])),
    namespaces: {},
    logs: {},
    secretNames: new Set(),
    addresses: new Set(),
    names: question.anonymous ? new Set() : undefined,
    formats: undefined,
  };
}

/** All names are known only at the end. */
async function addAnonymous(
  archive: TgzWriter,
  files: ReadonlyMap<string, string>,
  names: Iterable<string>,
): Promise<AnonymousKey> {
  const anonymous = anonymizer(files, names);
  for (const [path, text] of files) await archive.add(anonymous.text(path), anonymous.text(text));
  return anonymous.key();
}

const interrupted = (): ToolError => new ToolError(notReached.code, notReached.message);

/** The part at which it was interrupted; undefined: all are there. */
async function saveParts(making: Making): Promise<string | undefined> {
  const { signal } = making.asking;
  for (const { name, save } of parts) {
    try {
      signal.throwIfAborted();
      await save(making);
    } catch (error) {
      if (signal.aborted) return name;
      throw error;
    }
  }
  return undefined;
}

/** What is known when all the rest is written. The list of what was replaced comes last. */
async function saveRest({ saving, shared, recorded: { handshakes, access }, replaced }: Making, index: SavedIndex) {
  await saving.write(sharedFile, shared.listText());
  await saving.write(handshakesFile, indented(handshakes));
  const said = access();
  if (said) await saving.write(accessFile, indented(said));
  await saving.write(indexFile, indented(index));
  await saving.write(replacedFile, indented(replaced.list()));
}

function indexOf(making: Making, interruptedAt: string | undefined): SavedIndex {
  const { source, gateway, question, asking, pods, istiods, recorded: record } = making;
  const { chosenBy, version } = question;
  return {
    apiVersion: formatVersion,
    kind: 'Snapshot',
    generatedAt: asking.now.toISOString(),
    origin: source.origin,
    gateway: indexGateway(gateway),
    failedPods: failuresOf([...pods.values()]),
    istiods: istiods.outcomes.map(({ pod }) => indexPod(pod)),
    failedIstiods: failuresOf(istiods.outcomes),
    noIstiods: istiods.failure,
    failedResources: making.failedResources,
    snapshot: {
      version,
      server: source.server,
      chosenBy,
      interruptedAt,
      namespaces: making.namespaces,
      absentSecrets: record.secrets.absent,
      failedSecret: record.secrets.failedSecret,
      logs: making.logs,
    },
  };
}

/** A resource that this cluster does not have is not missing, and one that was read where the gateway is not either. */
export function missingIn({ noIstiods, failedIstiods, failedResources, snapshot }: SavedIndex): Failure[] {
  const logs = Object.entries(snapshot?.logs ?? {}).flatMap(([of, { failure, failedPods, until }]) => [
    ...(failure ? [failure] : []),
    ...Object.values(failedPods),
    ...(until === undefined ? [] : [tooMuchLog(of, until)]),
  ]);
  const resources = Object.values(failedResources).filter(({ code }) => code !== 'not-found' && code !== 'unsupported');
  const all = [...(noIstiods ? [noIstiods] : []), ...Object.values(failedIstiods), ...resources, ...logs];
  return [...new Map(all.map((one) => [one.message, one])).values()];
}

const tooMuchLog = (of: string, until: string): Failure => ({
  code: 'too-large',
  message: `cannot save what the ${of === 'gateway' ? 'gateway' : 'istiod'} logged after ${until.slice(0, 19)}Z: a snapshot holds ${limits.snapshotLogsBytes / 1024 / 1024} MiB of its logs`,
  hint: 'ask for the last minutes with --since',
});
