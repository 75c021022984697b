// Reads files of this machine with a limit, and stops on Ctrl-C. Both hold for any file: a FIFO without writer, a
// device, a link to either.

import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  type Stats,
} from 'node:fs';
import type { Readable } from 'node:stream';
import { ToolError } from '#core/error.ts';

export interface FileLimits {
  readonly mostBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** True: refuses everything but regular files. */
  readonly isRegular?: boolean;
}

/** A regular file of this size is read at once. */
const smallBytes = 1024 * 1024;

/** Throws ToolError `too-large` or `bad-answer`, the signal's reason, or the operating system's error. */
export async function readWholeFile(path: string, limits: FileLimits): Promise<Buffer> {
  const { mostBytes, signal, isRegular = false } = limits;
  const opened = openFile(path);
  if (isRegular && !opened.stats.isFile()) {
    closeSync(opened.fd);
    throw new ToolError('bad-answer', `cannot read ${path}: it is no regular file`);
  }
  if (opened.stats.isFile() && opened.stats.size <= Math.min(smallBytes, mostBytes)) return readSmall(opened.fd);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of abortable(await streamOf(opened), signal)) {
    size += chunk.length;
    if (size > mostBytes)
      throw new ToolError(
        'too-large',
        `cannot read ${path}: it is larger than ${Math.floor(mostBytes / 1024 / 1024)} MiB`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The chunks of a file, which may go on for ever. Throws the operating system's error. */
export async function openFileStream(path: string): Promise<Readable> {
  return streamOf(openFile(path));
}

const chunkBytes = 128 * 1024;

/**
 * The chunks of a file, which may go on for ever: each is valid until the next is asked for. Small enough to stay in the
 * CPU's caches: larger ones were slower. Throws the signal's reason, or the operating system's error.
 */
export async function* fileChunks(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const opened = openFile(path);
  if (opened.stats.isFile()) yield* chunksOfRegular(opened.fd, signal);
  else yield* abortable(await streamOf(opened), signal);
}

/** So many are read before signals are heard. */
const chunksAtOnce = 64;

/** A regular file never waits: to hand each chunk over from another thread took longer than to read it. */
async function* chunksOfRegular(fd: number, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(chunkBytes);
  try {
    for (let count = 1; ; count++) {
      if (count % chunksAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      const length = readSync(fd, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

/** The chunks. The signal ends the wait for the next one; its reason is thrown. */
export async function* abortable(stream: Readable, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const onAbort = (): void => void stream.destroy(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    for await (const chunk of stream) {
      yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
      signal?.throwIfAborted();
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}

interface OpenedFile {
  readonly fd: number;
  readonly stats: Stats;
}

/**
 * With O_NONBLOCK, open(2) does not wait for the writer of a FIFO: that wait would be in a thread that nothing can end.
 */
function openFile(path: string): OpenedFile {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  return { fd, stats: fstatSync(fd) };
}

function readSmall(fd: number): Buffer {
  try {
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The event loop waits for sockets and FIFOs. Threads read regular files, which never make them wait. */
async function streamOf({ fd, stats }: OpenedFile): Promise<Readable> {
  // Most files are regular, and Tab must not pay for the rest.
  const isWaitedFor = stats.isFIFO() || stats.isSocket() || (stats.isCharacterDevice() && (await isTerminal(fd)));
  if (!isWaitedFor) return createReadStream('', { fd, highWaterMark: chunkBytes });
  const { Socket } = await import('node:net');
  return new Socket({ fd, readable: true, writable: false });
}

const isTerminal = async (fd: number): Promise<boolean> => (await import('node:tty')).isatty(fd);
