// The body of an HTTP answer, of which no more is read than a limit allows.

import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';

export interface BoundedBody {
  readonly bytes: Buffer;
  /** There was more; the connection is ended then. */
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
      if (size > most) return { bytes: Buffer.concat(chunks, most), isCut: true };
    }
  } finally {
    if (!response.complete || size > most) response.destroy();
  }
  if (!response.complete) throw Object.assign(new Error('the answer ended in the middle'), { code: 'ECONNRESET' });
  return { bytes: Buffer.concat(chunks, size), isCut: false };
}
