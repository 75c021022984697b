// Bytes of the files that a preview is given, and of stdin.

import type { Readable } from 'node:stream';
import { reasonOf, ToolError } from '#core/error.ts';
import { abortable, readWholeFile } from '#files/read-file.ts';

/** So large no set of manifests is. */
const mostBytes = 64 * 1024 * 1024;

/** As errors name it. */
export const nameOfPath = (path: string): string => (path === '-' ? 'stdin' : path);

export const unreadable = (path: string, why: string, cause?: unknown, hint?: string): ToolError =>
  new ToolError('usage', `cannot read ${path}: ${why}`, { cause, hint });

/** Each costs the parser of YAML a kilobyte. */
const mostValues = 2_000_000;

/** Throws ToolError. */
export async function readGivenFile(path: string, stdin: NodeJS.ReadableStream, signal: AbortSignal): Promise<Buffer> {
  const bytes = await (path === '-' ? readStdin(stdin, signal) : readPath(path, signal));
  if (valuesIn(bytes) > mostValues)
    throw unreadable(nameOfPath(path), `it has more than ${mostValues / 1e6} million values`, undefined, 'split it');
  return bytes;
}

/** About as many: lines, and commas. */
function valuesIn(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x0a || byte === 0x2c) count++;
  return count;
}

/** Throws ToolError. */
export async function readPath(path: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readWholeFile(path, { mostBytes, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ToolError ? error : unreadable(path, reasonOf(error), error);
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
