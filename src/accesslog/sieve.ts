// Blocks of lines as they stand in a file → those that have to be read as text. Where the bytes of a line say that it
// is of the access log, they also say whether the filters want it. This and the quick-* files read the formats a second
// time, on bytes, for files of gigabytes: where every line has to be read as text it takes three times as long
// (docs/bench.md, "Logs").

import { isAscii } from 'node:buffer';
import { blockOf } from './byte-table.ts';
import type { LogFilter } from './filter.ts';
import type { CompiledFormat } from './line-parser.ts';
import { type FoundLine, findValue, placesFor, quickFormat } from './quick-line.ts';
import type { ReadValue } from './text-parser.ts';

const newline = 10;
const carriageReturn = 13;

/**
 * What is printed of a line, empty for one that is only counted; undefined where it has to be read as text. Nothing that
 * it is given is valid later on.
 */
export type TakeLine = (format: CompiledFormat, read: ReadValue, line: FoundLine) => string | undefined;

export interface Sifted {
  /** In the order of the lines: what is printed of some, and runs of those to be read as text. */
  readonly pieces: readonly (string | Buffer)[];
  readonly unwanted: number;
  readonly taken: number;
}

const leaveLine: TakeLine = () => undefined;

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
    this.#line = { block: blockOf(Buffer.alloc(0)), start: 0, end: 0, at: placesFor(formats), isAscii: true };
  }

  /** `block` is of whole lines, each with its newline. */
  sift(block: Buffer, take = leaveLine): Sifted {
    this.#line.block = blockOf(block);
    this.#line.isAscii = isAscii(block);
    this.#text = undefined;
    const pieces = new Pieces(block);
    const sifted = { pieces: pieces.all, unwanted: 0, taken: 0 };
    for (let start = 0; start < block.length; ) {
      const newlineAt = block.indexOf(newline, start);
      this.#line.start = start;
      this.#line.end = block[newlineAt - 1] === carriageReturn ? newlineAt - 1 : newlineAt;
      start = newlineAt + 1;
      const format = quickFormat(this.#formats, this.#line);
      if (format === undefined) continue;
      const isWanted = this.#accepts(format, this.#valueOf);
      const text = isWanted ? take(format, this.#valueOf, this.#line) : '';
      if (text === undefined) continue;
      sifted[isWanted ? 'taken' : 'unwanted']++;
      pieces.put(text, this.#line.start, start);
    }
    pieces.end();
    return sifted;
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

/** What comes of a block: a text for lines that were taken, and between them the others as they stand. */
class Pieces {
  readonly all: (string | Buffer)[] = [];
  readonly #block: Buffer;
  #text = '';
  /** Up to here all is in pieces or in the text. */
  #upTo = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  /** `text` stands for the bytes from `from` to before `to`. */
  put(text: string, from: number, to: number): void {
    if (from > this.#upTo) this.#leave(from);
    this.#text += text;
    this.#upTo = to;
  }

  end(): void {
    if (this.#upTo < this.#block.length) this.#leave(this.#block.length);
    this.#flush();
  }

  #leave(to: number): void {
    this.#flush();
    this.all.push(this.#block.subarray(this.#upTo, to));
  }

  #flush(): void {
    if (this.#text !== '') this.all.push(this.#text);
    this.#text = '';
  }
}
