// Reads the body of an HTTP answer up to a limit.

import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { limits } from '#core/limits.ts';

export interface BoundedBody {
  readonly bytes: Buffer;
  /** The body is larger than the limit: `bytes` are its beginning, and the connection has been closed. */
  readonly isCut: boolean;
}

/** `most` counts what is unpacked: a megabyte of gzip can be a gigabyte. Rejects where the answer ends in the middle. */
export async function readBody(response: IncomingMessage, most: number): Promise<BoundedBody> {
  const isGzip = response.headers['content-encoding'] === 'gzip';
  const stream = isGzip ? response.pipe(createGunzip()) : response;
  if (isGzip) response.on('error', (error) => stream.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      chunks.push(chunk);
      if (size > most) return { bytes: Buffer.concat(chunks, Math.min(most, limits.errorBytes)), isCut: true };
    }
  } finally {
    if (!response.complete || size > most) response.destroy();
  }
  if (!response.complete) throw Object.assign(new Error('the answer ended in the middle'), { code: 'ECONNRESET' });
  return { bytes: Buffer.concat(chunks, size), isCut: false };
}
