// Where saved answers are: files of a directory, or of an archive. Either may be a stranger's.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asToolError, reasonOf, ToolError } from '#core/error.ts';
import { parseJson } from '#core/json.ts';
import { limits } from '#core/limits.ts';
import { pathInside } from '#files/private-directory.ts';
import { readWholeFile } from '#files/read-file.ts';
import { indexFile } from './saved-format.ts';

export interface SavedFiles {
  /** For messages: `directory DIR`, `snapshot FILE`. */
  readonly origin: string;
  /** A file by its path, with slashes. Throws ToolError `not-found`, `bad-answer`, `too-large`. */
  read(path: string): Promise<Buffer>;
  json(path: string): Promise<unknown>;
  /** Of an archive: how many files there are, and their bytes. */
  readonly size?: { readonly files: number; readonly bytes: number };
}

/** Whether it is a directory with an index, or the archive of a snapshot; why it cannot be read is not told. */
export async function isSaved(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    return stat(join(path, indexFile)).then(
      () => true,
      () => false,
    );
  return found?.isFile() === true && (await import('#files/tgz.ts')).isTgz(path);
}

/** An archive is read at once, a directory file by file. Throws ToolError `machine`, `bad-answer`, `too-large`. */
export async function openSavedFiles(path: string, signal: AbortSignal): Promise<SavedFiles> {
  if (path === '-')
    throw new ToolError('usage', 'cannot read a snapshot from standard input', {
      hint: 'save it, and give --from the file',
    });
  const found = await stat(path).catch((error: unknown) => {
    throw asToolError(error, `read ${path}`);
  });
  const isFile = !found.isDirectory();
  const origin = isFile ? `snapshot ${path}` : `directory ${path}`;
  const { read, ...rest } = isFile ? await archiveReader(path, signal) : directoryReader(path, signal);
  return { origin, read, ...rest, json: async (file) => parseJson(await read(file), join(path, file)) };
}

type Reader = Pick<SavedFiles, 'read' | 'size'>;

const directoryReader = (path: string, signal: AbortSignal): Reader => ({
  read: (file) => readFromDirectory(path, file, signal),
});

async function archiveReader(path: string, signal: AbortSignal): Promise<Reader> {
  const { readTgz } = await import('#files/tgz.ts');
  const files = await readTgz(path, {
    mostBytes: limits.snapshotBytes,
    mostEntries: limits.snapshotEntries,
    signal,
  });
  const root = rootOf([...files.keys()]);
  return {
    size: { files: files.size, bytes: files.values().reduce((sum, { length }) => sum + length, 0) },
    read: async (file) => {
      const body = files.get(`${root}${file}`);
      if (body !== undefined) return body;
      throw new ToolError('not-found', `cannot read ${file} in ${path}: the snapshot does not have it`);
    },
  };
}

/** Who packs an unpacked snapshot again may pack its directory with it. */
function rootOf(names: readonly string[]): string {
  if (names.includes(indexFile)) return '';
  const indexes = names.filter((name) => name.endsWith(`/${indexFile}`));
  return indexes.length === 1 ? (indexes[0] ?? '').slice(0, -indexFile.length) : '';
}

/**
 * A directory from somebody else may hold links and devices. Refuses paths that lead out of it, and everything but
 * regular files.
 */
async function readFromDirectory(directory: string, file: string, signal: AbortSignal): Promise<Buffer> {
  try {
    const path = await pathInside(directory, file);
    return await readWholeFile(path, { mostBytes: limits.savedFileBytes, signal, isRegular: true });
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError('not-found', `cannot read ${join(directory, file)}: ${reasonOf(error)}`, { cause: error });
  }
}
