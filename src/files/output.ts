// What is printed. Node's stream of a pipe loads its network code, 3 ms that help and Tab do without, and its stream of a
// file writes once, and does not look how much of the text a disk that gets full has taken.

import { fstatSync, writeFileSync, writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';

/** Standard output or error. */
export interface Output {
  /** Undefined where it is no device, and so no terminal. */
  readonly device: () => WriteStream | undefined;
  /** Resolves when the text is handed over. */
  readonly write: (text: string) => Promise<void>;
}

/** `stream` is opened when it is needed; what it says of errors without being asked is passed over. */
export function openOutput(fd: number, stream: () => WriteStream, platform: NodeJS.Platform): Output {
  const { isFile, isPipe } = kindOf(fd);
  let opened: WriteStream | undefined;
  const open = (): WriteStream => {
    opened ??= stream().on('error', () => {});
    return opened;
  };
  let isFirst = true;
  const write = async (text: string): Promise<void> => {
    if (isFile) {
      writeFileSync(fd, text);
      return;
    }
    const bytes = Buffer.from(text);
    // Later ones may find it full, and whoever waits for a reader in a call of the system does not hear Ctrl-C.
    const isTaken = isPipe && isFirst && bytes.length <= emptyPipeBytes && platform !== 'win32';
    isFirst = false;
    const rest = isTaken ? bytes.subarray(written(fd, bytes)) : bytes;
    if (rest.length > 0) await writeTo(open(), rest);
  };
  return { device: () => (isFile || isPipe ? undefined : open()), write };
}

/** How many of the bytes: none where the descriptor does not wait, and is full. */
function written(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}

const writeTo = (stream: WriteStream, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });

/** What every pipe takes at once when nothing was written into it. Source: fs/pipe.c of Linux, sys_pipe.c of XNU. */
const emptyPipeBytes = 16 * 1024;

/** Of what cannot be looked at, the stream says what is wrong with it. A pipe that Node has made is a pair of sockets. */
function kindOf(fd: number): { readonly isFile: boolean; readonly isPipe: boolean } {
  try {
    const stats = fstatSync(fd);
    return { isFile: stats.isFile(), isPipe: stats.isFIFO() || stats.isSocket() };
  } catch {
    return { isFile: false, isPipe: false };
  }
}
