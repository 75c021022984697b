// Archives that `tar xzf` unpacks: written entry by entry, and read as what a stranger may have made.

import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { asToolError, ToolError } from '#core/error.ts';
import { headOf, prepended } from './head.ts';
import { packerOf } from './packers.ts';
import { fileMode } from './private-directory.ts';
import { expectWritable, giveName, partialOf } from './private-file.ts';
import { abortable, openFileStream } from './read-file.ts';

const blockBytes = 512;

export interface TgzWriter {
  /** Resolves when more may be written. Throws ToolError `machine`: a full disk… */
  add(name: string, content: string): Promise<void>;
  /** The file is there only now. Bytes of it. */
  finish(): Promise<number>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/**
 * For nobody else to read. The file gets its name when it is whole. Throws ToolError `usage` where `path` exists and
 * may not be replaced, `machine` for what the operating system refuses.
 */
export async function createTgz(path: string, time: Date, mayReplace: boolean): Promise<TgzWriter> {
  const [{ Header }, { Pax }] = await Promise.all([import('tar/header'), import('tar/pax')]);
  await expectWritable(path, mayReplace);
  const partial = partialOf(path);
  const gzip = createGzip();
  const file = createWriteStream(partial, { flags: 'wx', mode: fileMode });
  const writing = pipeline(gzip, file);
  // Whoever writes next hears of it.
  writing.catch(() => {});
  const attempt = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw asToolError(error, `write ${path}`);
    });
  const write = (bytes: Buffer): Promise<unknown> =>
    Promise.race([writing, new Promise<void>((resolve) => gzip.write(bytes, () => resolve()))]);
  const abandon = async (): Promise<void> => {
    gzip.destroy();
    await writing.catch(() => {});
    await rm(partial, { force: true });
  };
  return {
    add: (name, content) => {
      const body = Buffer.from(content);
      const fields = { path: name, mode: fileMode, size: body.length, mtime: time, type: 'File' } as const;
      const header = new Header(fields);
      header.encode();
      const before = header.needPax ? new Pax(fields).encode() : Buffer.alloc(0);
      const padding = Buffer.alloc((blockBytes - (body.length % blockBytes)) % blockBytes);
      return attempt(write(Buffer.concat([before, header.block as Buffer, body, padding])).then(() => {}));
    },
    finish: () =>
      attempt(
        (async () => {
          gzip.end(Buffer.alloc(2 * blockBytes));
          await writing;
          await giveName(partial, path, mayReplace);
          return file.bytesWritten;
        })(),
      ),
    abandon,
  };
}

export interface TgzLimits {
  /** Unpacked, all entries together. */
  readonly mostBytes: number;
  readonly mostEntries: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files of an archive by their names. Nothing is written anywhere. Throws ToolError `bad-answer` for what is no such
 * archive, is cut off, or holds a link, a device or a name that leads out of it; `too-large`; `not-found`.
 */
export async function readTgz(path: string, limits: TgzLimits): Promise<ReadonlyMap<string, Buffer>> {
  const { Parser } = await import('tar/parse');
  const files = new Map<string, Buffer>();
  let refused: ToolError | undefined;
  const left = { bytes: limits.mostBytes, entries: limits.mostEntries };
  const refuse = (code: 'bad-answer' | 'too-large', why: string): void => {
    refused ??= new ToolError(code, `cannot read ${path}: ${why}`);
  };
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const why = entry.type === 'Directory' ? undefined : (whyOdd(entry) ?? whyOddName(entry.path, files));
      if (why !== undefined) refuse('bad-answer', why);
      if (left.entries-- <= 0) refuse('too-large', `it has more than ${limits.mostEntries} entries`);
      const chunks: Buffer[] = [];
      const name = plainName(entry.path);
      const isKept = entry.type !== 'Directory' && !isPassedOver(name);
      if (isKept) files.set(name, Buffer.alloc(0));
      entry.on('data', (chunk: Buffer) => {
        if (isKept && refused === undefined) chunks.push(chunk);
      });
      entry.on('end', () => {
        if (isKept) files.set(name, Buffer.concat(chunks));
      });
    },
  });
  // What stands behind the end is nothing of the archive, and the parser would keep all of it in memory.
  let isOver = false;
  parser.on('eof', () => {
    isOver = true;
  });
  parser.on('error', (error: Error) =>
    refuse('bad-answer', `it is no archive of this tool, or is damaged (${error.message})`),
  );
  for await (const chunk of unpacked(path, limits.signal)) {
    left.bytes -= chunk.length;
    if (left.bytes < 0) refuse('too-large', `unpacked it is larger than ${limits.mostBytes / 1024 / 1024} MiB`);
    if (refused !== undefined) throw refused;
    if (!isOver) parser.write(chunk);
  }
  parser.end();
  if (refused !== undefined) throw refused;
  return files;
}

const plainName = (name: string): string => name.replace(/^(?:\.\/)+/, '');

const whyOdd = ({ type, path }: { readonly type: string; readonly path: string }): string | undefined =>
  type === 'File' || type === 'OldFile' ? undefined : `${quoted(path)} in it is a ${type}, not a file`;

/** Names of this tool have nothing else in them. */
const ownName = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** What who packs a directory again puts beside: a note, or `._index.json` of macOS. None of these leads out of it. */
const harmlessName = /^(?!\.\.?(?:\/|$))[\w .,()+@-]+(?:\/(?!\.\.?(?:\/|$))[\w .,()+@-]+)*$/;

const isPassedOver = (name: string): boolean => !ownName.test(name) && harmlessName.test(name);

function whyOddName(path: string, known: ReadonlyMap<string, unknown>): string | undefined {
  const name = plainName(path);
  if (isPassedOver(name)) return undefined;
  if (!ownName.test(name)) return `the name ${quoted(path)} in it is not one that this tool writes`;
  return known.has(name) ? `${quoted(path)} is in it twice` : undefined;
}

const quoted = (name: string): string => JSON.stringify(name.slice(0, 60));

/** The bytes of a file that is an archive, or of the one that a page of `report` has inside. */
async function* archiveBytes(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const { archiveIn } = await import('./page-archive.ts');
  yield* archiveIn(abortable(await openFileStream(path), signal), path);
}

/** The archive as it is, not unpacked. Throws `too-large` beyond `mostBytes`, and what the file system says. */
export async function readArchive(path: string, mostBytes: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of archiveBytes(path, signal)) {
    size += chunk.length;
    if (size > mostBytes)
      throw new ToolError(
        'too-large',
        `cannot put ${path} into a page: it is larger than ${mostBytes / 1024 / 1024} MiB`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Safari unpacks what it downloads, and leaves `incident.tar`. */
async function* unpacked(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let isBegun = false;
  try {
    const bytes = archiveBytes(path, signal);
    const first = await headOf(bytes, blockBytes);
    if (isTar(first)) return yield* prepended(first, bytes);
    expectNoOtherPacker(first, path);
    const feeding = pipeline(prepended(first, bytes), gunzip);
    feeding.catch(() => {});
    for await (const chunk of gunzip) {
      isBegun = true;
      yield chunk as Buffer;
    }
    await feeding;
  } catch (error) {
    throw asReadError(error, path, isBegun);
  } finally {
    gunzip.destroy();
  }
}

function expectNoOtherPacker(head: Buffer, path: string): void {
  const [name] = packerOf(head) ?? [];
  if (name === undefined) return;
  throw new ToolError('bad-answer', `cannot read ${path}: it is packed with ${name}`, {
    hint: 'unpack it first, and give --from what was in it',
  });
}

/** Source: POSIX pax, "ustar Header Block": the magic is at byte 257. */
const isTar = (head: Buffer): boolean => head.toString('latin1', 257, 262) === 'ustar';

function asReadError(error: unknown, path: string, isBegun: boolean): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR')
    return new ToolError('bad-answer', `cannot read ${path}: it is cut off (${message})`, {
      hint: 'copy it again, or ask for a new one: who made it may have run out of disk',
      cause: error,
    });
  if (message === 'incorrect header check' && !isBegun)
    return new ToolError(
      'bad-answer',
      `cannot read ${path}: it is neither a snapshot nor a page of report (${message})`,
      {
        hint: 'make a snapshot with: kubectl istio-ingress snapshot FILE',
        cause: error,
      },
    );
  if (code.startsWith('Z_'))
    return new ToolError('bad-answer', `cannot read ${path}: it is damaged (${message})`, {
      hint: 'copy it again',
      cause: error,
    });
  return error instanceof ToolError ? error : asToolError(error, `read ${path}`);
}

/** Whether a file begins as such an archive does. */
export async function isTgz(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    for await (const chunk of unpacked(path, undefined)) return isTar(chunk);
  } catch {
    // Whoever reads it says why it cannot be read.
  }
  return false;
}
