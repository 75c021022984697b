// What is in a snapshot, and what was taken out of it.

import { checked, list, number, object, text } from '#core/schema.ts';
import type { Contents } from '#model/report.ts';
import { missingIn } from '#questions/snapshot/snapshot.ts';
import { readIndex } from '#source/saved.ts';
import { openSavedFiles } from '#source/saved-files.ts';
import { replacedFile } from '#source/saved-format.ts';

export interface SavedContents {
  readonly contents: Contents;
  /** What the snapshot was made of: `context prod`. */
  readonly origin: string;
  /** How far its logs of the gateway reach back. */
  readonly since: Date | undefined;
}

type Replaced = Contents['replaced'][number];

const replacedSchema = list(object<Replaced>({ class: text, places: number, values: number }));

/** Throws ToolError for what is neither a snapshot nor a directory of config-dump. */
export async function readContents(path: string, signal: AbortSignal): Promise<SavedContents> {
  const files = await openSavedFiles(path, signal);
  const index = await readIndex(files, path);
  const { snapshot } = index;
  const replaced = snapshot ? checked(replacedSchema, await files.json(replacedFile), replacedFile) : [];
  const since = snapshot?.logs.gateway?.since;
  return {
    contents: {
      madeBy: snapshot?.version,
      interruptedAt: snapshot?.interruptedAt,
      files: files.size?.files,
      bytes: files.size?.bytes,
      replaced: replaced.map(({ class: name, places, values }) => ({ class: name, places, values })),
      missing: missingIn(index).map(({ message }) => message),
    },
    origin: index.origin,
    since: since === undefined ? undefined : new Date(since),
  };
}
