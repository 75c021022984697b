// Bytes of the files that a preview is given, and of stdin.

import type { Readable } from 'node:stream';
import { ToolError } from '#core/error.ts';
import { abortable, readWholeFile } from '#files/read-file.ts';

/** So large no set of manifests is. */
const mostBytes = 64 * 1024 * 1024;

/** As errors name it. */
export const nameOfPath = (path: string): string => (path === '-' ? 'stdin' : path);

export const unreadable = (path: string, why: string, cause?: unknown, hint?: string): ToolError =>
  new ToolError('usage', `cannot read ${path}: ${why}`, { cause, hint });

/** Throws ToolError. */
export const readGivenFile = (path: string, stdin: NodeJS.ReadableStream, signal: AbortSignal): Promise<Buffer> =>
  path === '-' ? readStdin(stdin, signal) : readPath(path, signal);

/** Throws ToolError. */
export async function readPath(path: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readWholeFile(path, { mostBytes, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ToolError ? error : unreadable(path, (error as Error).message, error);
  }
}

async function readStdin(stdin: NodeJS.ReadableStream, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of abortable(stdin as Readable, signal)) {
    size += chunk.length;
    if (size > mostBytes) throw unreadable('stdin', `it is larger than ${mostBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
