// Blocks of lines as they stand in a file → those that have to be read as text. Where the bytes of a line say that it
// is of the access log, they also say whether the filters want it. This and the quick-* files read the formats a second
// time, on bytes, for files of gigabytes: where every line has to be read as text it takes three times as long
// (docs/bench.md, "Logs").

import { isAscii } from 'node:buffer';
import { blockOf } from './byte-table.ts';
import type { LogFilter } from './filter.ts';
import type { CompiledFormat } from './line-parser.ts';
import { type FoundLine, findValue } from './quick-line.ts';
import type { ReadValue } from './text-parser.ts';

const newline = 10;
const carriageReturn = 13;

/** Nothing of it is valid later on. */
export type TakeLine = (format: CompiledFormat, read: ReadValue, line: FoundLine) => void;

export interface Sifted {
  readonly runs: readonly Buffer[];
  readonly unwanted: number;
  readonly taken: number;
}

export class Sieve {
  readonly #formats: readonly CompiledFormat[];
  readonly #accepts: LogFilter['accepts'];
  readonly #line: { -readonly [K in keyof FoundLine]: FoundLine[K] };
  readonly #range = new Int32Array(2);
  /** The block, where its characters are its bytes and somebody has asked for a value. */
  #text: string | undefined;

  /** `formats` as a parser has them: the first that reads a line has it. */
  constructor(formats: readonly CompiledFormat[], accepts: LogFilter['accepts']) {
    this.#formats = formats;
    this.#accepts = accepts;
    const places = Math.max(...formats.map(({ quick }) => quick?.places ?? 0));
    this.#line = { block: blockOf(Buffer.alloc(0)), start: 0, end: 0, at: new Int32Array(places), isAscii: true };
  }

  /**
   * `block` is of whole lines, each with its newline. Wanted lines stay in `runs`, unless `take` is given: then it gets
   * them.
   */
  sift(block: Buffer, take?: TakeLine): Sifted {
    this.#line.block = blockOf(block);
    this.#line.isAscii = isAscii(block);
    this.#text = undefined;
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
    this.#line.start = start;
    this.#line.end = end;
    const format = this.#formatOf(this.#line);
    if (format === undefined) return 'left';
    if (!this.#accepts(format, this.#valueOf)) return 'unwanted';
    if (take === undefined) return 'left';
    take(format, this.#valueOf, this.#line);
    return 'taken';
  }

  /** The first format that may have written the line decides; undefined where the line takes a closer look. */
  #formatOf({ block, start, end, at }: FoundLine): CompiledFormat | undefined {
    for (const format of this.#formats) {
      const { quick } = format;
      if (quick === undefined) return undefined;
      if (quick.begins(block.bytes, start, end)) return quick.find(block, start, end, at) ? format : undefined;
    }
    return undefined;
  }

  readonly #valueOf = (slot: number): string | undefined => {
    const { block, isAscii: isPlain } = this.#line;
    const range = findValue(this.#line, slot, this.#range);
    const start = range[0] as number;
    const end = range[1] as number;
    if (start === end) return undefined;
    if (!isPlain) return block.bytes.toString('utf8', start, end);
    this.#text ??= block.bytes.toString('latin1');
    return this.#text.slice(start, end);
  };
}
