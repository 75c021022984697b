// One file for nobody else to read.

import { randomBytes } from 'node:crypto';
import { access, constants, link, lstat, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asToolError, ToolError } from '#core/error.ts';
import { fileMode } from './private-directory.ts';

/**
 * Throws ToolError `usage` where the path is there and may not be replaced, is a directory, or leads to a device or pipe:
 * a file in the place of /dev/null breaks a machine, and one called `-` is none that anybody wants. `machine` where nothing
 * can be written into its directory: before minutes of asking, not after.
 */
export async function expectWritable(path: string, mayReplace: boolean): Promise<void> {
  if (path === '' || path === '-')
    throw new ToolError('usage', `cannot write to ${path === '' ? 'an empty name' : 'standard output'}`, {
      hint: 'name a file',
    });
  const there = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENAMETOOLONG') throw asToolError(error, `write ${path}`);
    return undefined;
  });
  if (there?.isDirectory())
    throw new ToolError('usage', `cannot write ${path}: it is a directory`, { hint: 'name a file in it' });
  if (there && !mayReplace) throw isThere(path);
  const target = there && (await stat(path).catch(() => undefined));
  if (target && !target.isFile() && !target.isDirectory())
    throw new ToolError('usage', `cannot write ${path}: it is a device or pipe, not a file`, { hint: 'name a file' });
  const directory = dirname(path);
  await access(directory, constants.W_OK).catch((error: unknown) => {
    throw asToolError(error, `write into ${directory}`);
  });
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const isThere = (path: string): ToolError =>
  new ToolError('usage', `cannot write ${path}: it exists`, { hint: 'give another name, or replace it with --force' });

/** What the file is called until it is whole. */
export const partialOf = (path: string): string => `${path}.${randomBytes(4).toString('hex')}.part`;

/**
 * Follows no link. A link is made only where nothing has the name; some file systems have none. Throws ToolError `usage`
 * where the path is there and may not be replaced, and what the operating system says.
 */
export async function giveName(partial: string, path: string, mayReplace: boolean): Promise<void> {
  if (mayReplace) return rename(partial, path);
  try {
    await link(partial, path);
    await rm(partial);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || (await exists(path))) throw isThere(path);
    await rename(partial, path);
  }
}

/**
 * The file gets its name when it is whole: what it replaces is there until then. Throws ToolError `usage` where the path
 * is there and may not be replaced, `machine` where it cannot be written.
 */
export async function writePrivateFile(path: string, text: string, mayReplace: boolean): Promise<void> {
  const partial = partialOf(path);
  try {
    await writeFile(partial, text, { flag: 'wx', mode: fileMode });
    await giveName(partial, path, mayReplace);
  } catch (error) {
    await rm(partial, { force: true });
    throw asToolError(error, `write ${path}`);
  }
}
