// `config-dump --dir`: what every pod and istiod answers, and the objects around them, as files of a directory.

import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asToolError } from '#core/error.ts';
import type { PodOutcome } from '#core/fleet.ts';
import { asItCame } from '#core/ill-typed.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { claimEmptyDirectory, fileMode, makeDirectories } from '#files/private-directory.ts';
import {
  type Failure,
  formatVersion,
  indexFile,
  podFiles,
  type SavedIndex,
  savedResources,
} from '#source/saved-format.ts';
import {
  answerOrFailure,
  failuresOf,
  indented,
  indexGateway,
  indexPod,
  type Saving,
  saveIstiods,
  savePod,
} from './save-answers.ts';
import { trimmedObject } from './trimmed-object.ts';

export interface Written {
  readonly pods: readonly PodOutcome<number>[];
  readonly istiods: readonly PodOutcome<number>[];
}

/**
 * Asks every pod for everything, one pod after the other, and writes it below `directory`, which must be empty or not
 * there yet. `progress` gets a line about the current step. The values of the outcomes are bytes written.
 */
export async function writeDirectory(
  source: Source,
  directory: string,
  { now, progress }: Pick<Asking, 'now' | 'progress'>,
): Promise<Written> {
  const gateway = await source.gateway();
  await claimEmptyDirectory(directory);
  const saving: Saving = { write: writerInto(directory), jsonText: indented, podFiles };
  let done = 0;
  const pods = await source.everyPod(
    async (admin) => {
      progress(`${done + 1} of ${gateway.pods.length}: ${admin.pod.name}`);
      const { bytes } = await savePod(admin, saving);
      done++;
      return bytes;
    },
    undefined,
    { parallel: 1 },
  );
  const istiods = await saveIstiods(source, saving);
  const index: SavedIndex = {
    apiVersion: formatVersion,
    kind: 'ConfigDump',
    generatedAt: now.toISOString(),
    origin: source.origin,
    gateway: indexGateway(gateway),
    failedPods: failuresOf(pods),
    istiods: istiods.outcomes.map(({ pod }) => indexPod(pod)),
    failedIstiods: failuresOf(istiods.outcomes),
    noIstiods: istiods.failure,
    failedResources: await saveObjects(source, saving),
  };
  // Last, so that a directory with an index is whole.
  await saving.write(indexFile, `${JSON.stringify(index, null, 2)}\n`);
  return { pods, istiods: istiods.outcomes };
}

/** Follows no link: fails where the file exists. */
const writerInto =
  (directory: string): Saving['write'] =>
  async (path, text) => {
    const file = join(directory, path);
    try {
      await makeDirectories(dirname(file));
      await writeFile(file, text, { flag: 'wx', mode: fileMode });
    } catch (error) {
      throw asToolError(error, `write ${file}`);
    }
  };

/** Saves every kind that may be read, and returns the failures of the others. */
async function saveObjects(source: Source, { write }: Saving): Promise<SavedIndex['failedResources']> {
  const failed: Record<string, Failure> = {};
  for (const resource of savedResources.ConfigDump) {
    const objects = await answerOrFailure(source.list(resource));
    if ('code' in objects) failed[resource] = objects;
    else
      await write(
        `objects/${resource}.json`,
        indented(
          await withoutSecrets(
            objects.map((one) => trimmedObject(asItCame(one))),
            'kubernetes',
          ),
        ),
      );
  }
  return failed;
}
