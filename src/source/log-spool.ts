// Lines of one pod between the reader of its log and the printer. The reader must not wait for the printer: a reader
// that falls behind a kubelet's rotation loses lines silently. Lines that do not fit into memory go to a file; lines
// that do not fit into the file are dropped and counted. The file is written and read synchronously: blocks are small,
// and order stays simple.

import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TimedLine } from '#cluster/stream/log-lines.ts';
import { LineSplitter } from '#core/lines.ts';

/** What all spools together may hold, in bytes; they count here. */
export interface SpoolBudget {
  readonly memory: number;
  readonly disk: number;
  inMemory: number;
  onDisk: number;
}

export interface SpooledLine extends TimedLine {
  /** When it was read, by the clock that the merge uses. */
  readonly at: number;
}

const blockBytes = 256 * 1024;
/** Of the objects around the text. */
const lineOverhead = 80;

const sizeOf = ({ text }: TimedLine): number => text.length + lineOverhead;

export class LogSpool {
  readonly #budget: SpoolBudget;
  #lines: SpooledLine[] = [];
  #first = 0;
  #file: SpillFile | undefined;
  #splitter = new LineSplitter();
  /** The number of lines that fit neither into memory nor into the file. */
  dropped = 0;
  /** Whether any line had to go to the file. */
  spilled = false;

  constructor(budget: SpoolBudget) {
    this.#budget = budget;
  }

  /** Never waits. */
  push(lines: readonly TimedLine[], at: number): void {
    const size = lines.reduce((sum, line) => sum + sizeOf(line), 0);
    const hasFile = this.#file !== undefined && this.#file.read < this.#file.written;
    if (!hasFile && this.#budget.inMemory + size <= this.#budget.memory) this.#keep(lines, at, size);
    else this.#spill(lines);
  }

  /** The oldest line; undefined where there is none now. */
  peek(): SpooledLine | undefined {
    if (this.#first === this.#lines.length) this.#refill();
    return this.#lines[this.#first];
  }

  shift(): SpooledLine | undefined {
    const line = this.peek();
    if (line === undefined) return undefined;
    this.#budget.inMemory -= sizeOf(line);
    this.#first++;
    if (this.#first > 1024 && this.#first * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
    return line;
  }

  close(): void {
    for (let line = this.#lines[this.#first]; line !== undefined; line = this.#lines[++this.#first])
      this.#budget.inMemory -= sizeOf(line);
    if (!this.#file) return;
    this.#budget.onDisk -= this.#file.written - this.#file.read;
    closeSync(this.#file.fd);
    if (!this.#file.isUnlinked) rmSync(this.#file.directory, { recursive: true, force: true });
    this.#file = undefined;
  }

  #keep(lines: readonly TimedLine[], at: number, size: number): void {
    this.#budget.inMemory += size;
    for (const { time, text } of lines) this.#lines.push({ time, text, at });
  }

  #spill(lines: readonly TimedLine[]): void {
    const bytes = Buffer.from(lines.map(({ time, text }) => `${time} ${text}\n`).join(''));
    if (this.#budget.onDisk + bytes.length > this.#budget.disk) {
      this.dropped += lines.length;
      return;
    }
    this.spilled = true;
    if (!this.#write(bytes)) this.dropped += lines.length;
  }

  /** False where the disk is full, or there is no directory for such files. */
  #write(bytes: Buffer): boolean {
    try {
      this.#file ??= openFile();
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file.fd, bytes, done, bytes.length - done, this.#file.written + done);
    } catch {
      return false;
    }
    this.#file.written += bytes.length;
    this.#budget.onDisk += bytes.length;
    return true;
  }

  #refill(): void {
    const file = this.#file;
    while (file && file.read < file.written && this.#first === this.#lines.length) {
      const block = Buffer.alloc(Math.min(blockBytes, file.written - file.read));
      const bytesRead = readSync(file.fd, block, 0, block.length, file.read);
      file.read += bytesRead;
      this.#budget.onDisk -= bytesRead;
      const lines = this.#splitter.push(block.subarray(0, bytesRead)).map(unspooled);
      this.#lines = [];
      this.#first = 0;
      // Lines of the file have waited long enough.
      this.#keep(
        lines,
        0,
        lines.reduce((sum, line) => sum + sizeOf(line), 0),
      );
    }
    if (!file || file.read < file.written || file.written === 0) return;
    ftruncateSync(file.fd, 0);
    file.read = 0;
    file.written = 0;
  }
}

interface SpillFile {
  readonly directory: string;
  readonly fd: number;
  readonly isUnlinked: boolean;
  written: number;
  read: number;
}

/** The file is unlinked once it is open, so that clients' addresses never stay on disk, however the process ends. */
function openFile(): SpillFile {
  const directory = mkdtempSync(join(tmpdir(), 'kii-log-'));
  const fd = openSync(join(directory, 'spill'), 'wx+', 0o600);
  return { directory, fd, isUnlinked: unlink(directory), written: 0, read: 0 };
}

/** False on Windows, where an open file keeps its directory. */
function unlink(directory: string): boolean {
  try {
    rmSync(directory, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

function unspooled(line: string): TimedLine {
  const space = line.indexOf(' ');
  return { time: line.slice(0, space), text: line.slice(space + 1) };
}
