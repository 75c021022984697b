// Blocks of lines as they stand in a file → those that have to be read as text. Where the bytes of a line say that it
// is of the access log, they also say whether the filters want it. This and the quick-* files read the formats a second
// time, on bytes, for files of gigabytes. Measured (docs/bench.md, "Logs"), 1000 MB: `--status 5xx` reads 578 MB/s of
// JSON and 374 MB/s of text. Where every line has to be read as text, it is 195 and 94 MB/s.

import { isAscii } from 'node:buffer';
import type { LogFilter } from './filter.ts';
import type { CompiledFormat } from './line-parser.ts';
import type { ReadValue } from './text-parser.ts';

const newline = 10;
const carriageReturn = 13;
const dash = 45;

export type TakeLine = (format: CompiledFormat, read: ReadValue) => void;

export interface Sifted {
  readonly runs: readonly Buffer[];
  readonly unwanted: number;
  readonly taken: number;
}

export class Sieve {
  readonly #formats: readonly CompiledFormat[];
  readonly #accepts: LogFilter['accepts'];
  readonly #at: Int32Array;
  #block: Buffer = Buffer.alloc(0);
  /** The block, where its characters are its bytes. */
  #text: string | undefined;

  /** `formats` as a parser has them: the first that reads a line has it. */
  constructor(formats: readonly CompiledFormat[], accepts: LogFilter['accepts']) {
    this.#formats = formats;
    this.#accepts = accepts;
    this.#at = new Int32Array(Math.max(...formats.map(({ quick }) => quick?.places ?? 0)));
  }

  /**
   * `block` is of whole lines, each with its newline. Wanted lines stay in `runs`, unless `take` is given: then it gets
   * them. `read` is valid only inside `take`.
   */
  sift(block: Buffer, take?: TakeLine): Sifted {
    this.#block = block;
    this.#text = isAscii(block) ? block.toString('latin1') : undefined;
    const sifted = { runs: [] as Buffer[], unwanted: 0, taken: 0 };
    let run = 0;
    for (let start = 0; start < block.length; ) {
      const newlineAt = block.indexOf(newline, start);
      const end = block[newlineAt - 1] === carriageReturn ? newlineAt - 1 : newlineAt;
      const fate = this.#fateOf(start, end, take);
      if (fate !== 'left') {
        sifted[fate]++;
        if (run < start) sifted.runs.push(block.subarray(run, start));
        run = newlineAt + 1;
      }
      start = newlineAt + 1;
    }
    if (run < block.length) sifted.runs.push(block.subarray(run));
    return sifted;
  }

  #fateOf(start: number, end: number, take: TakeLine | undefined): 'left' | 'unwanted' | 'taken' {
    const format = this.#formatOf(start, end);
    if (format === undefined) return 'left';
    if (!this.#accepts(format, this.#valueOf)) return 'unwanted';
    if (take === undefined) return 'left';
    take(format, this.#valueOf);
    return 'taken';
  }

  /** The first format that may have written the line decides; undefined where the line takes a closer look. */
  #formatOf(start: number, end: number): CompiledFormat | undefined {
    for (const format of this.#formats) {
      const { quick } = format;
      if (quick === undefined) return undefined;
      if (quick.begins(this.#block, start, end))
        return quick.find(this.#block, start, end, this.#at) ? format : undefined;
    }
    return undefined;
  }

  readonly #valueOf = (slot: number): string | undefined => {
    const start = this.#at[2 * slot] ?? 0;
    const end = this.#at[2 * slot + 1] ?? 0;
    if (end === start || (end === start + 1 && this.#block[start] === dash)) return undefined;
    return this.#text === undefined ? this.#block.toString('utf8', start, end) : this.#text.slice(start, end);
  };
}
