// Directories that only their owner can read.

import { chmod, lstat, mkdir, mkdtemp, readdir, realpath, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { asToolError, reasonOf, ToolError } from '#core/error.ts';

const directoryMode = 0o700;
export const fileMode = 0o600;

/** Throws ToolError `machine`. Who asks for it removes it. */
export const temporaryDirectory = (name: string): Promise<string> =>
  mkdtemp(join(tmpdir(), `kii-${name}-`)).catch((error: unknown) => {
    throw asToolError(error, 'make a temporary directory (TMPDIR says where)');
  });

/**
 * Makes missing parents too, one by one: Node's `recursive` never ends where a file system answers ENOENT for a
 * directory that cannot be made (/proc). Throws the operating system's error.
 */
export async function makeDirectories(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: directoryMode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const above = dirname(resolve(directory));
    if (code === 'EEXIST' && (await isDirectory(directory))) return;
    if (code !== 'ENOENT' || above === resolve(directory) || (await isDirectory(above))) throw error;
    await makeDirectories(above);
    await mkdir(directory, { mode: directoryMode });
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(await realpath(path))).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Makes the directory, or takes an existing one that is empty and the user's own: another owner could put links into
 * it. Throws ToolError `usage`.
 */
export async function claimEmptyDirectory(directory: string): Promise<void> {
  try {
    await makeDirectories(directory);
    if ((await readdir(directory)).length > 0) throw cannotWrite(directory, 'it is not empty');
    if (!(await isOwn(directory))) throw cannotWrite(directory, 'it belongs to somebody else');
    await chmod(directory, directoryMode);
  } catch (error) {
    throw error instanceof ToolError ? error : cannotWrite(directory, reasonOf(error), error);
  }
}

/** Only the file system knows who owns new files: it may be a remote one. */
async function isOwn(directory: string): Promise<boolean> {
  const probe = await mkdtemp(join(directory, '.owner-'));
  try {
    const [own, { uid }] = await Promise.all([lstat(probe), lstat(await realpath(directory))]);
    return own.uid === uid;
  } finally {
    await rmdir(probe);
  }
}

const cannotWrite = (directory: string, why: string, cause?: unknown): ToolError =>
  new ToolError('usage', `cannot write into ${directory}: ${why}`, { cause });

/** The real path of a file below `directory`. Throws ToolError `bad-answer` where links lead out of it. */
export async function pathInside(directory: string, ...parts: readonly string[]): Promise<string> {
  const path = join(directory, ...parts);
  const [root, real] = await Promise.all([realpath(directory), realpath(path)]);
  if (real.startsWith(root.endsWith(sep) ? root : root + sep)) return real;
  throw new ToolError('bad-answer', `cannot read ${path}: it leads out of ${directory}`);
}
