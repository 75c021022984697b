// Exported logs: a file or stdin, plain or gzip, as chunks of bytes.

import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ToolError } from '#core/error.ts';
import { headOf, prepended } from '#files/head.ts';
import { packerOf } from '#files/packers.ts';

/** Of what is unpacked. */
const blockBytes = 128 * 1024;

/** What tells packers and byte order marks. */
const markBytes = 3;

/**
 * `-` is `stdin`. Chunks of what is in it, unpacked and in UTF-8; each is valid until the next is asked for. Throws
 * ToolError `not-found` or `bad-answer`, also in the middle.
 */
export async function* readLogFile(
  path: string,
  stdin: NodeJS.ReadableStream,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const { abortable, fileChunks } = await import('#files/read-file.ts');
  const what = path === '-' ? 'stdin' : path;
  try {
    const chunks = path === '-' ? abortable(stdin as Readable, signal) : fileChunks(path, signal);
    for await (const chunk of asUtf8(unzipped(what, chunks))) {
      signal?.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    throw asFileError(error, what);
  }
}

/** gzip by its first two bytes (RFC 1952 §2.3.1), whatever the name. */
async function* unzipped(what: string, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const head = await headOf(chunks, markBytes);
  const [name, command] = packerOf(head) ?? [];
  if (name !== undefined)
    throw new ToolError('usage', `cannot read ${what}: it is packed with ${name}`, {
      hint: `unpack it on the way: ${command} FILE | kubectl istio-ingress logs --from -`,
    });
  const all = prepended(head, chunks);
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* all;
    return;
  }
  const gunzip = createGunzip({ chunkSize: blockBytes });
  const feeding = feed(all, gunzip);
  for await (const chunk of gunzip) yield chunk as Buffer;
  await feeding;
}

/** UTF-16 by its byte order mark, as PowerShell's `>` writes it, or by its zeros; that of UTF-8 is no part of the first line. */
async function* asUtf8(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const head = await headOf(chunks, markBytes);
  const mark = head.toString('latin1', 0, 3);
  if (mark === '\u00ef\u00bb\u00bf') yield* prepended(head.subarray(3), chunks);
  else if (/^(?:\u00ff\u00fe|[^\0]\0[^\0])/.test(mark)) yield* decoded(prepended(head, chunks), 'utf-16le');
  else if (/^(?:\u00fe\u00ff|\0[^\0]\0)/.test(mark)) yield* decoded(prepended(head, chunks), 'utf-16be');
  else yield* prepended(head, chunks);
}

async function* decoded(chunks: AsyncIterable<Buffer>, encoding: 'utf-16le' | 'utf-16be'): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function feed(
  from: AsyncIterable<Buffer>,
  to: NodeJS.WritableStream & { destroy(error?: Error): void },
): Promise<void> {
  try {
    // It reads the chunk, which is overwritten then, until it calls back.
    for await (const chunk of from) await new Promise<void>((resolve) => to.write(chunk, () => resolve()));
    to.end();
  } catch (error) {
    to.destroy(error as Error);
  }
}

function asFileError(error: unknown, what: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new ToolError('not-found', `cannot read ${what}: it does not exist`, { cause: error });
  if (code === 'EISDIR') {
    return new ToolError('usage', `cannot read ${what}: it is a directory, and config-dump saves no logs`, {
      hint: 'give a file of exported logs, or - for stdin',
    });
  }
  if (code?.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return new ToolError('bad-answer', `cannot read ${what}: ${message}`, { cause: error });
  return error;
}
