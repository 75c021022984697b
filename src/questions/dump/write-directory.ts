// Writes the directory that `--from` reads.

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Admin, IstiodDebug } from '#core/admin.ts';
import { isDnsName } from '#core/dns-name.ts';
import { asToolError, ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, type Pod, type PodOutcome } from '#core/fleet.ts';
import { triedTo } from '#core/known.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readAdminBody } from '#dump/admin-body.ts';
import { type Origin, withoutSecrets } from '#dump/redaction.ts';
import { fetchJson } from '#envoy/admin.ts';
import { claimEmptyDirectory, fileMode, makeDirectories } from '#files/private-directory.ts';
import {
  type DirectoryIndex,
  type Failure,
  formatVersion,
  indexFile,
  istiodFiles,
  loggingFile,
  podFiles,
  savedResources,
} from '#source/dump-directory.ts';
import { trimmedObject } from './trimmed-object.ts';

export interface Written {
  readonly pods: readonly PodOutcome<number>[];
  readonly istiods: readonly PodOutcome<number>[];
}

/**
 * Asks every pod for everything, one pod after the other, and writes it below `directory`, which must be empty or not
 * there yet. `progress` is told what it is at. The values of the outcomes are bytes written.
 */
export async function writeDirectory(
  source: Source,
  directory: string,
  { now, progress }: Pick<Asking, 'now' | 'progress'>,
): Promise<Written> {
  const gateway = await source.gateway();
  await claimEmptyDirectory(directory);
  let done = 0;
  const pods = await source.everyPod(
    async (admin) => {
      progress(`${done + 1} of ${gateway.pods.length}: ${admin.pod.name}`);
      const bytes = await savePod(admin, join(directory, 'pods', pathName(admin.pod)));
      done++;
      return bytes;
    },
    undefined,
    { parallel: 1 },
  );
  const istiods = await answerOrFailure(
    source.everyIstiod(async (debug) => saveIstiod(debug, join(directory, 'istiods', pathName(debug.pod)))),
  );
  const failedResources = await saveObjects(source, join(directory, 'objects'));
  const [asked, noIstiods] = 'code' in istiods ? [[], istiods] : [istiods, undefined];
  const index: DirectoryIndex = {
    apiVersion: formatVersion,
    kind: 'ConfigDump',
    generatedAt: now.toISOString(),
    origin: source.origin,
    gateway: savedGateway(gateway),
    failedPods: failuresOf(pods),
    istiods: asked.map(({ pod }) => savedPod(pod)),
    failedIstiods: failuresOf(asked),
    noIstiods,
    failedResources,
  };
  // Last, so that a directory with an index is whole.
  await write(join(directory, indexFile), `${JSON.stringify(index, null, 2)}\n`);
  return { pods, istiods: asked };
}

/** A name becomes a part of a path: an API server that names a pod `..` is not followed. */
function pathName({ name }: Pod): string {
  if (isDnsName(name)) return name;
  throw new ToolError(
    'bad-answer',
    `cannot save the pod ${JSON.stringify(name.slice(0, 60))}: that is no DNS name, as names of pods are`,
  );
}

/** Such a pod stands in the index as one that failed, under a name that says so. */
const savedPod = (pod: Pod): Pod => ({ ...pod, name: indexName(pod.name) });

const indexName = (name: string): string =>
  isDnsName(name) ? name : `not-saved-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

const savedGateway = (gateway: Gateway): Gateway => ({
  ...gateway,
  pods: gateway.pods.map(savedPod),
  others: gateway.others.map(savedPod),
});

/** Follows no link: the file must not be there. */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: fileMode });
  } catch (error) {
    throw asToolError(error, `write ${file}`);
  }
}

async function savePod(admin: Admin, directory: string): Promise<number> {
  await makeDirectories(directory);
  let bytes = 0;
  const save = async (file: string, text: string): Promise<void> => {
    await write(join(directory, file), text);
    bytes += text.length;
  };
  for (const { request, file } of podFiles) {
    await save(file, await redactedJson(await fetchJson(admin, request)));
  }
  await save(loggingFile, await admin.logging());
  return bytes;
}

const redactedJson = async (json: unknown, origin?: Origin): Promise<string> =>
  `${JSON.stringify(await withoutSecrets(json, origin), null, 1)}\n`;

async function saveIstiod(debug: IstiodDebug, directory: string): Promise<number> {
  await makeDirectories(directory);
  let bytes = 0;
  for (const { path, file } of istiodFiles) {
    const { text } = await readAdminBody(await debug.get(path));
    await write(join(directory, file), text);
    bytes += text.length;
  }
  return bytes;
}

/** What may not be read is missing from the directory, and said to be so; the rest is saved. */
async function saveObjects(source: Source, directory: string): Promise<DirectoryIndex['failedResources']> {
  await makeDirectories(directory);
  const failed: Record<string, Failure> = {};
  for (const resource of savedResources) {
    const objects = await answerOrFailure(source.list(resource));
    if ('code' in objects) failed[resource] = objects;
    else await write(join(directory, `${resource}.json`), await redactedJson(objects.map(trimmedObject), 'kubernetes'));
  }
  return failed;
}

async function answerOrFailure<T extends object>(asked: Promise<T>): Promise<T | Failure> {
  const tried = await triedTo(asked);
  return 'ok' in tried ? tried.ok : savedFailure(tried.failed);
}

const savedFailure = ({ code, message, hint }: ToolError): Failure => ({ code, message, hint });

const failuresOf = (outcomes: readonly PodOutcome<unknown>[]): Readonly<Record<string, Failure>> =>
  Object.fromEntries(
    outcomes.flatMap((outcome) =>
      hasAnswered(outcome) ? [] : [[indexName(outcome.pod.name), savedFailure(outcome.failed)]],
    ),
  );
