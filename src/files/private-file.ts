// One file for nobody else to read.

import { lstat, rm, writeFile } from 'node:fs/promises';
import { asToolError, ToolError } from '#core/error.ts';
import { fileMode } from './private-directory.ts';

/** Throws ToolError `usage` where the path is there and may not be replaced. */
export async function expectWritable(path: string, mayReplace: boolean): Promise<void> {
  if (!mayReplace && (await exists(path))) throw isThere(path);
}

export const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

export const isThere = (path: string): ToolError =>
  new ToolError('usage', `cannot write ${path}: it exists`, { hint: 'give another name, or replace it with --force' });

/** Follows no link. Throws ToolError `machine` where it cannot be written, or exists and may not be replaced. */
export async function writePrivateFile(path: string, text: string, mayReplace: boolean): Promise<void> {
  try {
    if (mayReplace) await rm(path, { force: true });
    await writeFile(path, text, { flag: 'wx', mode: fileMode });
  } catch (error) {
    throw asToolError(error, `write ${path}`);
  }
}
