// Log levels that are to be put back, kept on disk from before the first change until the last pod has its own again:
// after a crash, or from another terminal, `log-level --restore` goes on from here. One file for each run that raised
// some.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import type { LogLevel } from '#core/admin.ts';
import { mapBounded } from '#core/concurrency.ts';
import { reasonOf, ToolError } from '#core/error.ts';
import { field, parseJson } from '#core/json.ts';
import { limits } from '#core/limits.ts';
import { boolean, checked, list, object, text, time } from '#core/schema.ts';
import { userDirectory } from '#core/user-directory.ts';
import type { PreviousLevels } from '#model/log-level.ts';

const apiVersion = 'istio-ingress/v1';
const kind = 'RaisedLogLevels';

export interface LevelRecord {
  /** The API server's address: names of contexts differ between kubeconfigs. */
  readonly server: string;
  readonly origin: string;
  /** RFC 3339. */
  readonly setAt: string;
  readonly pods: readonly PreviousLevels[];
}

const recordSchema = object<LevelRecord>({
  server: text,
  origin: text,
  setAt: time,
  pods: list(
    object<PreviousLevels>({
      namespace: text,
      pod: text,
      all: boolean,
      levels: list(object<LogLevel>({ logger: text, level: text })),
    }),
  ),
});

export interface SavedRecord {
  readonly file: string;
  readonly record: LevelRecord;
}

export interface LevelRecords {
  /** The oldest first; `warn` gets a line for each file that cannot be read. */
  list(warn: (line: string) => void): Promise<readonly SavedRecord[]>;
  /** Throws ToolError `usage` where it cannot be written. */
  add(record: LevelRecord): Promise<SavedRecord>;
  /** With other pods; none left removes it. */
  keep(saved: SavedRecord, pods: readonly PreviousLevels[]): Promise<void>;
  /** False where somebody else has put the levels back. */
  has(saved: SavedRecord): boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Without a home directory it cannot be written, which is what the user is told. */
const directoryOf = (env: Environment): string =>
  join(
    userDirectory('state', env, { home: homedir(), platform: platform() }) ?? '/',
    'kubectl-istio-ingress',
    'log-levels',
  );

export function levelRecords(env: Environment): LevelRecords {
  const directory = directoryOf(env);
  return {
    list: async (warn) => {
      const names = existsSync(directory)
        ? (await readdir(directory)).filter((name) => name.endsWith('.json')).sort()
        : [];
      const read = await mapBounded(names, 1, (name) => readSaved(join(directory, name), warn));
      return read.flatMap((saved) => saved ?? []);
    },
    add: async (record) => {
      const file = join(directory, `${record.setAt.replaceAll(':', '')}-${randomUUID().slice(0, 8)}.json`);
      await write(directory, file, record);
      return { file, record };
    },
    keep: async ({ file, record }, pods) => {
      if (pods.length === 0) await rm(file, { force: true });
      else await write(directory, file, { ...record, pods });
    },
    has: ({ file }) => existsSync(file),
  };
}

async function readSaved(file: string, warn: (line: string) => void): Promise<SavedRecord | undefined> {
  try {
    const { readWholeFile } = await import('#files/read-file.ts');
    const body = await readWholeFile(file, { mostBytes: limits.ownFileBytes, isRegular: true });
    const json = parseJson(body, file);
    if (field(json, 'apiVersion') === apiVersion && field(json, 'kind') === kind)
      return { file, record: checked(recordSchema, json, file) };
    warn(`another version of this tool wrote ${file}: its log levels stay as they are`);
  } catch (error) {
    // Another run may have removed its own record just now.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      warn(error instanceof ToolError ? error.message : `cannot read ${file}: ${reasonOf(error)}`);
  }
  return undefined;
}

/** Writes the file whole or not at all, readable for its owner only. A crash in the middle leaves the old file. */
async function write(directory: string, file: string, record: LevelRecord): Promise<void> {
  try {
    const { makeDirectories } = await import('#files/private-directory.ts');
    await makeDirectories(directory);
    const handle = await open(`${file}.new`, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ apiVersion, kind, ...record }, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new ToolError('usage', `cannot keep the log levels to put back in ${directory}: ${reasonOf(error)}`, {
      hint: 'set $XDG_STATE_HOME to a directory that you may write to',
      cause: error,
    });
  }
}

/** The levels that pods had before all records: of two runs that overlap, the first knows them. */
export function earliestLevels(
  saved: readonly SavedRecord[],
  server: string,
): (namespace: string, pod: string, logger: string) => string | undefined {
  const levels = new Map<string, string>();
  const key = (namespace: string, pod: string, logger: string): string => JSON.stringify([namespace, pod, logger]);
  for (const { record } of saved.toReversed()) {
    if (record.server !== server) continue;
    for (const pod of record.pods)
      for (const { logger, level } of pod.levels) levels.set(key(pod.namespace, pod.pod, logger), level);
  }
  return (namespace, pod, logger) => levels.get(key(namespace, pod, logger));
}
